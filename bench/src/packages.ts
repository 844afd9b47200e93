// What two programs found in the same image, as name@version, and why they differ.
import { readFileSync } from 'node:fs';

/** Package → where it was found. */
export type Found = ReadonlyMap<string, string>;

export interface Difference {
  readonly package: string;
  readonly place: string;
  readonly explanation: string;
}

export interface Comparison {
  readonly both: number;
  /** What the peer has and Plombe has not: must be empty. */
  readonly missing: readonly Difference[];
  /** What only Plombe has. */
  readonly more: readonly Difference[];
}

interface Component {
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

interface TrivyResult {
  readonly Target: string;
  readonly Packages?: readonly {
    readonly Name: string;
    readonly Version?: string;
    readonly FilePath?: string;
    readonly Identifier?: { readonly PURL?: string };
  }[];
}

interface SyftArtifact {
  readonly name: string;
  readonly version?: string;
  readonly type: string;
  readonly purl?: string;
  readonly locations?: readonly { readonly path: string }[];
}

/** Reads the packages of a CycloneDX document that Plombe wrote. */
export function readPlombe(path: string): { readonly found: Found; readonly owned: ReadonlySet<string> } {
  const { components = [] } = JSON.parse(readFileSync(path, 'utf8')) as { components?: readonly Component[] };
  const found = new Map<string, string>();
  const owned = new Set<string>();
  for (const { purl, properties = [] } of components) {
    if (purl === undefined) continue;
    const key = keyOf(purl);
    found.set(key, properties.find(({ name }) => name === 'plombe:path')?.value ?? '');
    if (properties.some(({ name }) => name === 'plombe:ownedBy')) owned.add(key);
  }
  return { found, owned };
}

/** Reads the package URLs of a CycloneDX document that Plombe wrote, with their qualifiers. */
export function purlsOf(path: string): readonly string[] {
  const { components = [] } = JSON.parse(readFileSync(path, 'utf8')) as { components?: readonly Component[] };
  return components.flatMap(({ purl }) => purl ?? []);
}

/** Reads the packages of Trivy's JSON. */
export function readTrivy(path: string): Found {
  const { Results = [] } = JSON.parse(readFileSync(path, 'utf8')) as { Results?: readonly TrivyResult[] };
  const found = new Map<string, string>();
  for (const { Target, Packages = [] } of Results) {
    for (const item of Packages) {
      const purl = item.Identifier?.PURL;
      const key = purl === undefined ? `${item.Name}@${item.Version ?? ''}` : keyOf(purl);
      found.set(key, item.FilePath ?? Target);
    }
  }
  return found;
}

/** Reads the packages of a CycloneDX document that Trivy wrote. */
export function readTrivySbom(path: string): Found {
  const { components = [] } = JSON.parse(readFileSync(path, 'utf8')) as { components?: readonly Component[] };
  const found = new Map<string, string>();
  for (const { purl, properties = [] } of components) {
    const place = properties.find(({ name }) => name === 'aquasecurity:trivy:FilePath')?.value ?? '';
    if (purl !== undefined) found.set(keyOf(purl), place);
  }
  return found;
}

/** Reads the packages of Syft's JSON. */
export function readSyft(path: string): Found {
  const { artifacts = [] } = JSON.parse(readFileSync(path, 'utf8')) as { artifacts?: readonly SyftArtifact[] };
  const found = new Map<string, string>();
  for (const { name, version = '', type, purl = '', locations = [] } of artifacts) {
    found.set(purl === '' ? `${type}/${name}@${version}` : keyOf(purl), locations[0]?.path ?? '');
  }
  return found;
}

/**
 * `type/namespace/name@version` of a package URL without its qualifiers. Spellings that differ between programs and mean the same are
 * made one: the epoch of a Debian package in version or qualifier, Go's `v` before the toolchain's version, case of Go's paths.
 */
export function keyOf(purl: string): string {
  const [bare = '', query = ''] = (purl.split('#')[0] ?? '').replace(/^pkg:/, '').split('?');
  const at = bare.lastIndexOf('@');
  const split = at > bare.lastIndexOf('/') ? at : bare.length;
  const name = decodeURIComponent(bare.slice(0, split));
  const version = decodeURIComponent(bare.slice(split + 1));
  const epoch = new URLSearchParams(query).get('epoch') ?? '0';
  if (name.startsWith('golang/')) return `${name.toLowerCase()}@${version.replace(/^v/, '')}`;
  return `${name}@${epoch === '0' || version.includes(':') ? version : `${epoch}:${version}`}`;
}

/** Compares. The explanations are rules about how both work, checked on each difference. */
export function compareFound(plombe: ReturnType<typeof readPlombe>, trivy: Found): Comparison {
  const missing = [...trivy].filter(([key]) => !plombe.found.has(key));
  const more = [...plombe.found].filter(([key]) => !trivy.has(key));
  return {
    both: plombe.found.size - more.length,
    missing: missing.map(([key, place]) => ({ package: key, place, explanation: 'unexplained' })),
    more: more.map(([key, place]) => ({ package: key, place, explanation: explain(key, place, plombe.owned) })),
  };
}

function explain(key: string, place: string, owned: ReadonlySet<string>): string {
  if (owned.has(key)) return 'belongs to an OS package: Trivy leaves it out, Plombe lists it once and marks its owner';
  if (key.startsWith('golang/stdlib@')) return "the standard library of a Go program in an OS package's folder";
  if (place.includes('usr/share/nodejs/')) return "Debian's place of Node packages, no file of an installed package";
  if (/\.libs\/lib/.test(place)) return 'a library that a wheel brings along, by what it says of its version';
  if (key.startsWith('npm/') && place.endsWith('.js')) return 'a JavaScript library that lies there as a file';
  return 'unexplained';
}
