// Ecosystems as OSV exporters spell them, to the one spelling the matcher asks with.
import { knownEcosystem } from '../../normal/ecosystems.ts';
import { productOfCpe, scopeOfProduct } from '../redhat/products.ts';
import { ecosystemOfProduct } from '../suse/products.ts';

/** An ecosystem with its release, and the extended support pocket that the spelling may name. */
export interface ParsedEcosystem {
  readonly ecosystem: string;
  readonly pocket?: string;
}

/** Mariner's releases in the OSV records of Azure Linux's repository: `Azure Linux:2`. */
const marinerReleases: ReadonlyMap<string, string> = new Map([
  ['1', 'Mariner:1.0'],
  ['1.0', 'Mariner:1.0'],
  ['2', 'Mariner:2.0'],
  ['2.0', 'Mariner:2.0'],
]);

/** `Ubuntu:22.04:LTS`, `Ubuntu:Pro:16.04:LTS`, `Ubuntu:Pro:FIPS-updates:20.04:LTS` → release and pocket. */
function parseUbuntu(parts: readonly string[]): ParsedEcosystem {
  const release = parts.find((part) => /^\d\d\.\d\d$/.test(part));
  const ecosystem = release === undefined ? 'Ubuntu' : `Ubuntu:${release}`;
  if (!parts.includes('Pro')) return { ecosystem };
  const kind = parts[parts.indexOf('Pro') + 1];
  return { ecosystem, pocket: kind === undefined || kind === release ? 'esm' : kind.toLowerCase() };
}

/** `Red Hat:enterprise_linux:9::baseos` is the product of a CPE behind the vendor, and the repository beside the main ones a pocket. */
function parseRedHat(release: string): ParsedEcosystem {
  const product = productOfCpe(`cpe:/o:redhat:${release}`);
  if (product === undefined) return { ecosystem: `Red Hat:${release}` };
  const { ecosystem, repository } = scopeOfProduct(product);
  return { ecosystem, ...(repository === undefined ? {} : { pocket: repository }) };
}

/** Returns the ecosystem that a record's `package.ecosystem` means; undefined for text that is none. */
export function parseEcosystem(text: string): ParsedEcosystem | undefined {
  if (text === '' || text.length > 100 || /[\u0000-\u001f]/.test(text)) return undefined;
  const [name = '', ...parts] = text.split(':');
  const base = knownEcosystem(name) ?? name;
  if (base === 'Ubuntu') return parseUbuntu(parts);
  const release = parts.join(':');
  if (base === 'Red Hat') return parseRedHat(release);
  if (base === 'SUSE' || base === 'openSUSE')
    return { ecosystem: ecosystemOfProduct(`${base} ${release}`) ?? `${base}:${release}` };
  if (base === 'Azure Linux' || base === 'CBL-Mariner' || base === 'Mariner') {
    const mariner = marinerReleases.get(release);
    if (mariner !== undefined) return { ecosystem: mariner };
    return { ecosystem: `Azure Linux${release === '' ? '' : `:${release.replace(/\.0$/, '')}`}` };
  }
  return { ecosystem: release === '' ? base : `${base}:${release}` };
}
