// Entries of a table of contents → the same headers that the walk over the tar would give, and where each file's chunks lie in the blob.
import { PlombeError, inert, type JsonObject, type LayerLimits } from '@plombe/kit';
import type { FileHeader, FileType } from '@plombe/model';
import { depthOf, layerNameOf, normalisePath } from '../tar/path.ts';
import { tocObjects } from './objects.ts';

/** A piece of one file, compressed on its own. */
export interface TocChunk {
  /** Where its compressed bytes begin in the blob; they end where the next chunk of any file begins, at the latest at `storedEnd`. */
  readonly storedAt: number;
  /** Where they end, where the table says so. */
  readonly storedEnd: number | undefined;
  /** Uncompressed bytes before it that belong to others. */
  readonly skip: number;
  /** Position in the file. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** SHA-256 as `sha256:…`; undefined where only the whole file has one. */
  readonly digest: string | undefined;
  /** A hole: nothing is stored. */
  readonly zeros: boolean;
}

/** One entry, with the chunks of a file in their order, without gap or overlap from its first byte to its last. */
export interface TocEntry {
  readonly header: FileHeader;
  /** Of the whole file, `sha256:…`; undefined where the table has none. */
  readonly digest: string | undefined;
  readonly chunks: readonly TocChunk[];
}

export type TocKind = 'estargz' | 'zstd-chunked';

const types: Readonly<Record<string, FileType>> = {
  reg: 'file',
  dir: 'directory',
  symlink: 'symlink',
  hardlink: 'hardlink',
  char: 'device',
  block: 'device',
  fifo: 'fifo',
};

/** Names of members that count here. Other readers match names without regard to case, so a name in another case is refused. */
const members = new Set([
  'type', 'name', 'linkname', 'mode', 'size', 'uid', 'gid', 'digest', 'offset', 'endoffset', 'inneroffset',
  'chunksize', 'chunkoffset', 'chunkdigest', 'chunktype', 'xattrs',
]); // prettier-ignore
const spelled = new Set([
  'type', 'name', 'linkName', 'mode', 'size', 'uid', 'gid', 'digest', 'offset', 'endOffset', 'innerOffset',
  'chunkSize', 'chunkOffset', 'chunkDigest', 'chunkType', 'xattrs',
]); // prettier-ignore

interface Open {
  readonly name: string;
  readonly entry: TocEntry;
  readonly chunks: TocChunk[];
  readonly lastEnd: number | undefined;
}

/**
 * Yields the entries of a table of contents in its order; those that a layer ignores (the root, AUFS's own) are left out. Throws `archive/corrupt`
 * or `archive/path-escape` at the first that is not exact, and `archive/limit`: such a table is not read by.
 */
export function* tocEntries(document: Uint8Array, limits: LayerLimits): Generator<TocEntry> {
  let open: Open | undefined;
  let count = 0;
  for (const value of tocObjects(document)) {
    for (const key of Object.keys(value))
      if (!spelled.has(key) && isOther(key)) throw bad('a member in another spelling');
    count += 1;
    if (count > limits.entries)
      throw new PlombeError('archive/limit', `The table of contents has more than ${limits.entries} entries.`);
    const name = text(value, 'name');
    if (value['type'] === 'chunk') {
      if (open === undefined || name !== open.name) throw bad('a chunk without its file');
      open.chunks.push(chunkOf(value, open.entry));
      continue;
    }
    if (open !== undefined) yield closed(open);
    open = undefined;
    const header = headerOf(value, name, limits);
    if (header === undefined) continue;
    const digest = optionalText(value, 'digest');
    const chunks: TocChunk[] = [];
    const entry: TocEntry = { header, digest: digest === '' ? undefined : digest, chunks };
    if (header.type === 'file' && header.sizeBytes > 0) chunks.push(chunkOf(value, entry));
    open = { name, entry, chunks, lastEnd: optionalNumber(value, 'endOffset') };
  }
  if (open !== undefined) yield closed(open);
}

/** True where a reader that folds case (of more than ASCII) takes the name for one that counts. */
function isOther(key: string): boolean {
  return members.has(key.toLowerCase()) || !/^[ -~]*$/.test(key);
}

