// A snap's own files (snapcraft.io/docs, "The snap format"), read line by line: nothing that counts is nested, so no YAML can be a bomb.

export interface Snap {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  readonly base?: string;
  /** `base`, `os`, `gadget`, `kernel`, `snapd`; absent for applications. */
  readonly kind?: string;
  /** Ubuntu's release that its packages are of, `22.04`; absent where it is not known. */
  readonly release?: string;
}

export interface StagedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
}

/** snapd's rule: lower-case letters, digits, hyphens, 40 at most. */
const snapName = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** 32 at most since 2018, before any text. */
const snapVersion = /^[A-Za-z0-9][A-Za-z0-9:.+~_-]{0,127}$/;
const word = /^[a-z0-9][a-z0-9.-]{0,39}$/;

/** Debian Policy 5.6.7 and 5.6.12. */
const namePattern = /^[a-z0-9][a-z0-9+.-]{0,255}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;
const maxPackages = 20_000;

/** Reads `meta/snap.yaml`; undefined where it has no valid name or version. Never throws. */
export function readSnap(text: string): Snap | undefined {
  const fields = new Map<string, string>();
  let list = '';
  for (const line of text.split(/\r?\n/)) {
    const match = /^([a-z-]{1,32}):[ \t]*(.*)$/.exec(line);
    if (match !== null) {
      list = match[2] === '' ? (match[1] as string) : '';
      if (!fields.has(match[1] as string)) fields.set(match[1] as string, scalarOf(match[2] as string));
    } else if (list === 'architectures' && /^\s*- /.test(line) && fields.get(list) === '') {
      fields.set(list, scalarOf(line.trim().slice(2)));
    }
  }
  const name = fields.get('name') ?? '';
  const version = fields.get('version') ?? '';
  if (!snapName.test(name) || !snapVersion.test(version)) return undefined;
  const architecture = (fields.get('architectures') ?? '').replace(/^\[\s*([a-z0-9]+).*$/, '$1');
  const base = fields.get('base') ?? '';
  const kind = fields.get('type') ?? '';
  const release = releaseOf(name, kind, base);
  return {
    name,
    version,
    ...(word.test(architecture) ? { architecture } : {}),
    ...(word.test(base) ? { base } : {}),
    ...(word.test(kind) && kind !== 'app' ? { kind } : {}),
    ...(release === undefined ? {} : { release }),
  };
}

/** `core22` is made of Ubuntu 22.04, `core` of 16.04. An application without a base runs on `core`. */
function releaseOf(name: string, kind: string, base: string): string | undefined {
  const isBase = kind === 'base' || kind === 'os';
  const of = isBase ? name : base === '' ? 'core' : base;
  if (of === 'core') return '16.04';
  const year = /^core(\d\d)(?:-desktop)?$/.exec(of)?.[1];
  return year === undefined ? undefined : `${year}.04`;
}

function scalarOf(text: string): string {
  const quoted = /^(?:'([^']*)'|"([^"\\]*)")\s*(?:#.*)?$/.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? '';
  return text.replace(/\s#.*$/, '').trim();
}

/** Reads `primed-stage-packages`, `NAME=VERSION` each, of `snap/manifest.yaml`; the other packages named in it did not come into the snap. */
export function readPrimed(text: string): readonly StagedPackage[] {
  const found = new Map<string, StagedPackage>();
  let within = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^[a-z-]+:/.test(line)) within = line.startsWith('primed-stage-packages:');
    else if (within) add(found, /^\s*- ['"]?([^=\s'"]+)=([^\s'"]+)['"]?$/.exec(line)?.slice(1) ?? []);
  }
  return [...found.values()];
}

/** Reads the table of `dpkg -l` that base snaps hold: state, name, version, architecture, description. */
export function readDpkgList(text: string): readonly StagedPackage[] {
  const found = new Map<string, StagedPackage>();
  for (const line of text.split(/\r?\n/)) {
    if (/^[a-z]i /.test(line)) add(found, line.split(/\s+/, 4).slice(1));
  }
  return [...found.values()];
}

function add(found: Map<string, StagedPackage>, [written = '', version = '', of]: readonly string[]): void {
  const [name, own] = written.split(':', 2) as [string, string | undefined];
  if (found.size >= maxPackages || !namePattern.test(name) || !versionPattern.test(version)) return;
  const architecture = of ?? own;
  const known = architecture !== undefined && word.test(architecture) ? { architecture } : {};
  found.set(`${name} ${version} ${architecture ?? ''}`, { name, version, ...known });
}
