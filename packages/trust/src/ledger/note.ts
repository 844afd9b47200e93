// C2SP signed notes and verifier keys: text, a blank line, and signature lines that name their key.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { sha256 } from './merkle.ts';

/** Signature types of signed-note and tlog-cosignature: Ed25519 notes, Ed25519 cosignatures, ML-DSA-44 cosignatures. */
export const signatureTypes = { ed25519: 1, ed25519Cosignature: 4, mlDsa44Cosignature: 6 } as const;

const keyLengths: Readonly<Record<number, number>> = { 1: 32, 4: 32, 6: 1312 };

/** The largest note that is read. 16 signatures of under 5 kB must be accepted (signed-note, Format). */
const maxNoteLength = 128 * 1024;
const maxSignatures = 32;

export interface VerifierKey {
  readonly name: string;
  /** Eight lower-case hex digits. */
  readonly id: string;
  readonly type: number;
  readonly key: KeyObject;
  /** The key as text: `name+id+base64`. */
  readonly text: string;
}

/** Makes a verifier key of a name, a signature type and the raw public key. */
export function verifierKey(name: string, type: number, raw: Uint8Array): VerifierKey {
  const typed = Buffer.concat([Buffer.of(type), raw]);
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).toString('hex', 0, 4);
  const x = Buffer.from(raw).toString('base64url');
  const jwk =
    type === signatureTypes.mlDsa44Cosignature
      ? { kty: 'AKP', alg: 'ML-DSA-44', pub: x }
      : { kty: 'OKP', crv: 'Ed25519', x };
  return {
    name,
    id,
    type,
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    text: `${name}+${id}+${typed.toString('base64')}`,
  };
}

/** Parses a verifier key; undefined where it is not one, its id is wrong or its type is none of the three above. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const [, name = '', , encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const type = typed[0] ?? 0;
  if (!isKeyName(name) || typed.length - 1 !== keyLengths[type]) return undefined;
  const key = verifierKey(name, type, typed.subarray(1));
  return key.text === text ? key : undefined;
}

/** True for a key name or origin: not empty, no Unicode space, no plus, no control character, at most 255 bytes (tlog-cosignature). */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\s+\p{Cc}]/u.test(name) && Buffer.byteLength(name) < 256;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Buffer;
}

export interface Note {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Returns the one spelling of a note. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join('')}`;
}

function formatSignature({ name, id, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;
}

/** Parses a note; undefined where it is malformed, over 128 KiB, has over 32 signatures, or is spelled otherwise than `formatNote` does. */
export function parseNote(whole: string): Note | undefined {
  if (whole.length > maxNoteLength || /[\u0000-\u0009\u000b-\u001f]/.test(whole)) return undefined;
  const end = whole.lastIndexOf('\n\n');
  if (end < 0) return undefined;
  const signatures = parseSignatures(whole.slice(end + 2));
  if (signatures === undefined || signatures.length === 0) return undefined;
  const note = { text: whole.slice(0, end + 1), signatures };
  return formatNote(note) === whole ? note : undefined;
}

/** Parses signature lines as a witness answers them; undefined where one is malformed. */
export function parseSignatures(lines: string): readonly NoteSignature[] | undefined {
  const signatures: NoteSignature[] = [];
  for (const line of lines.split('\n').slice(0, -1)) {
    const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    if (!isKeyName(name) || bytes.length < 5 || signatures.length === maxSignatures) return undefined;
    const parsed = { name, id: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
    if (formatSignature(parsed) !== `${line}\n`) return undefined;
    signatures.push(parsed);
  }
  return signatures.length > 0 && lines.endsWith('\n') ? signatures : undefined;
}
