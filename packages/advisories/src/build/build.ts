// Builds a database from documents: each shard on its own, so that a bad feed costs only itself.
import { rmSync } from 'node:fs';
import { by, isPlombeError, messageOf } from '@plombe/kit';
import type { Context, Diagnostic } from '@plombe/model';
import { defaultBodyLimits, type BodyLimits } from '../database/body.ts';
import { findDamage, previousName, readManifest, readManifestIfAny } from '../database/location.ts';
import {
  builderVersion,
  databaseSchemaVersion,
  type DatabaseManifest,
  type ShardRecord,
} from '../database/manifest.ts';
import { openStaging, placeShard, removeLeftovers, swapManifest } from './commit.ts';
import { defaultChangeLimits, refuse, type ChangeLimits } from './judge.ts';
import type { ShardPlan } from './plan.ts';
import { datesOf, isSame, recordOf, statementOf, withoutDates } from './shard-record.ts';
import { writeShard, type StagedShard } from './write-shard.ts';

export interface ShardBuildOptions {
  /** Folder of the database; made where it is absent. */
  readonly to: string;
  readonly tool: string;
  /** True accepts data that shrank, grew or went back; malformed data is refused still. */
  readonly acceptChange?: boolean;
  readonly changeLimits?: ChangeLimits;
  /** How much of the prose of a shard is kept; the default for all where absent. */
  readonly bodyLimits?: (shard: string) => BodyLimits;
  /** Shards that upstream says have not changed, with the time it said so: the present ones stay. */
  readonly confirmed?: ReadonlyMap<string, string>;
  readonly ctx: Pick<Context, 'clock' | 'random' | 'signal' | 'progress'>;
}

/** `kept`: not among the documents, the present shard stays. `refused`: the present shard stays where there is one. */
export interface ShardOutcome {
  readonly id: string;
  readonly outcome: 'built' | 'unchanged' | 'kept' | 'refused';
  readonly records: number;
  /** True where a refused feed has no earlier shard to stay: its ecosystem is missing. */
  readonly missing?: boolean;
}

export interface BuildResult {
  readonly manifest: DatabaseManifest;
  readonly shards: readonly ShardOutcome[];
  readonly diagnostics: readonly Diagnostic[];
  /** False where a feed was refused: somebody should look. */
  readonly complete: boolean;
}

/** Builds the planned shards and swaps the database. Shards of the present database that are not planned stay. */
export async function buildShards(plans: readonly ShardPlan[], options: ShardBuildOptions): Promise<BuildResult> {
  const { to, ctx } = options;
  const diagnostics: Diagnostic[] = [];
  const present = presentShards(to, diagnostics);
  const staging = openStaging(to, ctx.random);
  const shards = new Map(present);
  const outcomes: ShardOutcome[] = [];
  try {
    for (const plan of plans) {
      ctx.signal.throwIfAborted();
      const before = present.get(plan.id);
      const built = await buildOne(plan, before, staging, options);
      diagnostics.push(...built.diagnostics);
      if (built.record !== undefined) shards.set(plan.id, built.record);
      const records = built.record?.records ?? before?.records ?? 0;
      const missing = built.record === undefined && before === undefined;
      outcomes.push({ id: plan.id, outcome: built.outcome, records, ...(missing ? { missing } : {}) });
    }
    const planned = new Set(plans.map((plan) => plan.id));
    for (const [id, { records }] of present) if (!planned.has(id)) outcomes.push({ id, outcome: 'kept', records });
    const manifest: DatabaseManifest = {
      schemaVersion: databaseSchemaVersion,
      builtAt: new Date(ctx.clock.nowMs()).toISOString(),
      tool: options.tool,
      shards: [...shards.values()].sort(by((shard) => shard.id)),
    };
    swapManifest(to, manifest, staging);
    removeLeftovers(to, ctx.clock.nowMs());
    const complete = outcomes.every(({ outcome }) => outcome !== 'refused');
    return { manifest, shards: outcomes.sort(by(({ id }) => id)), diagnostics, complete };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The shards in use; where the manifest is damaged, those of the generation before. */
function presentShards(directory: string, diagnostics: Diagnostic[]): Map<string, ShardRecord> {
  const byId = (manifest: DatabaseManifest | undefined): Map<string, ShardRecord> =>
    new Map(manifest?.shards.map((shard) => [shard.id, shard]));
  try {
    return byId(readManifestIfAny(directory));
  } catch (error) {
    diagnostics.push({ code: 'database/damaged', level: 'warning', message: `${messageOf(error)} It is made anew.` });
  }
  try {
    return byId(readManifest(directory, previousName));
  } catch {
    return new Map();
  }
}

interface Built {
  readonly outcome: ShardOutcome['outcome'];
  readonly record?: ShardRecord;
  readonly diagnostics: readonly Diagnostic[];
}

async function buildOne(
  plan: ShardPlan,
  before: ShardRecord | undefined,
  staging: string,
  options: ShardBuildOptions,
): Promise<Built> {
  const checkedAt = options.confirmed?.get(plan.id);
  if (checkedAt !== undefined && before !== undefined) {
    return { outcome: 'unchanged', record: { ...before, checkedAt }, diagnostics: [] };
  }
  try {
    const documents = plan.base?.documents ?? [...plan.documents.map(recordOf), ...(plan.lists ?? [])];
    if (
      before !== undefined &&
      plan.base === undefined &&
      isSame(plan, before, documents) &&
      findDamage(options.to, before) === undefined
    ) {
      return {
        outcome: 'unchanged',
        record: { ...withoutDates(before), ...datesOf(plan, before), documents },
        diagnostics: [],
      };
    }
    const staged = await writeShard(plan, staging, options.bodyLimits?.(plan.id) ?? defaultBodyLimits, options.ctx);
    const stated = statementOf(plan, staged, before);
    const refusal = refuse(stated, before, options.changeLimits ?? defaultChangeLimits);
    if (refusal !== undefined && (refusal.code === 'feed/malformed' || options.acceptChange !== true)) {
      return { outcome: 'refused', diagnostics: [stays(refusal, before), ...problemsOf(plan, staged)] };
    }
    const record = { ...stated, ...placeShard(options.to, plan.id, staged.path), builder: builderVersion, documents };
    return { outcome: 'built', record, diagnostics: problemsOf(plan, staged) };
  } catch (error) {
    options.ctx.signal.throwIfAborted();
    const code = isPlombeError(error) ? error.code : 'feed/malformed';
    const message = `Feed ${plan.id} could not be read: ${messageOf(error)}`;
    return { outcome: 'refused', diagnostics: [stays({ code, level: 'error', message, path: plan.id }, before)] };
  }
}

function stays(diagnostic: Diagnostic, before: ShardRecord | undefined): Diagnostic {
  const consequence =
    before === undefined
      ? 'There is no earlier data of it: its packages cannot be assessed.'
      : `The data of ${before.dataDate ?? before.fetchedAt ?? 'the last build'} stays.`;
  return { ...diagnostic, message: `${diagnostic.message} ${consequence}` };
}

function problemsOf(plan: ShardPlan, staged: StagedShard): Diagnostic[] {
  if (staged.problems === 0) return [];
  const message = `Feed ${plan.id}: ${staged.problems} records left out, such as ${staged.examples[0] ?? ''}`;
  return [{ code: 'feed/malformed', level: 'warning', message: message.slice(0, 500), path: plan.id }];
}
