// Gradle's lock files, verification metadata and version catalogs (docs.gradle.org), and sbt-dependency-lock's build.sbt.lock.
import { parseXml } from '@plombe/formats';
import { field, isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { baseName, textOf } from '../read.ts';
import { isExact, mavenPackage, scopeOfConfigurations } from './coordinates.ts';

/** Reads `group:artifact:version=configuration,…` lines; in older files the file has the name of its one configuration. */
export function readGradleLock(file: RawFile, into: DeclaredPackages): void {
  const name = baseName(file.path);
  const isBuildscript = name.startsWith('buildscript-');
  const single = name === 'gradle.lockfile' || isBuildscript ? undefined : name.replace(/\.lockfile$/, '');
  const lines = textOf(file).split(/\r?\n/);
  // The last line of a file for all configurations names those without dependencies, `empty=` where there are none.
  if (single === undefined && !lines.some((line) => line.startsWith('empty=')))
    into.unreadable(file, 'was cut off: it has no line that begins with "empty="');
  for (const line of lines) {
    const text = line.trim();
    if (text === '' || text.startsWith('#') || text.startsWith('empty=')) continue;
    const [coordinates = '', configurations] = text.split('=');
    const [group = '', artifact = '', version = '', more] = coordinates.split(':');
    const names = configurations?.split(',') ?? (single === undefined ? [] : [single]);
    const scope = isBuildscript ? 'development' : scopeOfConfigurations(names);
    const declared = more === undefined ? mavenPackage(group, artifact, version, { scope }) : undefined;
    if (declared === undefined)
      into.missing(file, 'package/metadata-invalid', 'has lines that are no locked dependencies');
    else into.add(file, declared);
  }
}

/** Components with a file that holds code: parents and lists of versions have none. */
const codeFile = /\.(?:jar|aar|klib|zip|war)$/;

/** Reads verification-metadata.xml: everything that was ever verified, builds' own plug-ins among it, so it is weak evidence. */
export function readVerification(file: RawFile, into: DeclaredPackages): void {
  let component: Readonly<Record<string, string>> = {};
  let hasCode = false;
  try {
    parseXml(textOf(file), {
      open: ({ name, attributes }) => {
        if (name === 'component') [component, hasCode] = [attributes, false];
        else if (name === 'artifact' && codeFile.test(attributes['name'] ?? '')) hasCode = true;
      },
      close: ({ name }) => {
        if (name !== 'component' || !hasCode) return;
        const { group = '', name: artifact = '', version = '' } = component;
        const declared = mavenPackage(group, artifact, version, { weak: true });
        if (declared !== undefined) into.add(file, declared);
      },
    });
  } catch {
    into.unreadable(file, 'is not valid XML');
  }
}

/** Reads a version catalog. What it names may be used by any build of the tree, or by none: weak evidence, and nothing of what that needs. */
export function readCatalog(file: RawFile, catalog: JsonObject, into: DeclaredPackages): void {
  const versions = objectField(catalog, 'versions') ?? {};
  const found = [
    ...Object.values(objectField(catalog, 'libraries') ?? {}).map((value) => libraryOf(value, versions)),
    ...Object.values(objectField(catalog, 'plugins') ?? {}).map((value) => pluginOf(value, versions)),
  ];
  for (const one of found) {
    if (one === undefined) {
      into.missing(file, 'package/metadata-invalid', 'has entries that are no libraries');
      continue;
    }
    const { group, artifact, version, isPlugin } = one;
    const scope = isPlugin ? 'development' : 'runtime';
    const declared = isExact(version)
      ? mavenPackage(group, artifact, version, { scope, weak: true, direct: true })
      : undefined;
    if (declared === undefined) into.open(file, `${group}:${artifact}${version === '' ? '' : `:${version}`}`);
    else into.add(file, declared);
  }
  if (found.length > 0)
    into.missing(file, 'package/dependencies-open', 'says what the project asks for, but not what that needs in turn');
}

interface Library {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly isPlugin: boolean;
}

function libraryOf(value: unknown, versions: JsonObject): Library | undefined {
  if (typeof value === 'string') {
    const [group = '', artifact = '', version = ''] = value.split(':');
    return artifact === '' ? undefined : { group, artifact, version, isPlugin: false };
  }
  if (!isObject(value)) return undefined;
  const [group = textField(value, 'group') ?? '', artifact = textField(value, 'name') ?? ''] =
    textField(value, 'module')?.split(':') ?? [];
  return group === '' || artifact === ''
    ? undefined
    : { group, artifact, version: versionOf(field(value, 'version'), versions), isPlugin: false };
}

/** A plug-in's marker artifact: `id:id.gradle.plugin`. */
function pluginOf(value: unknown, versions: JsonObject): Library | undefined {
  const [id, version] =
    typeof value === 'string'
      ? value.split(':')
      : isObject(value)
        ? [textField(value, 'id'), versionOf(field(value, 'version'), versions)]
        : [];
  return id === undefined || id === ''
    ? undefined
    : { group: id, artifact: `${id}.gradle.plugin`, version: version ?? '', isPlugin: true };
}

/** A version, a reference to one, or a rich version, of which what is strictly required, required or preferred counts. */
function versionOf(value: unknown, versions: JsonObject, depth = 0): string {
  if (typeof value === 'string') return value;
  if (!isObject(value) || depth > 2) return '';
  const reference = textField(value, 'ref');
  if (reference !== undefined) return versionOf(field(versions, reference), versions, depth + 1);
  const candidates = ['strictly', 'require', 'prefer'].map((key) => textField(value, key) ?? '');
  return candidates.find(isExact) ?? candidates.find((text) => text !== '') ?? '';
}

/** Reads a build.sbt.lock. */
export function readSbtLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  for (const entry of objectsField(lock, 'dependencies')) {
    const [group = '', artifact = '', version = ''] = ['org', 'name', 'version'].map((key) => textField(entry, key));
    const configurations = textsField(entry, 'configurations');
    const declared = mavenPackage(group, artifact, version, { scope: scopeOfConfigurations(configurations) });
    if (declared === undefined) into.missing(file, 'package/metadata-invalid', 'has an entry that is no dependency');
    else into.add(file, declared);
  }
}
