// Who may do what, in the end: grants with their globs, over groups and groups in groups, per repository and principal.
import { by } from '@plombe/kit';
import type { ConnectedGrant, ConnectedPrincipal, Permission } from '../registries/connector.ts';
import { coversRepository } from './glob.ts';

/** One way by which a principal has permissions. */
export interface AccessPath {
  readonly permissions: readonly Permission[];
  /** The glob of the grant. */
  readonly repositories: string;
  /** The role, scope map or policy, as the registry names it. */
  readonly source: string;
  /** Groups on the way, the principal's own first. */
  readonly via: readonly string[];
  /** A condition that nobody evaluated: the grant counts as given. */
  readonly condition?: string;
}

export interface EffectiveAccess {
  readonly repository: string;
  readonly principal: ConnectedPrincipal;
  /** What the principal can do now: nothing where it is disabled or expired. */
  readonly permissions: readonly Permission[];
  /** What it could do if it were active. */
  readonly granted: readonly Permission[];
  readonly paths: readonly AccessPath[];
}

const order: readonly Permission[] = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];

/** Groups in groups deeper than this are no organisation any more. */
const maxDepth = 16;

/**
 * Evaluates every repository for every principal that some grant reaches; groups whose members are known are dissolved into them. A grant to somebody
 * who is not in the list counts: its principal is then of kind `unknown`. Sorted by repository, then principal.
 */
export function effectiveAccess(
  repositories: readonly string[],
  principals: readonly ConnectedPrincipal[],
  grants: readonly ConnectedGrant[],
): readonly EffectiveAccess[] {
  const byId = new Map(principals.map((principal) => [principal.id, principal]));
  const reached = grants.map((grant) => ({ grant, holders: holdersOf(grant.principal, byId) }));
  return repositories.toSorted().flatMap((repository) => {
    const paths = new Map<string, AccessPath[]>();
    for (const { grant, holders } of reached) {
      if (!coversRepository(grant.repositories, repository)) continue;
      for (const { id, via } of holders) {
        const { permissions, repositories: glob, source, condition } = grant;
        const path = {
          permissions,
          repositories: glob,
          source,
          via,
          ...(condition === undefined ? {} : { condition }),
        };
        paths.set(id, [...(paths.get(id) ?? []), path]);
      }
    }
    return [...paths]
      .toSorted(by(([id]) => id))
      .map(([id, own]) => accessOf(repository, byId.get(id) ?? stranger(id), own));
  });
}

function accessOf(repository: string, principal: ConnectedPrincipal, paths: readonly AccessPath[]): EffectiveAccess {
  const all = new Set(paths.flatMap(({ permissions }) => permissions));
  const granted = order.filter((permission) => all.has(permission));
  const isActive = principal.state === 'active' || principal.state === 'unknown';
  return { repository, principal, granted, permissions: isActive ? granted : [], paths };
}

interface Holder {
  readonly id: string;
  readonly via: readonly string[];
}

/** The principals that a grant to `id` reaches: itself, or its members where they are known; each once, by the shortest way. */
function holdersOf(id: string, byId: ReadonlyMap<string, ConnectedPrincipal>): readonly Holder[] {
  const holders: Holder[] = [];
  const seen = new Set([id]);
  const queue: Holder[] = [{ id, via: [] }];
  // The queue grows while it is walked.
  for (const holder of queue) {
    const principal = byId.get(holder.id);
    if (principal?.members === undefined || holder.via.length >= maxDepth) {
      holders.push(holder);
      continue;
    }
    // A disabled group gives its members nothing.
    if (principal.state === 'disabled' || principal.state === 'expired') continue;
    for (const member of principal.members) {
      if (seen.has(member)) continue;
      seen.add(member);
      queue.push({ id: member, via: [holder.id, ...holder.via] });
    }
  }
  return holders;
}

function stranger(id: string): ConnectedPrincipal {
  return { id, kind: id === 'anonymous' ? 'anonymous' : 'unknown', name: id, state: 'unknown' };
}
