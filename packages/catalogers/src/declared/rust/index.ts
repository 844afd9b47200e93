// Crates of Rust as Cargo.lock declares them; Cargo.toml says what is asked for, and for what (doc.rust-lang.org/cargo).
import { parseToml } from '@plombe/formats';
import { field, isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { FileHeader, PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../../cataloger.ts';
import { crateLicenceIn, crateLicences } from '../../rust/licences.ts';
import { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, maxMeanings, reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { namesAsked } from './asked.ts';
import { baseName, folderOf, isFile, isInstalled, lockFile, manifestFile, textOf, tomlOf } from '../read.ts';

/** Cargo.lock of any version; Cargo.toml tells what is for development. */
export const cargoLockCataloger: Cataloger = {
  id: 'cargo-lock',
  version: 5,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  declares: true,
  where: { names: ['Cargo.lock', 'Cargo.toml', '.cargo-checksum.json'] },
  wants,
  catalog,
};

/** Its being there is enough: the folder is a crate that cargo vendored. */
const marker: Want = { kind: 'head', maxBytes: 1 };

function wants(header: FileHeader): Want | undefined {
  const { path } = header;
  const want = path.endsWith('Cargo.lock')
    ? lockFile
    : path.endsWith('Cargo.toml')
      ? manifestFile
      : path.endsWith('.cargo-checksum.json')
        ? marker
        : undefined;
  if (want === undefined || !isFile(header) || isInstalled(path)) return undefined;
  const name = baseName(path);
  return name === 'Cargo.lock' || name === 'Cargo.toml' || name === '.cargo-checksum.json' ? want : undefined;
}

function catalog(view: FileView): CatalogResult {
  const into = new DeclaredPackages();
  const files = view.files().flatMap(({ path }) => {
    const file = view.get(path);
    return file === undefined ? [] : [{ ...file, path }];
  });
  const vendored = new Set(files.filter(({ path }) => path.endsWith('.json')).map(({ path }) => folderOf(path)));
  const manifests = new Map<string, JsonObject>();
  const projects = new Map<string, string>();
  const workspaces = new Map<string, JsonObject>();
  const locks = new Set(files.flatMap(({ path }) => (path.endsWith('.lock') ? [folderOf(path)] : [])));
  // Members of a workspace may inherit their licence from its root; a tree mostly has one.
  let inherited: JsonObject | undefined;
  for (const file of files) {
    if (!file.path.endsWith('.toml') || vendored.has(folderOf(file.path))) continue;
    const manifest = quietly(file);
    if (manifest === undefined && locks.has(folderOf(file.path))) into.unreadable(file, 'is not valid TOML');
    const workspace = manifest && objectField(manifest, 'workspace');
    if (workspace !== undefined) workspaces.set(folderOf(file.path), workspace);
    const name = manifest && textField(objectField(manifest, 'package') ?? {}, 'name');
    inherited ??= objectField(workspace ?? {}, 'package');
    if (manifest === undefined || name === undefined) continue;
    manifests.set(name, manifest);
    projects.set(folderOf(file.path), name);
  }
  const foldersIn = Map.groupBy(projects.keys(), folderOf);
  const licences = vendoredLicences(files, vendored);
  for (const [name, manifest] of manifests)
    licences.set(name, crateLicences(objectField(manifest, 'package'), inherited));
  for (const file of files) {
    if (!file.path.endsWith('.lock') || vendored.has(folderOf(file.path))) continue;
    const lock = tomlOf(file, into);
    const folder = folderOf(file.path);
    const named = [...namesAsked(folder, workspaces.get(folder), { manifests, projects, foldersIn })];
    if (lock !== undefined) readCargoLock(file, lock, { manifests, licences }, named, into);
  }
  return into.result();
}

/** What Cargo.toml files of the tree say: of its own crates by name, of vendored ones by `NAME VERSION`. */
interface Said {
  readonly manifests: ReadonlyMap<string, JsonObject>;
  readonly licences: ReadonlyMap<string, readonly string[]>;
}

/** Licences of the crates that cargo vendored (`vendor/NAME/Cargo.toml`). */
function vendoredLicences(files: readonly RawFile[], vendored: ReadonlySet<string>): Map<string, readonly string[]> {
  const licences = new Map<string, readonly string[]>();
  for (const file of files) {
    if (!file.path.endsWith('.toml') || file.truncated || !vendored.has(folderOf(file.path))) continue;
    const said = crateLicenceIn(textOf(file));
    if (said !== undefined) licences.set(`${said.name} ${said.version}`, said.licences);
  }
  return licences;
}

/** A manifest that cannot be read says nothing of scopes; what is declared is in the lock file. */
function quietly(file: RawFile): JsonObject | undefined {
  try {
    const value = file.truncated ? undefined : parseToml(textOf(file));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readCargoLock(
  file: RawFile,
  lock: JsonObject,
  { manifests, licences }: Said,
  asked: readonly string[],
  into: DeclaredPackages,
): void {
  const entries = new Map<string, JsonObject>();
  const byName = new Map<string, string[]>();
  for (const entry of [
    ...objectsField(lock, 'package'),
    ...[objectField(lock, 'root')].filter((root) => root !== undefined),
  ]) {
    const key = `${textField(entry, 'name') ?? ''} ${textField(entry, 'version') ?? ''} ${textField(entry, 'source') ?? ''}`;
    entries.set(key, entry);
    // `name`, `name version` or `name version (source)`: as little as tells it from others.
    const [name = '', version = '', source = ''] = key.split(' ');
    for (const written of new Set([name, `${name} ${version}`, `${name} ${version} (${source})`])) {
      const same = byName.get(written);
      if (same === undefined) byName.set(written, [key]);
      else if (same.length < maxMeanings) same.push(key);
    }
  }
  const scopesOf = (entry: JsonObject): ReadonlyMap<string, PackageScope> | undefined => {
    const manifest =
      textField(entry, 'source') === undefined ? manifests.get(textField(entry, 'name') ?? '') : undefined;
    return manifest === undefined ? undefined : scopesIn(manifest);
  };
  const lost = new Set(asked.filter((name) => !byName.has(name)));
  const needs = (entry: JsonObject): readonly Need[] => {
    const scopes = scopesOf(entry);
    return textsField(entry, 'dependencies').flatMap((written) => {
      const scope = scopes?.get(written.split(' ', 1)[0] ?? '') ?? 'runtime';
      if (!byName.has(written)) lost.add(written);
      return (byName.get(written) ?? []).map((key): Need => ({ key, scope }));
    });
  };
  const members = [...entries.values()].filter((entry) => textField(entry, 'source') === undefined);
  const needsOf = (key: string): readonly Need[] => {
    const entry = entries.get(key);
    // Crates of the tree are roots: what they ask for is asked for by the project.
    return entry === undefined || textField(entry, 'source') === undefined ? [] : needs(entry);
  };
  const reached = reach(members.flatMap(needs), needsOf, (key) => key.split(' ', 1)[0] ?? key);
  if (entries.size === 0) into.unreadable(file, 'was cut off: it does not even hold the project itself');
  // What nothing leads to was not asked yet.
  for (const [key, entry] of entries) if (!reached.has(key)) needs(entry);
  tellLost(file, lost, into);
  // Cargo takes out what is not needed any more: who asks for it was cut off.
  const isUnasked = ([key, entry]: readonly [string, JsonObject]): boolean =>
    !reached.has(key) && textField(entry, 'source') !== undefined;
  if (lost.size === 0 && [...entries].some(isUnasked))
    into.unreadable(file, 'holds crates that none of its own asks for, as if it were cut off');
  for (const [key, entry] of entries) {
    const name = textField(entry, 'name') ?? '';
    const version = textField(entry, 'version') ?? '';
    const source = textField(entry, 'source');
    const origin: PackageOrigin | undefined =
      source === undefined ? 'local' : source.startsWith('git+') ? 'vcs' : undefined;
    const known = origin === 'local' ? undefined : reached.get(key);
    into.add(file, {
      type: 'cargo',
      name,
      version,
      licences: licences.get(origin === 'local' ? name : `${name} ${version}`),
      scope: origin === 'local' ? 'runtime' : known?.scope,
      ...(known === undefined ? {} : { direct: known.direct }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(origin === 'vcs' ? { resolved: source ?? '' } : {}),
        ...(origin === undefined && source !== undefined && !isCratesIo(source) ? { registry: source } : {}),
        ...(known?.via === undefined ? {} : { via: known.via }),
      },
    });
  }
}

function isCratesIo(source: string): boolean {
  return (
    source === 'registry+https://github.com/rust-lang/crates.io-index' || source === 'sparse+https://index.crates.io/'
  );
}

const tables: readonly (readonly [string, PackageScope])[] = [
  ['dependencies', 'runtime'],
  ['dev-dependencies', 'development'],
  ['dev_dependencies', 'development'],
  ['build-dependencies', 'development'],
  ['build_dependencies', 'development'],
];

/** What a crate asks for, for all targets, by the name of the package; what is needed to run wins. */
function scopesIn(manifest: JsonObject): ReadonlyMap<string, PackageScope> {
  const scopes = new Map<string, PackageScope>();
  const targets = Object.values(objectField(manifest, 'target') ?? {}).filter(isObject);
  for (const [table, scope] of tables) {
    for (const holder of [manifest, ...targets]) {
      for (const [written, value] of Object.entries(objectField(holder, table) ?? {})) {
        const name = (isObject(value) ? textField(value, 'package') : undefined) ?? written;
        const optional = scope === 'runtime' && isObject(value) && field(value, 'optional') === true;
        const known = scopes.get(name);
        if (known === undefined || (known === 'optional' && scope === 'runtime' && !optional))
          scopes.set(name, optional ? 'optional' : scope);
      }
    }
  }
  return scopes;
}
