// Packages of .NET: what programs were deployed with, shared frameworks, and assemblies that nothing lists.
import { inert } from '@plombe/kit';
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { assemblyPackage } from './assembly.ts';
import { type DependencyList, type DeployedLibrary, parseDependencyList } from './deps.ts';
import { decodeProgram, wants } from './interest.ts';
import { nuspecEnd, withLicences } from './nuspec.ts';
import { packagesOfConfig, packagesOfProgram } from './programs.ts';
import { parseRuntimeConfig, type RuntimeConfig } from './runtime-config.ts';

/** NuGet packages as .NET programs are published with them. */
export const dotnetCataloger: Cataloger = {
  id: 'dotnet',
  version: 2,
  wantsVersion: 3,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

const listEnd = '.deps.json';
const configEnd = '.runtimeconfig.json';

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const tell = (file: RawFile, saying: string): void => {
    diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
    complete = false;
  };
  const files = view.files().filter(({ type, sizeBytes }) => type === 'file' && sizeBytes > 0);
  const present = new Set(files.map(({ path }) => path.toLowerCase()));
  const listed = new ListedFiles();
  for (const file of files) {
    if (!file.path.endsWith(listEnd)) continue;
    const list = file.truncated ? undefined : parseDependencyList(file.content);
    if (list === undefined) {
      tell(
        file,
        `is ${file.truncated ? 'larger than 16 MiB' : 'no dependency list of .NET'}; its packages are not in the inventory`,
      );
      continue;
    }
    if (list.invalid > 0)
      tell(file, `has ${list.invalid} entries without a valid name and version, which are not in the inventory`);
    listed.add(file.path, list);
    const config = configFor(view, file.path);
    const folder = folderOf(file.path).toLowerCase();
    const hasFiles = ({ assemblies }: DeployedLibrary): boolean | undefined =>
      assemblies.length === 0 ? undefined : assemblies.some((one) => present.has(folder + one));
    packages.push(...packagesOfProgram({ path: file.path, list, hasFiles, ...config }));
  }
  for (const file of files) {
    if (file.path.endsWith(listEnd) || file.path.endsWith(nuspecEnd)) continue;
    if (file.path.endsWith(configEnd)) {
      const stem = file.path.slice(0, -configEnd.length);
      const config = present.has(`${stem}${listEnd}`.toLowerCase()) ? undefined : parseRuntimeConfig(file.content);
      if (config !== undefined) packages.push(...packagesOfConfig(config, file.path));
      continue;
    }
    const facts = decodeProgram(file.content);
    if (facts === undefined) tell(file, 'could not be read; its packages are not in the inventory');
    if (facts?.bundle !== undefined) catalogBundle(file, facts.bundle, packages, diagnostics, tell);
    else if (facts?.assembly !== undefined && !listed.has(file.path)) {
      const found = assemblyPackage(file.path, facts.assembly);
      if (found !== undefined) packages.push(found);
    }
  }
  return { packages: withLicences(packages, files), diagnostics, complete };
}

type Bundle = NonNullable<NonNullable<ReturnType<typeof decodeProgram>>['bundle']>;

function catalogBundle(
  file: RawFile,
  { deps, runtimeConfig, assemblies, problem }: Bundle,
  packages: FoundPackage[],
  diagnostics: Diagnostic[],
  tell: (file: RawFile, saying: string) => void,
): void {
  if (problem !== undefined) tell(file, `${inert(problem)}; its packages are not in the inventory`);
  if (problem !== undefined) return;
  const config = runtimeConfig === undefined ? undefined : parseRuntimeConfig(Buffer.from(runtimeConfig));
  if (deps === undefined) {
    if (config !== undefined) packages.push(...packagesOfConfig(config, file.path));
    const saying = `is a single-file program of .NET with ${assemblies.length} assemblies and without a list of its packages`;
    diagnostics.push(diagnose('package/not-listed', 'note', file, saying));
    return;
  }
  const list = parseDependencyList(Buffer.from(deps));
  if (list === undefined) {
    tell(
      file,
      'is a single-file program of .NET whose dependency list cannot be read; its packages are not in the inventory',
    );
    return;
  }
  if (list.invalid > 0)
    tell(file, `lists ${list.invalid} libraries without a valid name and version, which are not in the inventory`);
  packages.push(...packagesOfProgram({ path: file.path, list, ...(config && { config }) }));
}

/** The configuration beside a program's list, under the same name. */
function configFor(view: FileView, path: string): { readonly config?: RuntimeConfig; readonly configPath?: string } {
  const file = view.get(`${path.slice(0, -listEnd.length)}${configEnd}`);
  const config = file === undefined ? undefined : parseRuntimeConfig(file.content);
  return file === undefined || config === undefined ? {} : { config, configPath: file.path };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Files that dependency lists name, by the folder of the list. Those of a mere reference are not among them: their own words say more. */
class ListedFiles {
  readonly #byFolder = new Map<string, Set<string>>();

  add(path: string, list: DependencyList): void {
    const folder = folderOf(path).toLowerCase();
    const files = this.#byFolder.get(folder) ?? new Set<string>();
    this.#byFolder.set(folder, files);
    for (const library of list.libraries) {
      if (library.kind !== 'reference') for (const file of library.files) files.add(file);
    }
    // The program itself, which no library of the list may name.
    const name = path.slice(folder.length, -listEnd.length).toLowerCase();
    files.add(`${name}.dll`);
    files.add(`${name}.exe`);
  }

  has(path: string): boolean {
    const lower = path.toLowerCase();
    for (let end = lower.lastIndexOf('/') + 1; ; end = lower.lastIndexOf('/', end - 2) + 1) {
      if (this.#byFolder.get(lower.slice(0, end))?.has(lower.slice(end)) === true) return true;
      if (end === 0) return false;
    }
  }
}
