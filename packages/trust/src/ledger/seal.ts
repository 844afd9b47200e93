// The seal of an export: a note by the log's key over the hash of every byte before it.
import { verify, type KeyObject } from 'node:crypto';
import { signNote } from './checkpoint.ts';
import { formatNote, parseNote, type VerifierKey } from './note.ts';

/** First line of a seal. No log may have it as origin, so that a seal can never be read as a checkpoint. */
export const sealTitle = 'plombe.dev/custody-export/v1';

function sealText(origin: string, digest: Buffer): string {
  return `${sealTitle}\n${digest.toString('base64')}\n${origin}\n`;
}

/** Returns the signed note over a SHA-256 digest. */
export function formatSeal(digest: Buffer, key: VerifierKey, privateKey: KeyObject): string {
  const text = sealText(key.name, digest);
  return formatNote({ text, signatures: [signNote(text, key, privateKey)] });
}

/** What is wrong with a seal; undefined where it is by that key over that digest. */
export function sealProblem(seal: string, digest: Buffer, key: VerifierKey): string | undefined {
  const note = parseNote(seal);
  if (note === undefined || note.signatures.length !== 1) return 'the seal is not a note with one signature';
  if (note.text !== sealText(key.name, digest)) return 'the bytes before the seal are not those that were sealed';
  const [signature] = note.signatures;
  const holds =
    signature?.name === key.name &&
    signature.id === key.id &&
    verify(null, Buffer.from(note.text), key.key, signature.signature);
  return holds ? undefined : "the seal is not signed by the log's key";
}
