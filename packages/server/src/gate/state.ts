// What the gate judges with at the moment: policies, anchors, advisory database. A change of any of them begins an epoch; a failure ends judging.
import { createHash } from 'node:crypto';
import type { AdvisoryDatabase } from '@plombe/advisories';
import type { AnchorSources } from '@plombe/engine';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { readPolicySet, stampOf, watchedFiles, type PolicySet } from './policy-set.ts';

/** Where policies and database come from. */
export interface StateOptions {
  readonly policies: readonly string[];
  readonly anchors: AnchorSources;
  /** Opens the database anew. Throws `database/…`. */
  openAdvisories(): AdvisoryDatabase;
  /** Files that change when the database does. */
  readonly advisoryFiles: readonly string[];
}

/** What one judgement uses; stays usable until it is released. */
export interface Means {
  readonly set: PolicySet;
  readonly database: AdvisoryDatabase;
  /** Names policies and database together. */
  readonly epoch: string;
}

export interface GateState {
  /** Throws `gate/outage` while policies or database cannot be read: nothing becomes visible then. */
  means(): Means;
  /** Why nothing can be judged; undefined where it can. */
  outage(): PlombeError | undefined;
  /** Looks at the files and reads anew what changed, or everything with `force`. True where an epoch began. Throws nothing. */
  refresh(force: boolean): Promise<boolean>;
  close(): void;
}

/** An old database is closed this long after a new one took over: who judges with it has ended by then. */
const closeAfterMs = 60_000;
/** While nothing can be judged. */
const retryEveryMs = 10_000;

/** Reads everything once. Throws what is wrong with policies, anchors or database: a gate that cannot judge does not start. */
export async function openState(options: StateOptions, ctx: Context): Promise<GateState> {
  let current: Means | undefined;
  let failure: PlombeError | undefined;
  let seen = '';
  let triedMs = ctx.clock.nowMs();
  const retired: { readonly database: AdvisoryDatabase; readonly timer: NodeJS.Timeout }[] = [];

  const watched = (set: Pick<PolicySet, 'policies'> | undefined): readonly string[] => [
    ...(set === undefined ? options.policies : watchedFiles(options.policies, set)),
    ...options.advisoryFiles,
  ];

  /** Each stamp is from before what it tells of was read: what changes meanwhile is read once more. */
  async function read(): Promise<Means> {
    const policies = stampOf(options.policies);
    const set = await readPolicySet(options.policies, options.anchors);
    const stamp = stampOf(options.advisoryFiles);
    const database = options.openAdvisories();
    const epoch = createHash('sha256').update(`${set.digest}\n${stamp}`).digest('hex');
    seen = policies + set.stamp + stamp;
    return { set, database, epoch };
  }

  function retire(database: AdvisoryDatabase): void {
    const timer = setTimeout(() => database.close(), closeAfterMs);
    timer.unref();
    retired.push({ database, timer });
  }

  async function refresh(force: boolean): Promise<boolean> {
    const now = stampOf(watched(current?.set));
    const nowMs = ctx.clock.nowMs();
    // What fails for another reason than a file, a vault that is away, is tried again by itself.
    const isRetry = failure !== undefined && Math.abs(nowMs - triedMs) >= retryEveryMs;
    if (!force && !isRetry && now === seen) return false;
    seen = now;
    triedMs = nowMs;
    try {
      const before = current;
      const next = await read();
      failure = undefined;
      current = next;
      if (before !== undefined) retire(before.database);
      if (before !== undefined && before.epoch !== next.epoch)
        ctx.log.info('gate.epoch', { policies: next.set.policies.length });
      return before?.epoch !== next.epoch;
    } catch (cause) {
      ctx.log.warn('gate.outage', { cause: messageOf(cause) });
      failure = new PlombeError('gate/outage', `The gate cannot judge: ${inert(messageOf(cause))}`, {
        cause,
        retryable: true,
      });
      return false;
    }
  }

  current = await read();
  return {
    refresh,
    outage: () => failure,
    means: () => {
      if (failure !== undefined) throw failure;
      return current as Means;
    },
    close: () => {
      current?.database.close();
      for (const { database, timer } of retired) {
        clearTimeout(timer);
        database.close();
      }
    },
  };
}
