// The three private keys of a ledger, as PKCS#8 PEM files that only their owner can read.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PlombeError } from '@plombe/kit';
import { recordKeyOf, type RecordKey } from './entry.ts';
import { signatureTypes, verifierKey, type VerifierKey } from './note.ts';

/** The private keys: notes of the log (Ed25519), its cosignature (ML-DSA-44), and entries (ECDSA P-256). */
export interface LedgerKeys {
  readonly log: KeyObject;
  readonly cosigner: KeyObject;
  readonly record: KeyObject;
}

/** File names of the private keys in the folder of the ledger. */
export const keyFiles = { log: 'log.key', cosigner: 'cosigner.key', record: 'record.key' } as const satisfies Record<
  keyof LedgerKeys,
  string
>;

/** Makes fresh keys with the system's randomness. */
export function generateKeys(): LedgerKeys {
  return {
    log: generateKeyPairSync('ed25519').privateKey,
    cosigner: generateKeyPairSync('ml-dsa-44').privateKey,
    record: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  };
}

export function formatPrivateKey(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }) as string;
}

/** Parses a private key file. Throws `ledger/damaged`, naming the file and nothing of what is in it (T66). */
export function parsePrivateKey(pem: Buffer, name: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new PlombeError('ledger/damaged', `The key ${name} of the ledger cannot be read.`);
  }
}

/** The public halves that belong to a ledger of that name. */
export interface PublicKeys {
  readonly log: VerifierKey;
  readonly cosigner: VerifierKey;
  readonly record: RecordKey;
}

/** Returns the public halves of the keys. */
export function publicKeysOf(origin: string, keys: LedgerKeys): PublicKeys {
  const raw = (key: KeyObject, member: 'x' | 'pub'): Buffer => {
    const jwk = createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>;
    return Buffer.from(jwk[member] ?? '', 'base64url');
  };
  const record = recordKeyOf(createPublicKey(keys.record).export({ format: 'der', type: 'spki' }));
  if (record === undefined)
    throw new PlombeError('ledger/damaged', 'The key record.key of the ledger is not a P-256 key.');
  return {
    log: verifierKey(origin, signatureTypes.ed25519, raw(keys.log, 'x')),
    cosigner: verifierKey(origin, signatureTypes.mlDsa44Cosignature, raw(keys.cosigner, 'pub')),
    record,
  };
}
