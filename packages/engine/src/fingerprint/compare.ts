// The use case `fingerprint compare`: a document against what an image, a folder or an archive holds now.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { chunkBytes, inert, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import type { Context, Image } from '@plombe/model';
import { compileGlobs } from '@plombe/policy';
import {
  compareEntries,
  openFingerprint,
  type FingerprintCause,
  type FingerprintComparison,
  type FingerprintHeader,
} from '@plombe/trust';
import { readFingerprint } from './fingerprint.ts';

/**
 * What differs between an image and a container of it that nobody tampered with, because engines and kubelets make it when it starts: kernel
 * file systems, run-time state, name resolution, the marks of docker. Each covers what is below it.
 */
export const runTimePaths: readonly string[] = [
  'proc',
  'sys',
  'dev',
  'run',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'etc/mtab',
  '.dockerenv',
];

/** What a comparison found, with what was compared. */
export interface FingerprintReport extends FingerprintComparison {
  /** SHA-256 of the document, to be compared with the attested one. */
  readonly fingerprint: string;
  /** What the document says it is of. */
  readonly of: FingerprintHeader['subject'];
  /** Why not everything could be compared, on either side. */
  readonly causes: readonly FingerprintCause[];
  /** Of `mode`, `content` and so on, what one side cannot tell. */
  readonly notCompared: readonly 'capabilities'[];
}

/**
 * Compares the document at `path` with an image. `ignore`: globs as policies have them; what lies below a match is ignored too. Throws
 * `fingerprint/invalid`, `source/…` and what reading the image throws.
 */
export async function compareFingerprint(
  path: string,
  image: Image,
  ignore: readonly string[],
  ctx: Context,
): Promise<FingerprintReport> {
  const digest = createHash('sha256');
  const lines = linesOf(path, (bytes) => digest.update(bytes));
  const { header, entries } = openFingerprint(lines);
  const actual = await readFingerprint(image, {}, ctx);
  const { unread } = actual;
  const places = unread === 'everything' ? [] : unread;
  const comparison = compareEntries(entries, actual.entries(), {
    isIgnored: compileGlobs(ignore.map((pattern) => pattern.replace(/^\/+|\/+$/g, ''))),
    expectedComplete: header.state === 'complete',
    actualComplete: actual.header.state === 'complete',
    mayBeUnread: (name) =>
      unread === 'everything' || places.some((place) => name === place || name.startsWith(`${place}/`)),
    capabilities: actual.capabilities,
  });
  const causes = [
    ...header.causes.map(({ code, message }) => ({ code, message: `The fingerprint is partial: ${message}` })),
    ...actual.header.causes,
  ];
  return {
    ...comparison,
    fingerprint: `sha256:${digest.digest('hex')}`,
    of: header.subject,
    causes,
    notCompared: actual.capabilities ? [] : ['capabilities'],
  };
}

/** A header with a thousand layers has 250 KB; a path and a link target of 4 KiB each, all escaped, 48 KB. */
const maxLineBytes = mebibyte;

/** Yields the lines of a file. Throws `source/not-found`, `source/unreadable`, `fingerprint/invalid` for bytes that are no such text. */
function* linesOf(path: string, onBytes: (bytes: Uint8Array) => void): Generator<string> {
  const file = open(path);
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let rest = Buffer.alloc(0);
    for (let size = read(file, buffer, path); size > 0; size = read(file, buffer, path)) {
      const chunk = buffer.subarray(0, size);
      onBytes(chunk);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        yield textOf(bytes.subarray(from, end), path);
        from = end + 1;
      }
      rest = Buffer.from(bytes.subarray(from));
      if (rest.length > maxLineBytes) throw invalid(path, 'a line is too long');
    }
    if (rest.length > 0) throw invalid(path, 'its last line is cut off');
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'source/not-found' : 'source/unreadable';
    throw new PlombeError(code, `The fingerprint ${inert(path)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function read(file: number, buffer: Buffer, path: string): number {
  try {
    return readSync(file, buffer, 0, buffer.length, null);
  } catch (cause) {
    const message = `The fingerprint ${inert(path)} cannot be read: ${messageOf(cause)}`;
    throw new PlombeError('source/unreadable', message, { cause });
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalid(path, 'a line is not UTF-8');
  }
}

function invalid(path: string, reason: string): PlombeError {
  return new PlombeError('fingerprint/invalid', `${inert(path)} is no valid fingerprint: ${reason}.`);
}
