// What is kept of a Java archive: the text that names packages, of it and of each archive inside. JSON, so that the cache holds it as it was.
import type { ZipContents, ZipProblem } from '@plombe/formats';
import { decodeText, field, isObject, listField, textField, type JsonObject } from '@plombe/kit';
import { gemspecDistiller } from '../ruby/gemspec.ts';
import { type Manifest, reduceManifest } from './manifest.ts';
import { parsePom, type Pom } from './pom.ts';
import { parsePomProperties } from './properties.ts';

/** A file below META-INF/maven that names a project. */
export interface ProjectFile {
  /** In its archive. */
  readonly path: string;
  readonly properties?: { readonly group: string; readonly artifact: string; readonly version: string };
  readonly pom?: Pom;
}

/** A specification of a gem, as JRuby and what Warbler packs have them in their archives. */
export interface GemFile {
  /** In its archive. */
  readonly path: string;
  /** The lines that name the gem. */
  readonly text: string;
}

/** One archive as far as it matters. */
export interface ArchiveFacts {
  /** Name in the archive around it; empty for the outermost. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha1: string;
  readonly isZip: boolean;
  readonly hasDirectory: boolean;
  readonly manifest: Manifest;
  readonly projects: readonly ProjectFile[];
  readonly gems: readonly GemFile[];
  /** Folders of classes, at most four parts of each, sorted. */
  readonly folders: readonly string[];
  readonly problems: readonly ZipProblem[];
  readonly archives: readonly ArchiveFacts[];
}

/** Reduces what was read of an archive. */
export function factsOf(name: string, contents: ZipContents): ArchiveFacts {
  let manifest: Manifest = {};
  const projects: ProjectFile[] = [];
  const gems: GemFile[] = [];
  const problems: ZipProblem[] = [...contents.problems];
  for (const { name: path, content } of contents.files) {
    if (path.endsWith('.properties')) projects.push({ path, properties: parsePomProperties(decodeText(content)) });
    else if (path.endsWith('.xml')) {
      const pom = parsePom(decodeText(content));
      if (pom !== undefined) projects.push({ path, pom });
      else problems.push({ kind: 'corrupt', what: `has a pom.xml that cannot be read, ${path}` });
    } else if (path.endsWith('.gemspec')) gems.push({ path, text: gemLines(content) });
    else manifest = reduceManifest(decodeText(content));
  }
  const { sizeBytes, sha1, isZip, hasDirectory, listing: folders } = contents;
  const archives = contents.archives.map((inner) => factsOf(inner.name, inner.contents));
  return { name, sizeBytes, sha1, isZip, hasDirectory, manifest, projects, gems, folders, problems, archives };
}

function gemLines(content: Uint8Array): string {
  const lines = gemspecDistiller();
  lines.write(content);
  return decodeText(lines.finish() ?? new Uint8Array(0));
}

export function encodeFacts(facts: ArchiveFacts): Uint8Array {
  return Buffer.from(JSON.stringify(facts));
}

/** Reads what `encodeFacts` wrote; undefined where it is not that. */
export function decodeFacts(content: Uint8Array): ArchiveFacts | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    return isObject(value) ? factsIn(value) : undefined;
  } catch {
    return undefined;
  }
}

function factsIn(value: JsonObject): ArchiveFacts {
  const sizeBytes = field(value, 'sizeBytes');
  return {
    name: textField(value, 'name') ?? '',
    sizeBytes: typeof sizeBytes === 'number' ? sizeBytes : 0,
    sha1: textField(value, 'sha1') ?? '',
    isZip: field(value, 'isZip') === true,
    hasDirectory: field(value, 'hasDirectory') === true,
    manifest: textsIn(field(value, 'manifest')),
    projects: objectsIn(value, 'projects').map(projectIn),
    gems: objectsIn(value, 'gems').map((one) => ({
      path: textField(one, 'path') ?? '',
      text: textField(one, 'text') ?? '',
    })),
    folders: stringsIn(value, 'folders'),
    problems: objectsIn(value, 'problems').map(problemIn),
    archives: objectsIn(value, 'archives').map(factsIn),
  };
}

function projectIn(value: JsonObject): ProjectFile {
  const path = textField(value, 'path') ?? '';
  const properties = field(value, 'properties');
  const pom = field(value, 'pom');
  if (isObject(properties)) return { path, properties: coordinatesIn(properties) };
  if (!isObject(pom)) return { path };
  const parent = field(pom, 'parent');
  return {
    path,
    pom: {
      ...textsIn({ group: field(pom, 'group'), artifact: field(pom, 'artifact'), version: field(pom, 'version') }),
      ...(isObject(parent) ? { parent: coordinatesIn(parent) } : {}),
      properties: textsIn(field(pom, 'properties')),
      licences: stringsIn(pom, 'licences'),
    },
  };
}

function coordinatesIn(value: JsonObject): { group: string; artifact: string; version: string } {
  const text = (key: string): string => textField(value, key) ?? '';
  return { group: text('group'), artifact: text('artifact'), version: text('version') };
}

function problemIn(value: JsonObject): ZipProblem {
  const kind = textField(value, 'kind');
  const known = kind === 'ambiguous' || kind === 'limit' || kind === 'unsupported' ? kind : 'corrupt';
  return { kind: known, what: textField(value, 'what') ?? 'is damaged' };
}

function objectsIn(value: JsonObject, key: string): readonly JsonObject[] {
  return listField(value, key).filter(isObject);
}

function stringsIn(value: JsonObject, key: string): readonly string[] {
  return listField(value, key).filter((one) => typeof one === 'string');
}

function textsIn(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
