// Promotion: what a policy allows is copied to another repository with all that refers to it, and shown there once that one's policies hold.
import { isPlombeError, messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { layerKind } from '@plombe/oci';
import { promotionTarget, selecting } from '@plombe/policy';
import type { ManifestState, RegistryStore } from '@plombe/store';
import type { Custody } from './custody.ts';
import type { Decisions } from './decisions.ts';
import { askedOf, type EvidenceSources, type Place } from './evidence.ts';
import { statementDecision } from './gate-decision.ts';
import { putManifest, ownIdentity } from './store-writer.ts';

/** What promoting needs. */
export interface PromoteParts {
  readonly store: RegistryStore;
  readonly decisions: Decisions;
  readonly custody: Custody;
  readonly sources: () => EvidenceSources;
  /** Judges what was copied, and shows what holds. */
  readonly judge: (place: Place) => Promise<void>;
  /** Those of the tags that the policies let a digest have. */
  allowedTags(place: Place, tags: readonly string[]): Promise<readonly string[]>;
  /** A minute unless set. */
  readonly retryMs?: number;
}

/** Promotes in the background, one after the other. What is due is known to the next start. */
export interface Promoter {
  /** Goes on with what was due when the server ended. */
  resume(registry: string): void;
  /** Told of each manifest that became visible, and of statements about visible ones. */
  readonly visible: (place: Place) => void;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A full disk, an outage of the gate or a locked ledger end. */
const retryMs = 60_000;
/** As many statements about an image as signatures are searched for. */
const maxReferrers = 1000;
/** Opens the queue. */
export function openPromoter(parts: PromoteParts, ctx: Context): Promoter {
  const { store, decisions, custody, sources, judge } = parts;
  const queue: Place[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  const retries = new Set<NodeJS.Timeout>();

  /** What holds here now: a policy, the database or a clock may have changed since it became visible. */
  function isAllowed({ repository, digest }: Place): boolean {
    const decision = decisions.get(repository, digest);
    const { refusal, validUntilMs = Infinity } = decision ?? {};
    if (decision === undefined || refusal !== undefined || validUntilMs <= ctx.clock.nowMs()) return false;
    return store.manifest(repository, digest, 'visible') !== undefined;
  }

  function targetsOf(place: Place): readonly string[] {
    const { set, place: where } = sources();
    const rules = selecting(set.policies, askedOf(place, { place: where })).flatMap(({ spec }) => spec.promote ?? []);
    return [...new Set(rules.flatMap((rule) => promotionTarget(rule, place.repository) ?? []))];
  }

  /** Links the blobs and stores the manifest, what it lists first; what is visible there stays so. */
  async function copy(
    { registry, repository, digest }: Place,
    to: string,
    state: ManifestState,
    tags: readonly string[],
  ): Promise<void> {
    const { document, bytes } = await sources().client.fetchManifest({ registry, repository, digest }, ctx);
    if (document.kind === 'index') {
      for (const child of document.manifests) {
        if (store.manifest(to, child.digest, 'visible') === undefined)
          await copy({ registry, repository, digest: child.digest }, to, 'quarantined', []);
      }
    } else {
      const needed = document.layers.filter(({ mediaType }) => layerKind(mediaType) !== 'foreign');
      for (const blob of [document.config, ...needed]) await store.linkBlob(to, blob.digest, blob.sizeBytes);
    }
    for (const { digest: one } of store.referrers(repository, digest, 'visible', maxReferrers)) {
      const known = decisions.get(repository, one);
      if (known?.kind !== 'statement' || store.manifest(to, one, 'visible') !== undefined) continue;
      decisions.set(to, one, statementDecision(known.epoch, ctx.clock.nowMs(), known.about));
      await copy({ registry, repository, digest: one }, to, 'visible', []);
    }
    const kept = decisions.get(repository, digest)?.kind === 'statement' ? 'visible' : state;
    if (kept === 'visible' && state !== 'visible')
      decisions.set(to, digest, statementDecision('', ctx.clock.nowMs(), undefined));
    await putManifest(store, { repository: to, tags, bytes, mediaType: document.mediaType, state: kept });
  }

  async function promote(place: Place, to: string): Promise<void> {
    const { registry, repository, digest } = place;
    const target = { registry, repository: to, digest };
    const all = store.tagsOf(repository, digest);
    const isThere = store.manifest(to, digest, 'visible') !== undefined;
    const tags = isThere ? await parts.allowedTags(target, all) : all;
    await copy(place, to, isThere ? 'visible' : 'quarantined', tags);
    await judge(target);
    if (isThere) return;
    if (store.manifest(to, digest, 'visible') === undefined) {
      ctx.log.warn('gate.not-promoted', { digest, from: repository, to });
      return;
    }
    const content = {
      event: 'promoted',
      from: repository,
      to,
      by: ownIdentity,
      ...(tags.length === 0 ? {} : { tags }),
    };
    await custody.recordLater([{ digest, kind: 'promote', content }]);
  }

  async function drain(): Promise<void> {
    for (let place = queue.shift(); place !== undefined && !closed; place = queue.shift()) {
      const { repository, digest } = place;
      try {
        for (const to of targetsOf(place)) if (isAllowed(place)) await promote(place, to);
        decisions.setPromotion(repository, digest, 'done');
      } catch (thrown) {
        ctx.log.warn('gate.not-promoted', { digest, from: repository, cause: messageOf(thrown) });
        again(place, thrown);
      }
    }
  }

  /** What the registry itself refuses, such as an immutable tag, it refuses the next time too. */
  function again(place: Place, thrown: unknown): void {
    if (isPlombeError(thrown) && thrown.code.startsWith('registry/')) {
      decisions.setPromotion(place.repository, place.digest, 'done');
      return;
    }
    if (closed) return;
    const timer = setTimeout(() => {
      retries.delete(timer);
      enqueue(place);
    }, parts.retryMs ?? retryMs);
    timer.unref();
    retries.add(timer);
  }

  function enqueue(place: Place): void {
    if (closed) return;
    queue.push(place);
    running ??= drain().finally(() => (running = undefined));
  }

  /** True also where that cannot be told now. */
  function mayHaveTargets(place: Place): boolean {
    try {
      return targetsOf(place).length > 0;
    } catch {
      return true;
    }
  }

  return {
    resume: (registry) => {
      for (const place of decisions.promotions()) enqueue({ registry, ...place });
    },
    visible: (place) => {
      if (closed || !mayHaveTargets(place)) return;
      decisions.setPromotion(place.repository, place.digest, 'due');
      enqueue(place);
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
    close: async () => {
      closed = true;
      for (const timer of retries) clearTimeout(timer);
      await running;
    },
  };
}
