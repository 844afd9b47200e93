// The state of a subject: what was compared, with data of which age and kind, and why it is not `assessed`.
import { by, errorCodes, type ErrorCode } from '@plombe/kit';
import {
  isSourceTree,
  type Assessment,
  type Cause,
  type Inventory,
  type MatchResult,
  type ShardStatus,
  type State,
} from '@plombe/model';
import { isSystemPackage } from '../match/comparison.ts';
import { shieldedPackages } from '../match/owned.ts';

/** Diagnostics named in one state; the rest is in the inventory. */
const maxDiagnosticCauses = 20;

/** Gaps that the caller asked for. */
const chosenGaps: ReadonlySet<string> = new Set<ErrorCode>(['inventory/excluded', 'package/only-system']);

type Assessed = Pick<Inventory, 'packages' | 'distribution' | 'diagnostics' | 'complete'> &
  Partial<Pick<Inventory, 'subject'>>;

/**
 * Returns the state of an inventory after matching, pure. Nothing comparable: `unassessable`. Something not read or not compared, or
 * compared with derived or approximate data: `partial`. All compared, but with data over its age: `stale`. Packages owned by
 * another and parts of the tree itself do not count.
 */
export function assess(match: MatchResult, inventory: Assessed): Assessment {
  const shielded = shieldedPackages(inventory.packages, inventory.distribution);
  const counted = inventory.packages.filter(({ id, origin }) => !shielded.has(id) && origin !== 'local');
  const unassessed = new Set(match.unassessed.flatMap(({ packages }) => packages));
  const nothing = counted.every(({ id }) => unassessed.has(id));
  const partial = [
    ...match.unassessed.map(({ cause }) => cause),
    ...inventoryCauses(inventory),
    ...match.shards.flatMap(kindCause),
  ];
  const stale = match.shards.flatMap(staleCause);
  const state: State = nothing
    ? 'unassessable'
    : partial.length > 0
      ? 'partial'
      : stale.length > 0
        ? 'stale'
        : 'assessed';
  const empty = counted.length === 0 ? [emptyCause(inventory)] : [];
  return { state, causes: distinct([...empty, ...partial, ...stale]) };
}

function emptyCause({ subject, distribution, packages }: Assessed): Cause {
  if (subject !== undefined && isSourceTree({ subject, distribution, packages }))
    return causeOf('inventory/empty', 'The folder holds no package that Plombe knows.');
  return distribution === undefined
    ? causeOf('distribution/unknown', 'The image names no distribution and holds no package that Plombe knows.')
    : causeOf(
        'inventory/empty',
        `The image says it is ${distribution.name ?? distribution.id}, but no package was found in it.`,
      );
}

function inventoryCauses(inventory: Assessed): Cause[] {
  const errors = inventory.diagnostics.filter(({ level }) => level === 'error');
  const warnings = inventory.complete ? [] : inventory.diagnostics.filter(({ level }) => level === 'warning');
  // What was left out at the caller's wish is always told; where an incomplete inventory has no error, every warning says what is missing.
  const chosen = warnings.filter(({ code }) => chosenGaps.has(code));
  const told = (errors.length > 0 ? [...chosen, ...errors] : warnings).slice(0, maxDiagnosticCauses);
  const causes: Cause[] = told.map((diagnostic) => ({
    code: diagnostic.code,
    message: diagnostic.message,
    ...(diagnostic.path === undefined ? {} : { scope: diagnostic.path }),
    ...remedyOf(diagnostic.code),
  }));
  if (!inventory.complete && causes.length === 0) {
    causes.push(causeOf('package/database-corrupt', 'A layer or package database could not be read whole.'));
  }
  const hasSystem = inventory.packages.some(isSystemPackage);
  const says = inventory.diagnostics.some(({ code }) => code === 'package/database-missing');
  if (inventory.distribution !== undefined && !hasSystem && inventory.packages.length > 0 && !says) {
    const { name, id } = inventory.distribution;
    causes.push(
      causeOf('package/database-missing', `The image says it is ${name ?? id}, but has no package database of it.`),
    );
  }
  return causes;
}

function isOfPackages(shard: ShardStatus): boolean {
  return shard.role !== 'facts' && (shard.packages ?? 1) > 0;
}

function kindCause(shard: ShardStatus): Cause[] {
  if (!isOfPackages(shard) || shard.state === 'missing' || shard.state === 'damaged' || shard.kind === 'original')
    return [];
  const code = shard.kind === 'derived' ? 'feed/derived' : 'feed/approximate';
  const words = shard.kind === 'derived' ? 'was derived from another source' : 'is an approximation';
  return [causeOf(code, `The advisory data ${shard.id} ${words}.`, shard)];
}

function staleCause(shard: ShardStatus): Cause[] {
  if (!isOfPackages(shard) || shard.state !== 'stale') return [];
  const age = shard.ageDays === undefined ? 'of unknown age' : `${Math.floor(shard.ageDays)} days old`;
  return [causeOf('feed/stale', `The advisory data ${shard.id} is ${age}.`, shard)];
}

function causeOf(code: ErrorCode, message: string, shard?: ShardStatus): Cause {
  return {
    code,
    message,
    ...(shard === undefined ? {} : { scope: shard.id }),
    ...(shard?.packages === undefined ? {} : { packages: shard.packages }),
    remedy: errorCodes[code].remedy,
  };
}

function remedyOf(code: string): { readonly remedy?: string } {
  return Object.hasOwn(errorCodes, code) ? { remedy: errorCodes[code as ErrorCode].remedy } : {};
}

function distinct(causes: readonly Cause[]): Cause[] {
  const byKey = new Map<string, Cause>();
  for (const cause of causes) {
    const key = `${cause.code}\n${cause.scope ?? ''}\n${cause.scope === undefined ? cause.message : ''}`;
    if (!byKey.has(key)) byKey.set(key, cause);
  }
  return [...byKey.values()].sort(
    by(
      ({ code }) => code,
      ({ scope }) => scope ?? '',
      ({ message }) => message,
    ),
  );
}
