// Ids that the SPDX License List keeps but calls deprecated, with the expression that says the same. Facts of spdx.org/licenses.

const gnuVersions: Readonly<Record<string, readonly string[]>> = {
  AGPL: ['1.0', '3.0'],
  GFDL: ['1.1', '1.2', '1.3'],
  GPL: ['1.0', '2.0', '3.0'],
  LGPL: ['2.0', '2.1', '3.0'],
};

/** Deprecated id → its expression. Ids whose successor says something else (`Nunit`, `BSD-2-Clause-FreeBSD`) are not in it. */
export const replacedIds: ReadonlyMap<string, string> = new Map([
  ...Object.entries(gnuVersions).flatMap(([family, versions]) =>
    versions.flatMap((version): [string, string][] => [
      [`${family}-${version}`, `${family}-${version}-only`],
      [`${family}-${version}+`, `${family}-${version}-or-later`],
    ]),
  ),
  ['GPL-2.0-with-autoconf-exception', 'GPL-2.0-only WITH Autoconf-exception-2.0'],
  ['GPL-2.0-with-bison-exception', 'GPL-2.0-only WITH Bison-exception-2.2'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['GPL-2.0-with-font-exception', 'GPL-2.0-only WITH Font-exception-2.0'],
  ['GPL-2.0-with-GCC-exception', 'GPL-2.0-only WITH GCC-exception-2.0'],
  ['GPL-3.0-with-autoconf-exception', 'GPL-3.0-only WITH Autoconf-exception-3.0'],
  ['GPL-3.0-with-GCC-exception', 'GPL-3.0-only WITH GCC-exception-3.1'],
  ['BSD-2-Clause-NetBSD', 'BSD-2-Clause'],
  ['bzip2-1.0.5', 'bzip2-1.0.6'],
  ['eCos-2.0', 'GPL-2.0-or-later WITH eCos-exception-2.0'],
  ['StandardML-NJ', 'SMLNJ'],
  ['wxWindows', 'LGPL-2.0-or-later WITH WxWindows-exception-3.1'],
]);

/** Returns the other spellings of an id, older and newer: `GPL-2.0` for `GPL-2.0-only` and the other way round; empty where it has one only. */
export function otherSpellings(id: string): readonly string[] {
  const newer = replacedIds.get(id);
  return newer === undefined ? (olderIds.get(id) ?? []) : [newer];
}

const olderIds: ReadonlyMap<string, readonly string[]> = indexOfSuccessors();

function indexOfSuccessors(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [id, successor] of replacedIds) {
    const known = found.get(successor);
    if (known === undefined) found.set(successor, [id]);
    else known.push(id);
  }
  return found;
}
