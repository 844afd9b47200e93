// Modules of Go as go.mod, go.work, go.sum and vendor/modules.txt declare them, and the standard library they ask for.
import { compareText } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../../cataloger.ts';
import { standardLibrary } from '../../go/toolchain.ts';
import { DeclaredPackages } from '../declared-packages.ts';
import { tellLost, tellUnended } from '../lost.ts';
import { baseName, folderOf, isFile, isInstalled, lockFile, manifestFile, textOf } from '../read.ts';
import {
  byPath,
  parseGoMod,
  parseGoSum,
  parseVendor,
  replacementOf,
  sumsOf,
  type GoMod,
  type Replacements,
  type GoRequirement,
} from './go-mod.ts';
import { workspaceAt, workspacesOf, type Workspace } from './workspace.ts';

type Releases = Pick<GoMod, 'toolchain' | 'goVersion'>;

/** go.mod; go.work above it; go.sum where go.mod is of before Go 1.17; vendor/modules.txt. */
export const goModCataloger: Cataloger = {
  id: 'go-mod',
  version: 4,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  declares: true,
  where: { names: ['go.mod', 'go.sum', 'go.work', 'go.work.sum', 'modules.txt'] },
  wants,
  catalog,
};

const wanted: ReadonlyMap<string, Want | 'vendor'> = new Map<string, Want | 'vendor'>([
  ['go.mod', manifestFile],
  ['go.work', manifestFile],
  ['go.sum', lockFile],
  ['go.work.sum', lockFile],
  ['modules.txt', 'vendor'],
]);

function wants(header: FileHeader): Want | undefined {
  const { path } = header;
  const want = wanted.get(baseName(path));
  if (want === undefined || !isFile(header) || isInstalled(path)) return undefined;
  return want === 'vendor' ? (path.endsWith('vendor/modules.txt') ? lockFile : undefined) : want;
}

function catalog(view: FileView): CatalogResult {
  const into = new DeclaredPackages();
  const files = new Map<string, RawFile>();
  for (const { path } of view.files()) {
    const file = view.get(path);
    if (file !== undefined) files.set(path, { ...file, path });
  }
  const workspaces = workspacesOf(files, into);
  for (const { file, work } of workspaces.values()) addStandardLibrary(file, work, into);
  for (const [path, file] of files) {
    if (file.truncated) {
      into.unreadable(file, '');
      continue;
    }
    const name = baseName(path);
    if (name === 'go.mod') readGoMod(file, files.get(beside(path, 'go.sum')), workspaceAt(path, workspaces), into);
    else if (name === 'modules.txt') readVendor(file, into);
    else if (name === 'go.sum' && !files.has(beside(path, 'go.mod')))
      addModules(file, newest(parseGoSum(textOf(file))), byPath([]), into, {});
  }
  return into.result();
}

function beside(path: string, name: string): string {
  const folder = folderOf(path);
  return folder === '' ? name : `${folder}/${name}`;
}

function readGoMod(
  file: RawFile,
  sum: RawFile | undefined,
  workspace: Workspace | undefined,
  into: DeclaredPackages,
): void {
  const mod = parseGoMod(textOf(file));
  const replacements = workspace?.replacements ?? byPath(mod.replacements);
  tellUnended(file, into);
  if (mod.module === undefined || mod.odd > 0) into.unreadable(file, 'is no go.mod that can be read whole');
  addModules(file, mod.requirements, replacements, into, { direct: true, members: workspace?.modules });
  // Go builds a workspace with what its go.work asks for, which is no less than any of its modules does.
  if (workspace === undefined || libraryOf(workspace.work) === undefined) addStandardLibrary(file, mod, into);
  if (listsAll(mod.goVersion)) return;
  // Before Go 1.17 a go.mod has only what the module itself asks for. go.sum has more than is used, so the newest of each counts.
  const listed = new Set(mod.requirements.map(({ path }) => path));
  if (sum === undefined || sum.truncated) {
    if (mod.requirements.length > 0)
      into.missing(
        file,
        'package/dependencies-open',
        'is of before Go 1.17 and lists only what it asks for itself, and there is no go.sum beside it',
      );
    return;
  }
  const { paths, isWhole } = sumsOf(textOf(sum));
  if (!isWhole) into.unreadable(sum, 'is no go.sum that can be read whole');
  const summed = new Set([...paths, ...(workspace?.summed ?? []), ...(workspace?.modules ?? [])]);
  tellLost(sum, unsummed(mod.requirements, replacements, summed), into);
  const rest = newest(parseGoSum(textOf(sum))).filter(({ path }) => !listed.has(path));
  addModules(sum, rest, replacements, into, { weak: true });
}

