// Dependency lists of .NET programs (`NAME.deps.json`; dotnet/sdk, "runtime-configuration-file"): which libraries were deployed, in which files.
import { decodeText, field, isObject, type JsonObject, objectField, textField } from '@plombe/kit';

export type LibraryKind = 'package' | 'project' | 'reference' | 'runtimepack';

/** A library that brings files to the program. */
export interface DeployedLibrary {
  readonly kind: LibraryKind;
  readonly name: string;
  readonly version: string;
  /** Where its files lie, from the program's folder on, in lower case. */
  readonly files: readonly string[];
  /** Those of `files` that are assemblies, not native libraries. */
  readonly assemblies: readonly string[];
}

export interface DependencyList {
  /** `linux-x64` … where the list is of one platform. */
  readonly platform?: string;
  readonly libraries: readonly DeployedLibrary[];
  /** Entries that name no library. */
  readonly invalid: number;
}

/** NuGet's rule for ids, with a limit of length. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,199}$/;
/** NuGet's versions: two to four numbers, then SemVer's tail. */
export const nugetVersionPattern = /^\d{1,10}(?:\.\d{1,10}){0,3}(?:-[0-9A-Za-z.-]{1,100})?(?:\+[0-9A-Za-z.-]{1,100})?$/;
const kinds: ReadonlySet<string> = new Set(['package', 'project', 'reference', 'runtimepack']);
const maxFiles = 10_000;

/** Parses a list; undefined where it is none. Libraries without a file are what was only compiled against, or holds nothing: left out. */
export function parseDependencyList(content: Uint8Array): DependencyList | undefined {
  let value: unknown;
  try {
    const text = decodeText(content);
    value = JSON.parse(text.codePointAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
  const targets = isObject(value) ? objectField(value, 'targets') : undefined;
  if (!isObject(value) || targets === undefined) return undefined;
  const runtimeTarget = field(value, 'runtimeTarget');
  const targetName = isObject(runtimeTarget)
    ? (textField(runtimeTarget, 'name') ?? '')
    : typeof runtimeTarget === 'string'
      ? runtimeTarget
      : '';
  const target = objectField(targets, targetName) ?? Object.values(targets).find(isObject);
  const platform = /\/([a-z][a-z0-9.-]{1,40})$/i.exec(targetName)?.[1];
  const described = objectField(value, 'libraries') ?? {};
  const libraries: DeployedLibrary[] = [];
  let invalid = 0;
  for (const [key, assets] of Object.entries(target ?? {})) {
    const kind = textField(objectField(described, key) ?? {}, 'type') ?? 'package';
    if (!isObject(assets) || !kinds.has(kind) || field(assets, 'compileOnly') === true) continue;
    const library = libraryOf(key, kind as LibraryKind, assets);
    if (library === undefined) invalid += 1;
    else if (library.files.length > 0 || kind !== 'package') libraries.push(library);
  }
  return { ...(platform === undefined ? {} : { platform }), libraries, invalid };
}

function libraryOf(key: string, kind: LibraryKind, assets: JsonObject): DeployedLibrary | undefined {
  const slash = key.lastIndexOf('/');
  const full = key.slice(0, Math.max(slash, 0));
  const name = kind === 'runtimepack' ? full.replace(/^runtimepack\./, '') : full;
  const version = key.slice(slash + 1);
  if (!namePattern.test(name) || !nugetVersionPattern.test(version)) return undefined;
  const files: string[] = [];
  const assemblies: string[] = [];
  const add = (path: string, isAssembly: boolean): void => {
    if (path.endsWith('/_._') || path === '_._' || files.length >= maxFiles) return;
    files.push(path.toLowerCase());
    if (isAssembly) assemblies.push(path.toLowerCase());
  };
  const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  for (const group of ['runtime', 'native']) {
    for (const path of Object.keys(objectField(assets, group) ?? {})) add(baseName(path), group === 'runtime');
  }
  for (const [path, said] of Object.entries(objectField(assets, 'runtimeTargets') ?? {}))
    add(path, isObject(said) && textField(said, 'assetType') === 'runtime');
  for (const [path, said] of Object.entries(objectField(assets, 'resources') ?? {}))
    add(`${isObject(said) ? (textField(said, 'locale') ?? '') : ''}/${baseName(path)}`, true);
  return { kind, name, version, files, assemblies };
}
