// A directory of feeds as a mirror keeps it: its documents, with what a MANIFEST.json beside them says of each.
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chunkBytes, compareText, isObject, objectsField, PlombeError, textField, type JsonObject } from '@plombe/kit';
import type { FeedDocument } from '../feed.ts';

/** A document in a directory of feeds. `name` is its path relative to the directory, with `/`. */
export interface DirectoryDocument extends FeedDocument {
  readonly path: string;
  /** SHA-256 in hex that the MANIFEST.json names. */
  readonly expectedSha256?: string;
  /** ISO 8601: when the directory was made, else when the file was last written. */
  readonly fetchedAt: string;
}

/** 100,000 files, eight levels: a mirror of every feed we know has under 300 files at depth three. */
const maxFiles = 100_000;
const maxDepth = 8;
/** 64 MiB: a MANIFEST.json of 100,000 files has 50. */
const maxDirectoryManifestBytes = 64 * 1024 * 1024;

/** Lists the documents of a directory, sorted by path. Throws `source/not-found`, `source/unreadable`. */
export function readFeedDirectory(directory: string): DirectoryDocument[] {
  const stated = readStatements(directory);
  const documents: DirectoryDocument[] = [];
  for (const name of walk(directory)) {
    const path = join(directory, name);
    const stat = statSync(path);
    documents.push({
      name,
      path,
      origin: name,
      sizeBytes: stat.size,
      fetchedAt: stated.made ?? stat.mtime.toISOString(),
      ...stated.files.get(name),
      open: ({ signal }) => createReadStream(path, { highWaterMark: chunkBytes, signal }),
    });
  }
  return documents;
}

function walk(directory: string): string[] {
  const found: string[] = [];
  const pending = [''];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.split('/').length > maxDepth) continue;
    for (const entry of list(join(directory, at))) {
      const name = at === '' ? entry : `${at}/${entry}`;
      const stat = statSync(join(directory, name), { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) pending.push(name);
      else if (stat?.isFile() === true && name !== 'MANIFEST.json') found.push(name);
      if (found.length > maxFiles) {
        throw new PlombeError(
          'source/unreadable',
          `${directory} has more than ${maxFiles} files: it is no directory of feeds.`,
        );
      }
    }
  }
  return found.sort(compareText);
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    const absent = (cause as { code?: unknown }).code === 'ENOENT';
    throw new PlombeError(absent ? 'source/not-found' : 'source/unreadable', `${path} cannot be listed.`, { cause });
  }
}

type Statement = Pick<DirectoryDocument, 'date' | 'kind' | 'licence' | 'expectedSha256' | 'origin'>;

interface Statements {
  readonly made?: string;
  readonly files: ReadonlyMap<string, Statement>;
}

function readStatements(directory: string): Statements {
  const path = join(directory, 'MANIFEST.json');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.size > maxDirectoryManifestBytes) return { files: new Map() };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new PlombeError('feed/malformed', `${path} is not JSON.`, { cause });
  }
  if (!isObject(value)) return { files: new Map() };
  const made = isoDate(textField(value, 'made'));
  const files = new Map<string, Statement>();
  for (const file of objectsField(value, 'files')) {
    const name = textField(file, 'path');
    if (name !== undefined) files.set(name, statementOf(file, name));
  }
  return made === undefined ? { files } : { made, files };
}

function statementOf(file: JsonObject, name: string): Statement {
  const date = isoDate(textField(file, 'date')) ?? isoDate(/\d{4}-\d{2}-\d{2}/.exec(name)?.[0]);
  const licence = textField(file, 'licence');
  const sha256 = textField(file, 'sha256');
  const upstream = textField(file, 'upstream');
  const source = textField(file, 'source');
  const origin = upstream !== undefined && /^https:\/\/\S+$/.test(upstream) ? upstream : (source ?? name);
  return {
    kind: kindOf(textField(file, 'kind') ?? 'original'),
    origin,
    ...(date === undefined ? {} : { date }),
    ...(licence === undefined ? {} : { licence }),
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { expectedSha256: sha256 } : {}),
  };
}

/** Reads the word at the start of a statement: `DERIVED (CSV to OSV shape)`, `APPROXIMATION: …`; all else is the publisher's data. */
function kindOf(text: string): NonNullable<FeedDocument['kind']> {
  const word = text.trim().toLowerCase();
  if (word.startsWith('approx')) return 'approximate';
  return word.startsWith('derived') ? 'derived' : 'original';
}

/** Takes the ISO date or month at the start of a text (`2023-02-28 (v3.17) and earlier`). */
function isoDate(text: string | undefined): string | undefined {
  const match = /^\d{4}-\d{2}(-\d{2})?(T[\d:.]+Z)?/.exec(text ?? '');
  return match === null || Number.isNaN(Date.parse(match[0])) ? undefined : match[0];
}