/** What a go.mod asks for and its go.sum has no sum of; one that a folder stands in for has none. */
function unsummed(
  requirements: readonly GoRequirement[],
  replacements: Replacements,
  summed: ReadonlySet<string>,
): readonly string[] {
  return requirements.flatMap(({ path, version }) => {
    const replacement = replacementOf(path, version, replacements);
    if (replacement !== undefined && replacement.byVersion === undefined) return [];
    return summed.has(replacement?.by ?? path) ? [] : [`${path} ${version}`];
  });
}

/** From Go 1.17 on a go.mod lists every module that any package of the main module needs (go.dev/ref/mod, "Lazy module loading"). */
function listsAll(goVersion: string | undefined): boolean {
  const [, major = '0', minor = '0'] = /^(\d{1,4})\.(\d{1,4})/.exec(goVersion ?? '') ?? [];
  return Number(major) > 1 || Number(minor) >= 17;
}

function readVendor(file: RawFile, into: DeclaredPackages): void {
  tellUnended(file, into);
  const { requirements, replacements } = parseVendor(textOf(file));
  addModules(file, requirements, byPath(replacements), into, {});
}

function addModules(
  file: RawFile,
  requirements: readonly GoRequirement[],
  replacements: Replacements,
  into: DeclaredPackages,
  said: {
    readonly direct?: boolean;
    readonly weak?: boolean;
    readonly members?: ReadonlySet<string> | undefined;
  },
): void {
  for (const { path, version, indirect } of requirements) {
    const replacement = replacementOf(path, version, replacements);
    const replaced =
      replacement?.byVersion === undefined ? undefined : { path: replacement.by, version: replacement.byVersion };
    const isFolder = replacement !== undefined && replaced === undefined;
    const isMember = said.members?.has(path) === true;
    const module = replaced?.path ?? path;
    const slash = module.lastIndexOf('/');
    into.add(file, {
      type: 'golang',
      ...(slash > 0 ? { namespace: module.slice(0, slash) } : {}),
      name: module.slice(slash + 1),
      version: replaced?.version ?? version,
      scope: 'runtime',
      ...(said.direct === true ? { direct: !indirect } : {}),
      ...(said.weak === true ? { weak: true } : {}),
      ...(isFolder || isMember ? { origin: 'local' as const } : {}),
      facts: {
        ...(isFolder ? { replacedBy: replacement.by } : {}),
        ...(replaced === undefined ? {} : { replaces: `${path}@${version}` }),
      },
    });
  }
}

/**
 * The least release that may build it; which one does, the file does not say. `go 1.21` without a third number is a version of the language, which any
 * release from then on builds: nothing is claimed of that.
 */
function libraryOf({ toolchain, goVersion }: Releases): ReturnType<typeof standardLibrary> {
  const release = goVersion !== undefined && /^\d+\.\d+(?:\.\d+|rc\d+)/.test(goVersion) ? `go${goVersion}` : undefined;
  const from = toolchain ?? release;
  return from === undefined ? undefined : standardLibrary(from);
}

function addStandardLibrary(file: RawFile, releases: Releases, into: DeclaredPackages): void {
  const library = libraryOf(releases);
  if (library === undefined) return;
  const facts = { ...library.facts, from: releases.toolchain === undefined ? 'go directive' : 'toolchain directive' };
  into.add(file, { type: 'golang', name: 'stdlib', version: library.version, weak: true, scope: 'runtime', facts });
}

/** The highest version of each module; versions of Go modules are SemVer with a `v`. */
function newest(modules: readonly GoRequirement[]): readonly GoRequirement[] {
  const found = new Map<string, GoRequirement>();
  for (const module of modules) {
    const known = found.get(module.path);
    if (known === undefined || isNewer(module.version, known.version)) found.set(module.path, module);
  }
  return [...found.values()];
}

/** By numbers, then a release before its pre-releases, then by text: enough to choose among the lines of one file. */
function isNewer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => /^v(\d+)\.(\d+)\.(\d+)(-[^+]*)?/.exec(version));
  if (left === null || right === null || left === undefined || right === undefined) return compareText(a, b) > 0;
  for (const at of [1, 2, 3]) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference !== 0) return difference > 0;
  }
  if ((left[4] === undefined) !== (right[4] === undefined)) return left[4] === undefined;
  return compareText(left[4] ?? '', right[4] ?? '') > 0;
}
