// Which package owns a path, also where the database names the place it had before `/usr` was merged.

/** `/bin`, `/sbin` and `/lib` are links into `/usr` in every current distribution; file lists may still name the old place. */
const mergedFolders = /^(?:bin|sbin|lib|lib64)\//;

/**
 * Joins the paths of each package to its index. The first package that lists a path owns it; a path as listed counts before one that
 * only the merge brings there.
 */
export function ownersOf(lists: readonly (readonly [index: number, paths: readonly string[]])[]): Map<string, number> {
  const owners = new Map<string, number>();
  for (const [index, paths] of lists) {
    for (const path of paths) if (!owners.has(path)) owners.set(path, index);
  }
  for (const [path, index] of [...owners].filter(([path]) => mergedFolders.test(path))) {
    if (!owners.has(`usr/${path}`)) owners.set(`usr/${path}`, index);
  }
  return owners;
}
