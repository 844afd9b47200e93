// Crates of Rust programs, from the list that `cargo auditable` puts into them.
import { type CargoCrate, CargoAuditReader, decodeCargoAudit, parseCargoList } from '@plombe/formats';
import { decodeText, kibibyte, inert } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, PackageOrigin, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { crateLicenceIn } from './licences.ts';

/** Crates that programs were linked from, wherever the programs are. */
export const rustCataloger: Cataloger = {
  id: 'rust',
  version: 3,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** A program that only ends, stripped and for size, has 300 KiB; without the standard library 10 KiB. */
const minProgramBytes = 8 * kibibyte;

/** What other programs load: `libx.so.1.2`, addons of Node.js and Python. A diagnostic calls it by what it is. */
const libraryName = /\.(?:so(?:\.\d+){0,4}|node|dylib|dll|pyd)$/i;

const program: Want = { kind: 'distill', create: () => new CargoAuditReader() };

/** The largest manifest known to us has 200 KiB. */
const manifest: Want = { kind: 'whole', maxBytes: 512 * kibibyte };
const manifestEnd = '/Cargo.toml';
/** Where cargo unpacks crates before it builds them: `NAME-VERSION` below `registry/src/INDEX`. */
const sourceFolder = /(?:^|\/)registry\/src\/[^/]+\/([^/]+)\/Cargo\.toml$/;

function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file') return undefined;
  if (path.endsWith(manifestEnd)) return sourceFolder.test(path) ? manifest : undefined;
  return sizeBytes >= minProgramBytes ? program : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const licencesOf = licencesIn(view);
  for (const file of view.files()) {
    if (file.type !== 'file' || file.path.endsWith(manifestEnd)) continue;
    const audit = decodeCargoAudit(file.content);
    const lists = audit?.lists.map(parseCargoList) ?? [];
    for (const list of lists)
      packages.push(...cratesOf(list ?? [], file.path, { compiler: audit?.compiler, licencesOf }));
    const lost = audit === undefined || lists.some((list) => list?.every((crate) => crate !== undefined) !== true);
    const problem = audit?.problem ?? (lost ? 'has a list of crates that cannot be read whole' : undefined);
    if (problem !== undefined) {
      const saying = `${inert(problem)}; its crates are not all in the inventory`;
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    } else if (lists.length === 0) {
      const what = libraryName.test(file.path) ? 'library' : 'program';
      const saying = `is a ${what} of Rust (${inert(audit?.compiler ?? '')}) without a list of its crates, which cargo auditable would put in`;
      diagnostics.push(diagnose('package/not-listed', 'note', file, saying));
    }
  }
  return { packages, diagnostics, complete };
}

type LicencesOf = (name: string, version: string) => readonly string[];

/** Licences of crates by the sources that cargo left behind, read where a program has the crate. */
function licencesIn(view: FileView): LicencesOf {
  const sources = new Map<string, RawFile>();
  for (const file of view.files()) {
    const folder = file.path.endsWith(manifestEnd) ? sourceFolder.exec(file.path)?.[1] : undefined;
    if (folder !== undefined && !file.truncated) sources.set(folder, file);
  }
  return (name, version) => {
    const file = sources.get(`${name}-${version}`);
    const said = file === undefined ? undefined : crateLicenceIn(decodeText(file.content));
    return said?.name === name && said.version === version ? said.licences : [];
  };
}

/** Crate names and versions as cargo accepts them. */
const namePattern = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
const versionPattern = /^\d{1,10}\.\d{1,10}\.\d{1,10}(?:[-+][0-9A-Za-z.+-]{1,200})?$/;

/** What was linked, each name and version once. Crates for build scripts and tests are counted at the program's own. */
function cratesOf(
  list: readonly (CargoCrate | undefined)[],
  path: string,
  { compiler, licencesOf }: { readonly compiler: string | undefined; readonly licencesOf: LicencesOf },
): readonly FoundPackage[] {
  const crates = list.filter((crate) => crate !== undefined);
  const asked = new Set(crates.filter(({ isRoot }) => isRoot).flatMap(({ dependencies }) => dependencies));
  const notLinked = crates.filter(({ kind }) => kind !== 'runtime').length;
  const seen = new Set<string>();
  return list.flatMap((crate, position): readonly FoundPackage[] => {
    if (crate?.kind !== 'runtime' || !namePattern.test(crate.name) || !versionPattern.test(crate.version)) return [];
    const { name, version, source, isRoot } = crate;
    const key = `${name}@${version} ${source}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const origin = isRoot ? undefined : originOf(source);
    const facts = {
      ...(isRoot && notLinked > 0 ? { cratesToBuildIt: String(notLinked) } : {}),
      ...(isRoot && compiler !== undefined ? { compiler } : {}),
      ...(source === 'crates.io' || source === '' ? {} : { crateSource: source.slice(0, 100) }),
    };
    return [
      {
        type: 'cargo',
        name,
        version,
        licences: source === 'crates.io' ? licencesOf(name, version) : [],
        paths: [path],
        // The program itself is mostly built from its repository, under the name and version it is published by.
        ...(isRoot && source !== 'crates.io' ? { weak: true } : {}),
        ...(asked.size === 0 || isRoot ? {} : { direct: asked.has(position) }),
        ...(origin === undefined ? {} : { origin }),
        ...(Object.keys(facts).length === 0 ? {} : { facts: sorted(facts) }),
      },
    ];
  });
}

/** Advisories speak of crates.io; what came from elsewhere may share a name with a crate there and nothing else. */
function originOf(source: string): PackageOrigin | undefined {
  if (source === 'crates.io' || source === '') return undefined;
  return source === 'git' ? 'vcs' : source === 'local' ? 'local' : 'archive';
}

function sorted(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
