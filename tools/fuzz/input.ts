// What a target is given: one text or file, or the files of a small image; and how it lies in the corpus.
import { gunzipSync, gzipSync } from 'node:zlib';

/** One file. `path` is empty where a target takes bytes alone; of a feed's document it is the name. */
export interface FuzzPart {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
  /** Makes it a symlink. */
  readonly link?: string;
}

export type FuzzInput = readonly FuzzPart[];

/** Largest file of the corpus that is written plain. What is larger is mostly repetition, and gzip shrinks that to nothing. */
const plainBytes = 20_000;

/** Returns the file of an input: its bytes, and how its name ends. `.files` is JSON; `.gz` is compressed. */
export function encodeInput(input: FuzzInput): { readonly extension: string; readonly bytes: Uint8Array } {
  const [only] = input;
  const isBare = input.length === 1 && only?.path === '' && only.link === undefined;
  const bytes = isBare ? only.bytes : Buffer.from(`${JSON.stringify(input.map(partToJson), undefined, 1)}\n`);
  const extension = isBare ? '.bin' : '.files';
  return bytes.length > plainBytes
    ? { extension: `${extension}.gz`, bytes: gzipSync(bytes, { level: 9 }) }
    : { extension, bytes };
}

/** Reads what `encodeInput` wrote. */
export function decodeInput(name: string, stored: Uint8Array): FuzzInput {
  const bytes = name.endsWith('.gz') ? gunzipSync(stored) : stored;
  if (!/\.files(?:\.gz)?$/.test(name)) return [{ path: '', bytes }];
  const parts = JSON.parse(new TextDecoder().decode(bytes)) as readonly JsonPart[];
  return parts.map(({ text, base64, ...rest }) => ({
    ...rest,
    bytes: Buffer.from(text ?? base64 ?? '', text === undefined ? 'base64' : 'utf8'),
  }));
}

interface JsonPart {
  readonly path: string;
  readonly mode?: number;
  readonly link?: string;
  readonly text?: string;
  readonly base64?: string;
}

function partToJson({ bytes, ...rest }: FuzzPart): JsonPart {
  if (rest.link !== undefined) return rest;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isText = Buffer.from(text).equals(bytes);
  return isText ? { ...rest, text } : { ...rest, base64: Buffer.from(bytes).toString('base64') };
}
