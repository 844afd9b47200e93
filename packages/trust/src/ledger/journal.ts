// The journal: signed entries in the order of the log, and after each batch the checkpoint that commits it. All else can be made from it.
import type { SignedEntry } from './entry.ts';
import type { LedgerStore } from './store.ts';

/** A place in the journal. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** A batch that is larger begins a new segment; offsets stay far below the 4 GiB that the index holds. */
export const segmentBytes = 64 * 1024 * 1024;

const frames = { entry: 1, checkpoint: 2 } as const;
const headerBytes = 5;

export function segmentPath(segment: number): string {
  return `journal/${String(segment).padStart(6, '0')}`;
}

/** Frame: type in one byte, length in four, big-endian, then the body. Body of an entry: length of the signature in two bytes, signature, payload. */
export function formatEntryFrame({ payload, signature }: SignedEntry): Buffer {
  const head = Buffer.alloc(headerBytes + 2);
  head[0] = frames.entry;
  head.writeUInt32BE(2 + signature.length + payload.length, 1);
  head.writeUInt16BE(signature.length, headerBytes);
  return Buffer.concat([head, signature, payload]);
}

export function formatCheckpointFrame(note: string): Buffer {
  const body = Buffer.from(note);
  const head = Buffer.alloc(headerBytes);
  head[0] = frames.checkpoint;
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

export type Frame = ({ readonly entry: SignedEntry } | { readonly checkpoint: string }) & { readonly end: number };

/** An entry is at most this long: a predicate of 1 MiB in its statement. */
const maxFrameBytes = 4 * 1024 * 1024;
/** What one read takes: most entries are shorter. */
const readBytes = 4096;

/** Reads the frame at a place; undefined where there is no whole one. */
export async function readFrame(store: LedgerStore, { segment, offset }: Position): Promise<Frame | undefined> {
  const path = segmentPath(segment);
  const start = await store.readRange(path, offset, readBytes);
  if (start.length < headerBytes) return undefined;
  const length = start.readUInt32BE(1);
  if (length > maxFrameBytes) return undefined;
  const whole =
    headerBytes + length <= start.length ? start : await store.readRange(path, offset, headerBytes + length);
  const body = whole.subarray(headerBytes, headerBytes + length);
  if (body.length !== length) return undefined;
  const end = offset + headerBytes + length;
  if (start[0] === frames.checkpoint) return { checkpoint: body.toString(), end };
  if (start[0] !== frames.entry || length < 2) return undefined;
  const signatureEnd = 2 + body.readUInt16BE(0);
  return signatureEnd > length
    ? undefined
    : { entry: { signature: body.subarray(2, signatureEnd), payload: body.subarray(signatureEnd) }, end };
}
