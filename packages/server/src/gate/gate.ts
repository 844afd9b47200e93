// The gate: judges every manifest before it can be seen, and anew whenever what it was judged by has changed.
import type { Context, Digest } from '@plombe/model';
import type { PlombeError } from '@plombe/kit';
import { parseManifest } from '@plombe/oci';
import type { PolicyEvidence } from '@plombe/policy';
import type { Database, RegistryStore } from '@plombe/store';
import type { Gate, GrowingBlob, Identity, ManifestPush, PushVerdict, VerdictReasons } from '../registry/ports.ts';
import { openAttacher } from './attach.ts';
import { classify, fallbackSubject, legacySubject, type Classified } from './classify.ts';
import { noCustody, openCustody } from './custody.ts';
import { openDecisions, type StoredDecision } from './decisions.ts';
import { decisionOf, onOutageOf, refusedFor, statementDecision, verdictOf } from './gate-decision.ts';
import { gatherManifest, type EvidenceSources, type ManifestEvidence, type Place } from './evidence.ts';
import { judgeManifest } from './judgement.ts';
import { openGateKey } from './keys.ts';
import { openPromoter, type Promoter } from './promote.ts';
import { openRejudging } from './rejudge.ts';
import { copyRecord, pushRecords, statementRecord } from './records.ts';
import { openScans, type ScansOptions } from './scanner/scans.ts';
import { openState, type Means, type StateOptions } from './state.ts';
import { storeClient } from './store-client.ts';

/** What a gate is made of. */
export interface GateOptions extends StateOptions {
  readonly store: RegistryStore;
  /** With the tables of `gateMigrations`. */
  readonly database: Database;
  /** Folder of the gate's own key. */
  readonly keys: string;
  readonly scans: ScansOptions;
  /** Folder of the ledger; absent: nothing is recorded. */
  readonly ledger?: string;
  /** This registry's name in references and trust policies. */
  readonly registry: string;
  readonly version: string;
  /** `REGISTRY/REPOSITORY` that a repository is a copy of: signed and attested there. */
  readonly copyOf?: (repository: string) => string | undefined;
  readonly place?: NonNullable<PolicyEvidence['place']>;
  /** How often files are looked at; two seconds unless set. */
  readonly refreshEveryMs?: number;
}

