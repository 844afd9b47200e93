// Checkpoints: signed notes whose text is origin, tree size and root hash (C2SP signed-note and tlog-checkpoint).
import { decodeBase64 } from '../parse/base64.ts';
import { malformed, overLimit } from '../parse/refused.ts';

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string;
  /** The first four bytes of the key's id. */
  readonly keyHint: Uint8Array;
  readonly signature: Uint8Array;
}

/** A parsed checkpoint. */
export interface Checkpoint {
  readonly origin: string;
  readonly treeSize: number;
  readonly rootHash: Uint8Array;
  /** What is signed: the note's text with its last newline. */
  readonly signedText: string;
  readonly signatures: readonly NoteSignature[];
}

/** 64 KiB and 100 signatures: C2SP signed-note asks readers for at least 16 signatures of 16 KiB; ML-DSA-44 has 2,420 bytes each. */
const maxBytes = 64 * 1024;
const maxSignatures = 100;

/** Parses a note; throws Refused. Closed: every line after the text is a signature line and the last one ends with a newline. */
export function readCheckpoint(note: string): Checkpoint {
  if (note.length > maxBytes) overLimit(`checkpoint is larger than ${maxBytes} bytes`);
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) malformed('checkpoint is not a signed note');
  const signedText = note.slice(0, split + 1);
  const lines = signedText.slice(0, -1).split('\n');
  const [origin, size, root] = lines;
  if (origin === undefined || size === undefined || root === undefined || origin === '') {
    malformed('checkpoint has not origin, size and root hash');
  }
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    malformed('checkpoint has no valid tree size');
  }
  const rootHash = decodeBase64(root, 'root hash of the checkpoint');
  if (rootHash.length !== 32) malformed('root hash of the checkpoint has not 32 bytes');
  const signatureLines = note.slice(split + 2, -1).split('\n');
  if (signatureLines.length > maxSignatures) overLimit(`checkpoint has more than ${maxSignatures} signatures`);
  return { origin, treeSize: Number(size), rootHash, signedText, signatures: signatureLines.map(readSignatureLine) };
}

function readSignatureLine(line: string): NoteSignature {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (match === null) malformed('checkpoint has a line that is no signature');
  const bytes = decodeBase64(match[2] as string, 'signature of the checkpoint');
  if (bytes.length < 5) malformed('a signature of the checkpoint is too short');
  return { name: match[1] as string, keyHint: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** True where a signature's name stands for the note's origin: equal, or followed by Rekor v1's ` - TREE-ID`. */
export function namesOrigin(name: string, origin: string): boolean {
  return name === origin || (origin.startsWith(`${name} - `) && /^[0-9]+$/.test(origin.slice(name.length + 3)));
}
