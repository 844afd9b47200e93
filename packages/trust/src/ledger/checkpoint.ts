// Checkpoints: the signed head of the tree (tlog-checkpoint), its cosignatures (tlog-cosignature), and who signed what.
import { sign, verify, type KeyObject } from 'node:crypto';
import {
  formatNote,
  isKeyName,
  parseNote,
  signatureTypes,
  type Note,
  type NoteSignature,
  type VerifierKey,
} from './note.ts';

/** The head of a log at one size. */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export interface Checkpoint extends TreeHead {
  readonly note: Note;
}

/** Returns the note text of a head: three lines, no extension. */
export function headText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Parses a signed checkpoint without extension lines; undefined where it is not exactly one. Its signatures are not verified. */
export function parseCheckpoint(whole: string): Checkpoint | undefined {
  const note = parseNote(whole);
  const [origin = '', size = '', root = ''] = note?.text.split('\n') ?? [];
  const head = { origin, size: Number(size), root: Buffer.from(root, 'base64') };
  if (note === undefined || !isKeyName(origin) || !Number.isSafeInteger(head.size) || head.root.length !== 32)
    return undefined;
  return headText(head) === note.text ? { ...head, note } : undefined;
}

/** Signs a note text with Ed25519, signature type 1. */
export function signNote(text: string, key: VerifierKey, privateKey: KeyObject): NoteSignature {
  return { name: key.name, id: key.id, signature: sign(null, Buffer.from(text), privateKey) };
}

/** Cosigns a head with ML-DSA-44 or Ed25519, as of a time in whole seconds since 1970. */
export function cosignHead(head: TreeHead, key: VerifierKey, privateKey: KeyObject, timeS: number): NoteSignature {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeS));
  const signature = sign(null, cosignedMessage(head, key, time), privateKey);
  return { name: key.name, id: key.id, signature: Buffer.concat([time, signature]) };
}

/** True where the signature is by that key over that head. */
export function holdsSignature(head: TreeHead, { name, id, signature }: NoteSignature, key: VerifierKey): boolean {
  if (name !== key.name || id !== key.id) return false;
  if (key.type === signatureTypes.ed25519) return verify(null, Buffer.from(headText(head)), key.key, signature);
  if (signature.length <= 8) return false;
  return verify(null, cosignedMessage(head, key, signature.subarray(0, 8)), key.key, signature.subarray(8));
}

/** The time of a cosignature in seconds since 1970. */
export function cosignedAtS({ signature }: NoteSignature): number {
  return signature.length < 8 ? 0 : Number(signature.readBigUInt64BE());
}

function cosignedMessage(head: TreeHead, { name, type }: VerifierKey, time: Buffer): Buffer {
  if (type === signatureTypes.ed25519Cosignature) {
    return Buffer.from(`cosignature/v1\ntime ${time.readBigUInt64BE()}\n${headText(head)}`);
  }
  const range = Buffer.alloc(16);
  range.writeBigUInt64BE(BigInt(head.size), 8);
  return Buffer.concat([Buffer.from('subtree/v1\n\0'), prefixed(name), time, prefixed(head.origin), range, head.root]);
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/**
 * What is wrong with the signatures of a checkpoint that must carry exactly these keys' signatures, in this order; undefined where nothing is.
 * A line by a key that nobody named could be anything, so it is refused.
 */
export function signatureProblem({ note, ...head }: Checkpoint, keys: readonly VerifierKey[]): string | undefined {
  for (const [i, key] of keys.entries()) {
    const signature = note.signatures[i];
    if (signature === undefined || signature.name !== key.name || signature.id !== key.id) {
      return `the signature by ${key.name}+${key.id} is missing in its place`;
    }
    if (!holdsSignature(head, signature, key)) return `the signature by ${key.name}+${key.id} is wrong`;
  }
  const extra = note.signatures[keys.length];
  return extra === undefined
    ? undefined
    : `a signature by ${extra.name}+${extra.id} is there, a key that was not named`;
}

/** Returns the signed checkpoint as text. */
export function formatCheckpoint(head: TreeHead, signatures: readonly NoteSignature[]): string {
  return formatNote({ text: headText(head), signatures });
}