/** A gate at work. */
export interface GateService extends Gate {
  /** Reads policies and database anew, as on SIGHUP. */
  reload(): Promise<void>;
  /** Resolves when nothing is left to judge or to attach. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** What was found when a push was judged, until it is stored. */
interface Memo {
  readonly classified: Classified;
  readonly found?: ManifestEvidence;
  /** How much had been deleted when evidence began to be gathered. */
  readonly deletions?: number;
}

/** Opens a gate over a store. Throws `policy/invalid`, `database/…`, `ledger/…`, `store/unusable`: a gate that cannot judge does not start. */
export async function openGate(options: GateOptions, ctx: Context): Promise<GateService> {
  const { store, database, registry, version, copyOf, place: where = {} } = options;
  const decisions = openDecisions(database);
  const state = await openState(options, ctx);
  const custody = options.ledger === undefined ? noCustody : await openCustody(options.ledger, ctx);
  const signer = await openGateKey(options.keys);
  const scans = openScans(options.scans, ctx);
  const memos = new WeakMap<ManifestPush, Memo>();
  let deletions = 0;
  const isStatement = (repository: string, digest: Digest): boolean =>
    decisions.get(repository, digest)?.kind === 'statement';

  const ownClient = storeClient(store, {
    announce: (repository, { bytes }, digest) =>
      decisions.set(repository, digest, statementDecision('', ctx.clock.nowMs(), subjectIn(bytes))),
  });
  const sourcesOf = ({ set, database: advisories }: Means, client = ownClient): EvidenceSources => ({
    store,
    client,
    scans,
    set,
    database: advisories,
    registry,
    version,
    place: where,
    isStatement,
    ...(copyOf === undefined ? {} : { copyOf }),
  });
  const attacher = openAttacher({ signer, custody, decisions, sources: () => sourcesOf(state.means()) }, ctx);
  const visible = (place: Place): void => promoter.visible(place);
  const rejudging = openRejudging({ store, decisions, state, custody, attacher, registry, sourcesOf, visible }, ctx);
  const promoter: Promoter = openPromoter(
    {
      store,
      decisions,
      custody,
      sources: () => sourcesOf(state.means()),
      judge: (place) => rejudging.affected(place, 'statement'),
      allowedTags: async (place, tags) => {
        const means = state.means();
        const found = await gatherManifest(place, sourcesOf(means), ctx);
        return tags.filter((tag) => isTagAllowed(means, found, tag));
      },
    },
    ctx,
  );

  async function judge(push: ManifestPush): Promise<PushVerdict> {
    const { repository, digest, tags, by, signal } = push;
    const means = state.means();
    const client = storeClient(store, { pending: push });
    const classified = await classify(push, { client, signal, isStatement });
    if (classified.kind === 'statement' || classified.kind === 'listing') {
      const { subject } = classified;
      if (subject !== undefined && classified.kind === 'statement')
        await custody.record([statementRecord(subject, digest, { repository, by: by.id })]);
      decisions.set(repository, digest, statementDecision(means.epoch, ctx.clock.nowMs(), subject));
      memos.set(push, { classified });
      return { kind: 'accept' };
    }
    const place: Place = { registry, repository, digest };
    const before = deletions;
    const sources = sourcesOf(means, client);
    const found = await gatherManifest(place, sources, ctx);
    const nowMs = ctx.clock.nowMs();
    const { policies } = means.set;
    const isVisible = store.manifest(repository, digest, 'visible') !== undefined;
    // What lies in the registry behind this one is kept, whatever is found.
    const isNew = !isVisible && by.kind !== 'plombe';
    const judged = judgeManifest(policies, found, { tags, running: false, nowMs, isNew });
    const untagged = tags.length === 0 ? judged : judgeManifest(policies, found, { tags: [], running: false, nowMs });
    const verdict = verdictOf(judged, {
      isVisible,
      releasedTags: waitingTags(push).filter((tag) => isTagAllowed(means, found, tag)),
    });
    const event = { accept: 'accepted', quarantine: 'quarantined', deny: 'rejected' } as const;
    ctx.log.info('gate.judged', { repository, digest, decision: judged.decision, verdict: verdict.kind, by: by.id });
    // Before it can be seen: what cannot be recorded does not become visible.
    await custody.record(pushRecords(event[verdict.kind], { repository, digest, tags, by: by.id }, judged));
    // What is refused lies in the registry behind this one all the same, and is asked for again.
    if (verdict.kind !== 'deny' || by.kind === 'plombe')
      decisions.set(
        repository,
        digest,
        decisionOf(untagged, found.kind, means, onOutageOf(place, means, where), nowMs),
      );
    // The first to see that what let it in has ended.
    else if (isVisible && untagged.verdict !== 'accept') rejudging.later(place, 'expired');
    memos.set(push, { classified, found, deletions: before });
    return verdict;
  }

  function isTagAllowed({ set }: Means, found: ManifestEvidence, tag: string): boolean {
    const question = { tags: [tag], running: false, nowMs: ctx.clock.nowMs() };
    return judgeManifest(set.policies, found, question).verdict === 'accept';
  }

  /** Names that the digest waits for in quarantine, beside those that it is pushed by. */
  function waitingTags({ repository, digest, tags }: ManifestPush): readonly string[] {
    if (store.manifest(repository, digest, 'all')?.state !== 'quarantined') return [];
    return store.tagsOf(repository, digest).filter((tag) => !tags.includes(tag));
  }

  async function stored(push: ManifestPush, verdict: PushVerdict): Promise<void> {
    const memo = memos.get(push);
    const { repository, digest } = push;
    const place = { registry, repository, digest };
    if (memo === undefined) return;
    const { classified, found } = memo;
    if (classified.kind === 'statement' || classified.kind === 'listing') {
      const { subject } = classified;
      if (subject === undefined) return;
      await rejudging.affected({ registry, repository, digest: subject }, 'statement');
      // Its copies get it too.
      if (store.manifest(repository, subject, 'visible') !== undefined)
        promoter.visible({ registry, repository, digest: subject });
      return;
    }
    // A signature that went while it was judged did not find it, nor did one that came.
    if (memo.deletions !== deletions) await rejudging.affected(place, 'vanished');
    if (verdict.kind !== 'accept') return rejudging.affected(place, 'statement');
    // What was signed with an index waits in quarantine.
    if (found?.kind === 'index') await rejudging.affected(place, 'statement');
    attacher.attach(place, found?.scan);
    promoter.visible(place);
  }

  async function deleted(repository: string, reference: string): Promise<void> {
    deletions += 1;
    const isDigest = reference.includes(':');
    const digest = reference as Digest;
    const about = isDigest
      ? decisions.get(repository, digest)?.about
      : (legacySubject(reference) ?? fallbackSubject(reference));
    const wasIndex = isDigest && decisions.get(repository, digest)?.kind === 'index';
    if (wasIndex) await withoutIndex(repository, digest);
    if (about !== undefined) await rejudging.affected({ registry, repository, digest: about }, 'vanished');
    // Last: after a sudden end it is found that the statement is not there any more. Unless it was pushed again meanwhile.
    if (isDigest && store.manifest(repository, digest, 'all') === undefined) decisions.delete(repository, digest);
  }

  /** What it listed may have been let in by its signature. */
  async function withoutIndex(repository: string, index: Digest): Promise<void> {
    const bytes = await store.readBytes(index);
    if (bytes === undefined) return;
    const document = parseManifest(bytes, { subject: index });
    const children = document.kind === 'index' ? document.manifests : [];
    for (const digest of new Set(children.map((child) => child.digest)))
      await rejudging.affected({ registry, repository, digest }, 'vanished');
  }

  function pull(repository: string, digest: Digest, by: Identity): VerdictReasons | undefined {
    const decision = decisions.get(repository, digest);
    if (decision?.kind === 'statement') return undefined;
    const refusal = refusalOf(decision, ctx.clock.nowMs(), state.outage());
    if (refusal === undefined) return undefined;
    if (refusal !== decision?.refusal && state.outage() === undefined)
      rejudging.later({ registry, repository, digest }, 'expired');
    // Whoever signs must be able to see what there is to sign.
    return by.may('sign', repository) ? undefined : refusal;
  }

  function withholds(repository: string, digest: Digest, by: Identity): boolean {
    const decision = decisions.get(repository, digest);
    if (decision?.kind === 'statement' || by.may('sign', repository)) return false;
    return refusalOf(decision, ctx.clock.nowMs(), undefined) !== undefined;
  }

  function refusalOf(
    decision: StoredDecision | undefined,
    nowMs: number,
    outage: PlombeError | undefined,
  ): VerdictReasons | undefined {
    if (decision === undefined) return refusedFor('It is not judged yet. Try again in a moment.');
    if (outage !== undefined && decision.onOutage === 'deny')
      return refusedFor(
        'It cannot judge now, and a policy of the repository serves nothing meanwhile. The log of the server says why (gate.outage); try again when that is mended.',
      );
    if (decision.validUntilMs !== undefined && decision.validUntilMs <= nowMs)
      return refusedFor('What let it through has ended, and it is not judged anew yet. Try again in a moment.');
    return decision.refusal;
  }

  rejudging.start(options.refreshEveryMs ?? 2000);
  promoter.resume(registry);
  return {
    observe: (blob: GrowingBlob) => scans.observe(blob),
    judge,
    stored,
    deleted,
    pull,
    withholds,
    copied: (copy) => custody.record([copyRecord(copy)]),
    figures: () => ({
      scansWaiting: scans.waiting(),
      judgementsWaiting: rejudging.waiting(),
      attestationsWaiting: attacher.waiting(),
      ledgerFailures: custody.failures(),
    }),
    reload: () => rejudging.refresh(true),
    settled: async () => {
      await rejudging.idle();
      await promoter.idle();
      await rejudging.idle();
      await attacher.idle();
    },
    close: async () => {
      await promoter.close();
      await rejudging.close();
      await attacher.close();
      scans.close();
      await custody.close();
      state.close();
    },
  };
}

/** The subject that a manifest of the gate's own names. */
function subjectIn(bytes: Uint8Array): Digest | undefined {
  const document = parseManifest(bytes, { subject: 'The manifest' });
  return document.kind === 'manifest' ? document.subject?.digest : undefined;
}
