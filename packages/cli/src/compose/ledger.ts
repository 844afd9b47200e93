// What the commands about the ledger share: the folder, verifier keys, checkpoints and digests that flags name.
import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import { folderStore, parseVerifierKey, type VerifierKey } from '@plombe/trust';

/** The flags of a command as the parser gives them. */
export type Flags = Readonly<Record<string, unknown>>;

/** Returns the store of `--ledger DIR`. */
export function ledgerStore(flags: Flags): ReturnType<typeof folderStore> {
  return folderStore(String(flags['ledger']));
}

/** 8 MiB: a predicate of 1 MiB may be spelled with six bytes for each of its own, and indented. Keys and checkpoints have some kilobytes. */
const maxNamedBytes = 8 * mebibyte;

/** Reads a file that a flag names. Throws `source/not-found`, `source/unreadable`, and `config/invalid` for what is not UTF-8. */
export function readNamed(path: string, flag: string): string {
  const bytes = bytesOf(path, flag);
  // What is no UTF-8 would be read as something that nobody wrote.
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new PlombeError('config/invalid', `${flag} ${inert(path)} is not UTF-8.`);
}

function bytesOf(path: string, flag: string): Buffer {
  try {
    return readBounded(path, maxNamedBytes);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'source/not-found' : 'source/unreadable';
    throw new PlombeError(code, `${flag} ${inert(path)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Reads a verifier key that is given itself or in a file. Throws `config/invalid` where it is none of the types wanted. */
export function verifierKeyOf(given: string, flag: string, types: readonly number[]): VerifierKey {
  // A key that was cut off when it was pasted is a mistake, not a file that is missing.
  const isFile = !given.includes('+') || existsSync(given);
  const key = parseVerifierKey(given) ?? (isFile ? parseVerifierKey(readNamed(given, flag).trim()) : undefined);
  if (key !== undefined && types.includes(key.type)) return key;
  throw new PlombeError(
    'config/invalid',
    `${flag} ${inert(given.slice(0, 100))} is not a verifier key of the kind wanted.`,
    {
      remedy:
        'A verifier key is NAME+8 HEX DIGITS+BASE64 (C2SP signed-note); that of a ledger is in its file ledger.vkey.',
    },
  );
}

/** Returns the values of a flag that may be given several times. */
export function listOf(flags: Flags, name: string): readonly string[] {
  return (flags[name] as readonly string[] | undefined) ?? [];
}

/** Returns the text as a digest. Throws `config/invalid`. */
export function digestOf(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  throw new PlombeError('config/invalid', `${inert(text.slice(0, 200))} is not a digest.`, {
    remedy: 'Write sha256: and 64 lower-case hex digits, the digest of an image manifest.',
  });
}
