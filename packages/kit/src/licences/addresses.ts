// Addresses that declarations give in place of a licence's name. An address that shows whatever version is the newest names none.

/** Starts of addresses without scheme and `www.`, in small letters, longer ones first; the rest is a name or an id. */
const places: readonly string[] = [
  'opensource.org/licenses/',
  'opensource.org/license/',
  'spdx.org/licenses/',
  'licenses.nuget.org/',
  'choosealicense.com/licenses/',
  'gnu.org/licenses/old-licenses/',
  'gnu.org/licenses/',
  'gnu.org/copyleft/',
  'apache.org/licenses/',
  'repository.jboss.org/licenses/',
  'eclipse.org/legal/',
  'eclipse.org/org/documents/epl-2.0/',
  'eclipse.org/org/documents/',
  'projects.eclipse.org/license/',
  'mozilla.org/mpl/',
  'mozilla.org/en-us/mpl/',
];

const exact: ReadonlyMap<string, string> = new Map([
  ['apache.org/licenses/license-2.0', 'Apache-2.0'],
  ['apache.org/licenses/license-1.1', 'Apache-1.1'],
  ['asm.ow2.org/license', 'BSD-3-Clause'],
  ['asm.objectweb.org/license', 'BSD-3-Clause'],
  ['boost.org/license_1_0', 'BSL-1.0'],
  ['creativecommons.org/publicdomain/zero/1.0', 'CC0-1.0'],
  ['creativecommons.org/publicdomain/zero/1.0/legalcode', 'CC0-1.0'],
  ['eclipse.org/legal/epl-v10', 'EPL-1.0'],
  ['eclipse.org/legal/epl-v20', 'EPL-2.0'],
  ['eclipse.org/org/documents/epl-v10', 'EPL-1.0'],
  ['eclipse.org/org/documents/epl-v20', 'EPL-2.0'],
  ['eclipse.org/org/documents/edl-v10', 'BSD-3-Clause'],
  ['projects.eclipse.org/license/secondary-gpl-2.0-cp', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['glassfish.java.net/public/cddl+gpl_1_1', 'CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0'],
  ['oss.oracle.com/licenses/cddl+gpl-1.1', 'CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0'],
  ['gnu.org/software/classpath/license', 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
  ['json.org/license', 'JSON'],
  ['mozilla.org/mpl/2.0', 'MPL-2.0'],
  ['mozilla.org/mpl/1.1', 'MPL-1.1'],
  ['mozilla.org/mpl/mpl-1.1', 'MPL-1.1'],
  ['opensource.org/licenses/mit-license', 'MIT'],
  ['opensource.org/licenses/cpl1', 'CPL-1.0'],
  ['opensource.org/licenses/isc-license', 'ISC'],
  ['sam.zoy.org/wtfpl', 'WTFPL'],
  ['wtfpl.net', 'WTFPL'],
  ['unlicense.org', 'Unlicense'],
]);

const creativeCommons =
  /^creativecommons\.org\/licenses\/(by(?:-nc)?(?:-sa|-nd)?)\/(\d\.\d)(?:\/(?:legalcode|deed)(?:\.en)?)?$/;

/** Returns what an address names: an expression, or the last part of its path as a name; undefined for other text and addresses. */
export function addressedLicence(
  text: string,
): { readonly expression: string } | { readonly name: string } | undefined {
  const bare = /^(?:https?:\/\/)?(?:www\.)?([a-z0-9.-]+\.[a-z]{2,}(?:\/[^\s?#]{0,200})?)(?:[?#][^\s]*)?$/i.exec(
    text.slice(0, 400),
  )?.[1];
  if (bare === undefined) return undefined;
  const address = bare
    .toLowerCase()
    .replace(/\/{1,8}$/, '')
    .replace(/\.(?:html?|txt|php|pdf|en\.html|md)$/, '')
    .replace(/\.en$/, '');
  const expression = exact.get(address);
  if (expression !== undefined) return { expression };
  const [, kind, version] = creativeCommons.exec(address) ?? [];
  if (kind !== undefined) return { name: `CC-${kind}-${version}` };
  const place = places.find((one) => address.startsWith(one));
  const name = place === undefined ? '' : decoded(address.slice(place.length));
  return name === '' || /^[al]?gpl$/.test(name) ? undefined : { name };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
