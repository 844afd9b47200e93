// Repositories in which the same people may do the same by the same grants, as one group: a thousand of them are seen at a glance.
import type { EffectiveAccess } from './effective.ts';

export interface AccessGroup {
  /** In order of their names; one at least. */
  readonly repositories: readonly string[];
  /** The rows of the first; those of the others differ in the repository alone. */
  readonly rows: readonly EffectiveAccess[];
}

/** Groups rows; groups come in the order of their first repositories. */
export function groupAccess(access: readonly EffectiveAccess[]): readonly AccessGroup[] {
  const places = [...Map.groupBy(access, ({ repository }) => repository)];
  const alike = Map.groupBy(places, ([, rows]) =>
    JSON.stringify(
      rows.map(({ principal, permissions, granted, paths }) => [principal.id, permissions, granted, paths]),
    ),
  );
  return [...alike.values()].map((members) => ({
    repositories: members.map(([name]) => name),
    rows: members[0]?.[1] ?? [],
  }));
}
