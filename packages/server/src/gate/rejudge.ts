// Judging anew: a statement came or went, policies or the database changed, an exception ended, something was recorded to run.
import { messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { RegistryStore } from '@plombe/store';
import type { Attacher } from './attach.ts';
import { classify } from './classify.ts';
import type { Custody } from './custody.ts';
import type { Decisions } from './decisions.ts';
import { gatherManifest, type EvidenceSources, type Place } from './evidence.ts';
import { decisionOf, onOutageOf, statementDecision } from './gate-decision.ts';
import { judgeManifest, type Judgement } from './judgement.ts';
import { pushRecords } from './records.ts';
import type { GateState, Means } from './state.ts';
import { ownIdentity } from './store-writer.ts';

/** Why. `vanished`: what no longer holds goes back into quarantine, for somebody took away what it was let in by. */
export type Cause = 'statement' | 'vanished' | 'epoch' | 'expired' | 'run';

/** What judging anew needs. */
export interface RejudgeParts {
  readonly store: RegistryStore;
  readonly decisions: Decisions;
  readonly state: GateState;
  readonly custody: Custody;
  readonly attacher: Attacher;
  /** Told of what became visible. */
  readonly visible: (place: Place) => void;
  readonly registry: string;
  readonly sourcesOf: (means: Means) => EvidenceSources;
}

export interface Rejudging {
  /** Judges it when there is time; asked again meanwhile, once. */
  later(place: Place, cause: Cause): void;
  /** Judges a manifest, what it lists and what lists it. */
  affected(place: Place, cause: Cause): Promise<void>;
  /** Looks for changes now. */
  refresh(force: boolean): Promise<void>;
  start(everyMs: number): void;
  waiting(): number;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Old data, old signatures and old attestations change an answer by themselves: each is looked at again after this time. */
const maxAgeMs = 6 * 3_600_000;
/** Reading a ledger costs as much as it is long. */
const ledgerEveryMs = 10_000;
const retryEveryMs = 10_000;
/** Retention and collection take statements away without telling; looking for each costs microseconds. */
const statementsEveryMs = 60_000;
const statementsAtOnce = 500;
/** Manifests in quarantine that are looked at after a start: a signature may have come right before the end. */
const maxAtStart = 100_000;

/** Opens it; nothing happens by itself before `start`. */
export function openRejudging(parts: RejudgeParts, ctx: Context): Rejudging {
  const { store, decisions, state, custody, attacher, registry, sourcesOf, visible } = parts;
  const turns = new Map<string, Promise<void>>();
  const queue = new Map<string, { readonly place: Place; readonly cause: Cause }>();
  /** What could not be judged or recorded. */
  const failed = new Map<string, { readonly place: Place; readonly cause: Cause }>();
  let retriedMs = ctx.clock.nowMs();
  let draining: Promise<void> | undefined;
  let refreshing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let statementsSeenMs = ctx.clock.nowMs();
  let ledgerSeen = { stamp: custody.stamp(), atMs: ctx.clock.nowMs() };

  /**
   * Judges one manifest anew, after what was asked about it before: a later question sees what an earlier one changed. Throws nothing: what fails
   * is tried again, every ten seconds.
   */
  function one(place: Place, cause: Cause): Promise<void> {
    const key = keyOf(place);
    const run = async (): Promise<void> => {
      if (closed) return;
      try {
        await judgeAgain(place, cause);
      } catch (thrown) {
        const { repository, digest } = place;
        ctx.log.warn('gate.not-judged', { repository, digest, cause: messageOf(thrown) });
        // What was taken away stays away, whoever asks meanwhile for another reason.
        failed.set(key, { place, cause: failed.get(key)?.cause === 'vanished' ? 'vanished' : cause });
      }
    };
    const turn: Promise<void> = (turns.get(key) ?? Promise.resolve()).then(run).finally(() => {
      if (turns.get(key) === turn) turns.delete(key);
    });
    turns.set(key, turn);
    return turn;
  }

  async function judgeAgain(place: Place, cause: Cause): Promise<void> {
    const { repository, digest } = place;
    const record = store.manifest(repository, digest, 'all');
    if (record === undefined) return decisions.delete(repository, digest);
    const means = state.means();
    const sources = sourcesOf(means);
    const known = decisions.get(repository, digest);
    if (known?.kind === 'statement') return;
    if (known === undefined && (await isStatement(place, sources, means))) return;
    const isQuarantined = record.state === 'quarantined';
    const tags = isQuarantined ? store.tagsOf(repository, digest) : [];
    const found = await gatherManifest(place, sources, ctx);
    const nowMs = ctx.clock.nowMs();
    const question = { tags, running: false, nowMs };
    const fresh = judgeManifest(means.set.policies, found, question);
    const runs = fresh.verdict !== 'accept' && !isQuarantined && (await custody.runs(digest));
    const judged = runs ? judgeManifest(means.set.policies, found, { ...question, running: true }) : fresh;
    const isRefused = judged.verdict !== 'accept';
    const about = { repository, digest, tags, by: ownIdentity };
    const remember = (): void =>
      decisions.set(
        repository,
        digest,
        decisionOf(judged, found.kind, means, onOutageOf(place, means, sources.place), nowMs),
      );
    if (isQuarantined && !isRefused) {
      await custody.record(pushRecords('released', about, judged));
      // Pushed by another tag meanwhile: it would come out by that one, too.
      if (store.tagsOf(repository, digest).some((tag) => !tags.includes(tag))) return judgeAgain(place, cause);
      remember();
      await store.setState(repository, digest, 'visible');
      attacher.attach(place, found.scan);
      visible(place);
    } else if (!isQuarantined && isRefused && cause === 'vanished') {
      // It is refused from now on, even where that cannot be recorded.
      remember();
      await custody.record(pushRecords('withdrawn', about, judged));
      await store.setState(repository, digest, 'quarantined');
    } else {
      await recordExceptions(judged, known?.refusal !== undefined, about);
      remember();
    }
  }

  /** A digest that was refused is pulled again because somebody broke the glass. */
  async function recordExceptions(
    judged: Judgement,
    wasRefused: boolean,
    about: Parameters<typeof pushRecords>[1],
  ): Promise<void> {
    if (!wasRefused || judged.verdict !== 'accept' || judged.brokenGlass.length === 0) return;
    await custody.record(pushRecords('accepted', about, judged).filter(({ kind }) => kind === 'exception'));
  }

  /** A manifest from before there was a gate. */
  async function isStatement(
    { repository, digest }: Place,
    { client, isStatement: known }: EvidenceSources,
    means: Means,
  ): Promise<boolean> {
    const { bytes, document } = await client.fetchManifest({ registry, repository, digest }, ctx);
    const tags = store.tagsOf(repository, digest);
    const pending = { repository, digest, bytes, mediaType: document.mediaType, tags };
    const classified = await classify(pending, { client, signal: ctx.signal, isStatement: known });
    if (classified.kind !== 'statement' && classified.kind !== 'listing') return false;
    decisions.set(repository, digest, statementDecision(means.epoch, ctx.clock.nowMs(), classified.subject));
    return true;
  }

  /** What an index lists is judged with its signatures, so children come first; then what lists it. */
  async function affected(place: Place, cause: Cause): Promise<void> {
    const { repository, digest } = place;
    if (store.manifest(repository, digest, 'all') === undefined) return;
    for (const child of await childrenOf(place)) await one(child, cause);
    await one(place, cause);
    for (const parent of store.parents(repository, digest, 'all')) {
      await one({ registry, repository, digest: parent.digest }, cause);
    }
  }

  async function childrenOf({ repository, digest }: Place): Promise<readonly Place[]> {
    try {
      const { document } = await sourcesOf(state.means()).client.fetchManifest({ registry, repository, digest }, ctx);
      if (document.kind === 'manifest') return [];
      const digests = new Set(document.manifests.map((child) => child.digest));
      return [...digests].map((one) => ({ registry, repository, digest: one }));
    } catch {
      // Judging the place itself says what is wrong.
      return [];
    }
  }

  function later(place: Place, cause: Cause): void {
    const key = keyOf(place);
    if (!queue.has(key)) queue.set(key, { place, cause });
    if (draining === undefined && !closed) draining = drain().finally(() => (draining = undefined));
  }

  async function drain(): Promise<void> {
    for (const [key, { place, cause }] of queue) {
      if (closed) return;
      queue.delete(key);
      await (cause === 'epoch' ? one(place, cause) : affected(place, cause));
      // Requests come first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function refreshNow(force: boolean): Promise<void> {
    await state.refresh(force);
    if (state.outage() !== undefined) return;
    const { epoch } = state.means();
    const nowMs = ctx.clock.nowMs();
    if (force || Math.abs(nowMs - retriedMs) >= retryEveryMs) {
      retriedMs = nowMs;
      for (const { place, cause } of failed.values()) later(place, cause);
      failed.clear();
    }
    const stamp = nowMs - ledgerSeen.atMs < ledgerEveryMs && !force ? ledgerSeen.stamp : custody.stamp();
    const isRecorded = stamp !== ledgerSeen.stamp;
    if (isRecorded) ledgerSeen = { stamp, atMs: nowMs };
    for (const [repository, digest, decision] of decisions.all()) {
      if (decision.kind === 'statement') continue;
      const place = { registry, repository, digest };
      if (decision.epoch !== epoch) later(place, 'epoch');
      else if ((decision.validUntilMs ?? Infinity) <= nowMs || decision.decidedAtMs + maxAgeMs <= nowMs)
        later(place, 'expired');
      else if (isRecorded && decision.refusal !== undefined) later(place, 'run');
    }
  }

  /** What a statement that is not there any more let in is judged without it. */
  async function missStatements(force: boolean): Promise<void> {
    const nowMs = ctx.clock.nowMs();
    if (!force && nowMs - statementsSeenMs < statementsEveryMs) return;
    statementsSeenMs = nowMs;
    let looked = 0;
    for (const [repository, digest, { kind, about }] of decisions.all()) {
      if (kind !== 'statement') continue;
      if (++looked % statementsAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      if (closed) return;
      // One that is being pushed is known before it is stored.
      const decidedAtMs = decisions.get(repository, digest)?.decidedAtMs ?? nowMs;
      if (nowMs - decidedAtMs < statementsEveryMs || store.manifest(repository, digest, 'all') !== undefined) continue;
      decisions.delete(repository, digest);
      if (about !== undefined) later({ registry, repository, digest: about }, 'vanished');
    }
  }

  function refresh(force: boolean): Promise<void> {
    if (refreshing !== undefined) return force ? refreshing.then(() => refresh(true)) : refreshing;
    refreshing = refreshNow(force)
      .then(() => missStatements(force))
      .catch((thrown: unknown) => ctx.log.warn('gate.not-refreshed', { cause: messageOf(thrown) }))
      .finally(() => (refreshing = undefined));
    return refreshing;
  }

  /** What was there before the gate, or changed while it ended. */
  function lookAround(): void {
    for (const { repository, digest } of store.quarantined(maxAtStart))
      later({ registry, repository, digest }, 'statement');
    for (const repository of pages((page) => store.repositories(page))) {
      for (const tag of pages((page) => store.tags(repository, 'visible', page))) {
        const digest = store.tagged(repository, tag, 'visible')?.digest;
        if (digest === undefined) continue;
        if (decisions.get(repository, digest) === undefined) later({ registry, repository, digest }, 'statement');
      }
    }
    // Also those without a tag: images of an index have none.
    for (const { repository, digest } of decisions.unattested()) {
      if (store.manifest(repository, digest, 'visible') !== undefined)
        attacher.attach({ registry, repository, digest });
    }
  }

  return {
    later,
    affected,
    refresh,
    start: (everyMs) => {
      lookAround();
      void refresh(false);
      timer = setInterval(() => void refresh(false), everyMs);
      timer.unref();
    },
    waiting: () => queue.size + turns.size,
    idle: async () => {
      while (refreshing !== undefined || draining !== undefined || turns.size > 0)
        await Promise.all([refreshing, draining, ...turns.values()]);
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.all([refreshing, draining, ...turns.values()]);
    },
  };
}

const pageSize = 1000;

function* pages(
  read: (page: { readonly limit: number; readonly last?: string }) => readonly string[],
): Generator<string> {
  for (let last: string | undefined; ;) {
    const page = read({ limit: pageSize, ...(last === undefined ? {} : { last }) });
    yield* page;
    if (page.length < pageSize) return;
    last = page.at(-1);
  }
}

function keyOf({ repository, digest }: Place): string {
  return `${repository} ${digest}`;
}
