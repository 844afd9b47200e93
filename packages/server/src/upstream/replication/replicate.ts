// Copies to other registries: queued when something becomes visible, made by one worker, looked after on a schedule.
import { inert, messageOf } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import type { RegistryOptions } from '@plombe/oci';
import type { Database, RegistryStore } from '@plombe/store';
import type { Gate } from '../../registry/ports.ts';
import { openLinks, type Link } from '../link.ts';
import { nobody } from '../nobody.ts';
import { copyManifest, farName, visibleTags } from './copy.ts';
import { openCopyQueue, type QueuedCopy } from './queue.ts';
import type { ReplicationRule } from './rule.ts';

/** What is copied, and how other registries are asked. */
export interface ReplicationOptions {
  readonly rules: readonly ReplicationRule[];
  readonly network: RegistryOptions;
}

export interface Replication {
  /** A store that queues what becomes visible. */
  watch(store: RegistryStore): RegistryStore;
  /** Begins to copy, what the gate lets through. */
  start(store: RegistryStore, gate: Gate): void;
  close(): Promise<void>;
}

/** Looks for what is due this often, besides when something is queued. */
const pollMs = 5000;
const copiesAtOnce = 2;
/** The first wait after a failure; it doubles. */
const retry = { firstMs: 5000, lastMs: 3_600_000 } as const;

/** Opens it. The database has run `replicationMigrations`. */
export function openReplication({ rules, network }: ReplicationOptions, db: Database, ctx: Context): Replication {
  const ending = new AbortController();
  const signal = AbortSignal.any([ctx.signal, ending.signal]);
  const own: Context = { ...ctx, signal };
  const queue = openCopyQueue(db);
  const far = rules.map((rule) => {
    const options = { origin: rule.origin, isCache: false, tagTtlMs: 0, offline: () => false, waitMs: 0 };
    const links = openLinks([options], network, own);
    return { rule, links, link: links.all[0] as Link };
  });
  const busy = new Set<string>();
  const timers: NodeJS.Timeout[] = [];
  const running = new Set<Promise<void>>();
  let work: (() => void) | undefined;

  const noted = (store: RegistryStore, repository: string, digest: Digest): void => {
    const isReferrer = store.manifest(repository, digest, 'visible')?.subject !== undefined;
    for (const { rule } of far) {
      if (rule.on !== 'push' || !rule.matches(repository) || (isReferrer && !rule.referrers)) continue;
      queue.add(rule.name, repository, digest, ctx.clock.nowMs());
    }
    work?.();
  };

  function start(store: RegistryStore, gate: Gate): void {
    async function copy(job: QueuedCopy, rule: ReplicationRule, link: Link): Promise<void> {
      const { repository, digest } = job;
      try {
        const refusal = gate.pull(repository, digest, nobody);
        if (store.manifest(repository, digest, 'visible') === undefined || !rule.matches(repository))
          return queue.drop(job);
        if (refusal !== undefined) throw new Error(`The gate serves it to nobody: ${refusal.message}`);
        const tags = visibleTags(store, repository, digest);
        await copyManifest(rule, link, repository, digest, { store, queue, signal });
        await gate.copied?.({ repository, digest, tags, to: `${link.registry}/${farName(rule, repository)}` });
        queue.done(job, tags, ctx.clock.nowMs());
        // A tag may have come meanwhile.
        if (visibleTags(store, repository, digest).join() !== tags.join()) noted(store, repository, digest);
        ctx.log.info('replication.copied', { rule: rule.name, repository, digest });
      } catch (error) {
        if (signal.aborted) return;
        const waitMs = Math.min(retry.lastMs, retry.firstMs * 2 ** Math.min(20, job.attempts));
        queue.failed(job, ctx.clock.nowMs() + Math.max(waitMs, link.restMs()), inert(messageOf(error).slice(0, 500)));
        ctx.log.warn('replication.failed', { rule: rule.name, repository, digest, cause: messageOf(error) });
      }
    }

    function next(): void {
      if (signal.aborted || running.size >= copiesAtOnce) return;
      // As many more as are being copied now.
      for (const job of queue.due(ctx.clock.nowMs(), copiesAtOnce * 2)) {
        const key = `${job.rule} ${job.repository} ${job.digest}`;
        const target = far.find(({ rule }) => rule.name === job.rule);
        // A rule that is gone keeps its queue for when it comes back.
        if (target === undefined || busy.has(key) || running.size >= copiesAtOnce) continue;
        busy.add(key);
        const task: Promise<void> = copy(job, target.rule, target.link).finally(() => {
          busy.delete(key);
          running.delete(task);
          next();
        });
        running.add(task);
      }
    }
    work = next;
    const every = (ms: number, act: () => void): void => {
      const timer = setInterval(act, ms);
      timer.unref();
      timers.push(timer);
    };
    for (const { rule } of far) {
      const lookAround = (): void => {
        queue.reconcile(rule.name, (name) => rule.matches(name), rule.referrers, ctx.clock.nowMs());
        next();
      };
      every(rule.everyMs, lookAround);
      // What became visible right before the last end.
      lookAround();
    }
    every(pollMs, next);
  }

  return {
    watch: (store) => ({
      ...store,
      putManifest: async (manifest) => {
        const result = await store.putManifest(manifest);
        if (result.kind === 'stored' && manifest.state === 'visible')
          noted(store, manifest.repository, manifest.digest);
        return result;
      },
      setState: async (repository, digest, state) => {
        const isChanged = await store.setState(repository, digest, state);
        if (isChanged && state === 'visible') noted(store, repository, digest);
        return isChanged;
      },
    }),
    start,
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      ending.abort();
      await Promise.all(running);
      for (const { links } of far) links.close();
    },
  };
}
