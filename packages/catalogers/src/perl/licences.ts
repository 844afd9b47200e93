// Licences as CPAN::Meta::Spec 2 names them, as SPDX expressions.
import { joinExpressions } from '@plombe/kit';

const names: ReadonlyMap<string, string> = new Map([
  ['agpl_3', 'AGPL-3.0-only'],
  ['apache_1_1', 'Apache-1.1'],
  ['apache_2_0', 'Apache-2.0'],
  ['artistic_1', 'Artistic-1.0'],
  ['artistic_2', 'Artistic-2.0'],
  ['bsd', 'BSD-3-Clause'],
  ['freebsd', 'BSD-2-Clause'],
  ['gfdl_1_2', 'GFDL-1.2-only'],
  ['gfdl_1_3', 'GFDL-1.3-only'],
  ['gpl_1', 'GPL-1.0-only'],
  ['gpl_2', 'GPL-2.0-only'],
  ['gpl_3', 'GPL-3.0-only'],
  ['lgpl_2_1', 'LGPL-2.1-only'],
  ['lgpl_3_0', 'LGPL-3.0-only'],
  ['mit', 'MIT'],
  ['mozilla_1_0', 'MPL-1.0'],
  ['mozilla_1_1', 'MPL-1.1'],
  ['openssl', 'OpenSSL'],
  ['perl_5', 'Artistic-1.0-Perl OR GPL-1.0-or-later'],
  ['qpl_1_0', 'QPL-1.0'],
  ['zlib', 'Zlib'],
]);

/** Returns what a `license` list says; `unknown`, `open_source` and their like say nothing. Several are a choice. */
export function licencesOf(declared: readonly string[]): readonly string[] {
  const known = [...new Set(declared.slice(0, 16).flatMap((name) => names.get(name) ?? []))].sort();
  return known.length === 0 ? [] : [joinExpressions(known, 'OR')];
}