/** Checks that the chunks are the file, and gives the last its end. */
function closed({ entry, chunks, lastEnd }: Open): TocEntry {
  let at = 0;
  chunks.forEach((chunk, index) => {
    const last = index === chunks.length - 1;
    if (chunk.offset !== at || (chunk.sizeBytes === 0 && !last))
      throw bad(`chunks of ${shown(entry)} that do not follow each other`);
    at += chunk.sizeBytes;
    const next = chunks[index + 1];
    const end = last ? lastEnd : lastEnd === undefined ? undefined : next?.storedAt;
    chunks[index] = { ...chunk, storedEnd: end };
    if (!chunk.zeros && end !== undefined && end <= chunk.storedAt) throw bad(`chunks of ${shown(entry)} that overlap`);
  });
  if (at !== (entry.header.type === 'file' ? entry.header.sizeBytes : 0))
    throw bad(`chunks of ${shown(entry)} that are not all of it`);
  return entry;
}

function chunkOf(value: JsonObject, { header, digest }: TocEntry): TocChunk {
  const offset = number(value, 'chunkOffset');
  const stated = number(value, 'chunkSize');
  const sizeBytes = stated === 0 ? header.sizeBytes - offset : stated;
  if (header.type !== 'file' || sizeBytes <= 0 || offset + sizeBytes > header.sizeBytes)
    throw bad(`a chunk outside ${inert(header.path)}`);
  const own = optionalText(value, 'chunkDigest') ?? '';
  return {
    storedAt: number(value, 'offset'),
    storedEnd: undefined,
    skip: number(value, 'innerOffset'),
    offset,
    sizeBytes,
    digest: own !== '' ? own : sizeBytes === header.sizeBytes ? digest : undefined,
    zeros: value['chunkType'] === 'zeros',
  };
}

function headerOf(value: JsonObject, name: string, limits: LayerLimits): FileHeader | undefined {
  const type = types[text(value, 'type')];
  if (type === undefined) throw bad('an entry of an unknown type');
  const bytes = Buffer.from(name);
  const { path, escapes } = normalisePath(bytes);
  if (escapes) throw new PlombeError('archive/path-escape', 'The table of contents names a path outside the root.');
  if (bytes.length > limits.pathBytes || depthOf(path) > limits.pathDepth) throw bad('a name longer than the limit');
  const meaning = layerNameOf(path);
  if (meaning.kind === 'ignored' || (path === '' && type === 'directory')) return undefined;
  if (path === '') throw bad('an entry without a name');
  const hides = meaning.kind === 'whiteout' || meaning.kind === 'opaque';
  const link = optionalText(value, 'linkName') ?? '';
  const capabilities = capabilitiesOf(value);
  return {
    path: hides ? meaning.path : path,
    type: hides ? meaning.kind : type,
    sizeBytes: type === 'file' ? number(value, 'size') : 0,
    mode: number(value, 'mode') & 0o7777,
    uid: number(value, 'uid'),
    gid: number(value, 'gid'),
    ...(type === 'symlink' ? { linkTarget: link } : {}),
    ...(type === 'hardlink' ? { linkTarget: normalisePath(Buffer.from(link)).path } : {}),
    ...(capabilities === '' ? {} : { hasCapabilities: true, capabilities }),
  };
}

function capabilitiesOf(value: JsonObject): string {
  const attributes = value['xattrs'];
  if (typeof attributes !== 'object' || attributes === null) return '';
  const own = (attributes as JsonObject)['security.capability'];
  return typeof own === 'string' ? Buffer.from(own.slice(0, 128), 'base64').subarray(0, 64).toString('hex') : '';
}

function text(value: JsonObject, key: string): string {
  const found = value[key];
  if (typeof found !== 'string') throw bad(`an entry without ${key}`);
  return found;
}

function optionalText(value: JsonObject, key: string): string | undefined {
  return value[key] === undefined ? undefined : text(value, key);
}

function number(value: JsonObject, key: string): number {
  return optionalNumber(value, key) ?? 0;
}

function optionalNumber(value: JsonObject, key: string): number | undefined {
  const found = value[key];
  if (found === undefined) return undefined;
  if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 0) throw bad(`a ${key} that is no size`);
  return found;
}

function shown({ header }: TocEntry): string {
  return inert(header.path.slice(0, 200));
}

function bad(what: string): PlombeError {
  return new PlombeError('archive/corrupt', `The table of contents of the layer has ${what}.`);
}
