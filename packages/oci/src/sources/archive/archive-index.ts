// Finds the files of an archive once, by name, so that each can be streamed later without unpacking anything.
import { parseTarMember, parseTarRecords, type TarMember } from '@plombe/formats';
import { mebibyte, inert, PlombeError } from '@plombe/kit';
import type { Cursor } from './cursor.ts';

/** Where a file's bytes are in the (decompressed) archive; of a link, the name it leads to inside the archive. */
export type Member =
  | { readonly kind: 'file'; readonly offset: number; readonly sizeBytes: number; readonly kept?: Uint8Array }
  | { readonly kind: 'link'; readonly target: string };

export interface ArchiveIndex {
  readonly members: ReadonlyMap<string, Member>;
  /** Names of documents that appear twice: readers differ in which one they take (T26). */
  readonly repeated: ReadonlySet<string>;
  /** The first name that an archive of images does not have; indexing stopped there where that was asked for. */
  readonly foreignName?: string;
}

export interface IndexOptions {
  readonly signal: AbortSignal;
  /** Stop at the first name that tells a root file system. */
  readonly stopAtForeign: boolean;
  /** Keep the bytes of small files, for archives in which going back costs decompressing everything again. */
  readonly keepSmall: boolean;
}

/** An image has at most a few thousand blobs; 100,000 entries are a hundred times the largest archive seen. */
const maxEntries = 100_000;
/** Paths inside such an archive have under 300 bytes; a header for them more than 64 KiB long is hostile (T07). */
const maxHeaderBytes = 65_536;
/** Manifests and configs are below 1 MiB, and few: what is larger or does not fit is read from the archive again. */
const maxKeptFileBytes = mebibyte;
const maxKeptBytes = 16 * mebibyte;

/** Longer names and link targets are no part of an image, and 100,000 of them would fill the memory. */
const maxNameLength = 512;

/** Folders of a root file system: no archive of images has one at its top. */
const rootName =
  /^(?:bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(?:\/|$)/;

/** Builders may call their layers anything (`base/layer.tar`); 300 names of their own are twice the layers that a kernel stacks. */
const maxOwnNames = 300;

/** Names that layouts and docker archives consist of. */
const imageName =
  /^(?:oci-layout|index\.json|manifest\.json|repositories|blobs(?:\/sha(?:256|512)(?:\/[0-9a-f]+)?)?|[^/]*[0-9a-f]{64}[^/]*(?:\/(?:VERSION|json|layer\.tar)?)?)$/;

/**
 * Indexes a tar archive. Throws `archive/corrupt` where it is no tar archive or is truncated, and `archive/limit` past 100,000
 * entries. A name with a `..` part is left out: nothing here refers to it.
 */
export async function indexArchive(cursor: Cursor, subject: string, options: IndexOptions): Promise<ArchiveIndex> {
  const members = new Map<string, Member>();
  const repeated = new Set<string>();
  let keptBytes = 0;
  let ownNames = 0;
  for (let count = 0; ; count++) {
    options.signal.throwIfAborted();
    if (count > maxEntries) throw new PlombeError('archive/limit', `${subject} has more than ${maxEntries} entries.`);
    const entry = await nextEntry(cursor, subject);
    if (entry === undefined) return { members, repeated };
    const { offset } = cursor;
    const name = memberName(entry.name);
    const isFile = entry.type === '0' || entry.type === '7';
    const size = isFile ? entry.sizeBytes : 0;
    if (options.stopAtForeign && name) {
      if (!imageName.test(name)) ownNames += 1;
      const isForeign = name.length > maxNameLength || rootName.test(name) || ownNames > maxOwnNames;
      if (isForeign) return { members, repeated, foreignName: name };
    }
    if (name === '' || name === undefined || name.length > maxNameLength || entry.link.length > maxNameLength) {
      await cursor.skip(padded(size));
      continue;
    }
    if (isFile) {
      const keep = options.keepSmall && size <= maxKeptFileBytes && keptBytes + size <= maxKeptBytes;
      const kept = keep ? await takeAll(cursor, size, subject) : undefined;
      if (kept !== undefined) keptBytes += size;
      await cursor.skip(padded(size) - (kept === undefined ? 0 : size));
      if (members.has(name) && !name.startsWith('blobs/')) repeated.add(name);
      members.set(name, { kind: 'file', offset, sizeBytes: size, ...(kept === undefined ? {} : { kept }) });
    } else if (entry.type === '1' || entry.type === '2') {
      const target = entry.type === '1' ? memberName(entry.link) : linkedName(name, entry.link);
      if (target !== undefined) members.set(name, { kind: 'link', target });
    }
  }
}

/** Reads headers up to the next entry, its PAX and GNU long names applied; undefined at the end of the archive. */
async function nextEntry(cursor: Cursor, subject: string): Promise<TarMember | undefined> {
  let extended: { -readonly [Key in keyof TarMember]?: TarMember[Key] } = {};
  for (;;) {
    const start = cursor.offset;
    const block = await cursor.take(512);
    if (block === undefined) {
      // Some writers leave out the blocks of zeros; an end between entries is no truncation.
      if (start > 0 && Object.keys(extended).length === 0) return undefined;
      throw corrupt(subject, start);
    }
    const header = parseTarMember(block);
    if (header === 'end') return undefined;
    if (header === undefined) throw corrupt(subject, start);
    if (!/[xgLK]/.test(header.type)) return { ...header, ...extended };
    if (header.sizeBytes > maxHeaderBytes)
      throw new PlombeError('archive/limit', `${subject} has a header over 64 KiB.`);
    const bytes = await takeAll(cursor, header.sizeBytes, subject);
    await cursor.skip(padded(header.sizeBytes) - header.sizeBytes);
    if (header.type === 'x') {
      const records = parseTarRecords(bytes);
      if (records === undefined) throw corrupt(subject, start);
      extended = { ...extended, ...records };
    }
    const text = Buffer.from(bytes).toString('utf8').replace(/\0.*$/s, '');
    if (header.type === 'L') extended.name = text;
    if (header.type === 'K') extended.link = text;
  }
}

async function takeAll(cursor: Cursor, size: number, subject: string): Promise<Uint8Array> {
  const bytes = await cursor.take(size);
  if (bytes === undefined) throw corrupt(subject, cursor.offset);
  return bytes;
}

function corrupt(subject: string, offset: number): PlombeError {
  return new PlombeError(
    'archive/corrupt',
    `${inert(subject)} is no whole tar archive: what is at byte ${offset} is no entry.`,
  );
}

/** Returns the name inside the archive without `./`, leading and doubled slashes; undefined where it has a `..` part (T01). */
function memberName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts.join('/');
}

function padded(size: number): number {
  return Math.ceil(size / 512) * 512;
}

/** Target of a symbolic link inside the archive; undefined where it leads out of it (T02). */
function linkedName(name: string, link: string): string | undefined {
  const parts = link.startsWith('/') ? [] : name.split('/').slice(0, -1);
  for (const part of link.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
