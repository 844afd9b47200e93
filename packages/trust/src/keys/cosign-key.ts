// Cosign's encrypted private keys: PKCS#8 in NaCl secretbox (XSalsa20-Poly1305) under a key from scrypt, as JSON in PEM.
import { scryptSync } from 'node:crypto';
import { secretbox } from '@noble/ciphers/salsa.js';
import { isObject, PlombeError, textField, type JsonObject } from '@plombe/kit';
import { writePem } from '@plombe/pki';
import { decodeBase64, encodeBase64 } from '../parse/base64.ts';
import { countField, parseJsonObject, requiredBytes, requiredObject } from '../parse/fields.ts';
import { attempt, malformed, overLimit } from '../parse/refused.ts';

/** The labels that cosign has written; the first is today's. */
export const cosignKeyLabels = ['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY'] as const;

/** What cosign writes since 2.2: 64 MiB of memory, about 0.2 s. Before it was 32,768. */
const written = { N: 65_536, r: 8, p: 1 } as const;
/** 128 MiB and p = 4: twice what cosign asks for, half of what a job may use. */
const maxMemoryBytes = 128 * 1024 * 1024;
const maxP = 4;
/** 64 KiB of JSON: an RSA key of 16,384 bits has 13 KiB of base64. */
const maxFileBytes = 64 * 1024;

const saltBytes = 32;
const nonceBytes = 24;
const keyBytes = 32;

/** Encrypts PKCS#8 bytes. `random` answers that many fresh random bytes. The passphrase may be empty. */
export function encryptCosignKey(pkcs8: Uint8Array, passphrase: string, random: (bytes: number) => Uint8Array): string {
  const salt = random(saltBytes);
  const nonce = random(nonceBytes);
  const key = scryptSync(passphrase, salt, keyBytes, { ...written, maxmem: 2 * maxMemoryBytes });
  const document = {
    kdf: { name: 'scrypt', params: written, salt: encodeBase64(salt) },
    cipher: { name: 'nacl/secretbox', nonce: encodeBase64(nonce) },
    ciphertext: encodeBase64(secretbox(key, nonce).seal(pkcs8)),
  };
  return writePem({ label: cosignKeyLabels[0], bytes: Buffer.from(JSON.stringify(document)) });
}

/** Decrypts the JSON inside the PEM to PKCS#8. Throws `trust/key-invalid`, and `trust/key-passphrase` for the wrong passphrase. */
export function decryptCosignKey(json: Uint8Array, passphrase: string): Uint8Array {
  const read = attempt(() => readDocument(parseJsonObject(json, maxFileBytes, 'encrypted key')));
  if (read.kind !== 'parsed')
    throw new PlombeError('trust/key-invalid', `The encrypted key is unusable: ${read.message}.`);
  const { N, r, p, salt, nonce, ciphertext } = read.value;
  const key = scryptSync(passphrase, salt, keyBytes, { N, r, p, maxmem: 2 * maxMemoryBytes });
  try {
    return secretbox(key, nonce).open(ciphertext);
  } catch {
    throw new PlombeError('trust/key-passphrase', 'The passphrase does not open the private key.');
  }
}

function readDocument(document: JsonObject): {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
} {
  const kdf = requiredObject(document, 'kdf', 'encrypted key');
  const cipher = requiredObject(document, 'cipher', 'encrypted key');
  if (textField(kdf, 'name') !== 'scrypt' || textField(cipher, 'name') !== 'nacl/secretbox') {
    malformed('the encryption is not scrypt with nacl/secretbox');
  }
  const params = kdf['params'];
  if (!isObject(params)) malformed('the parameters of scrypt are missing');
  const N = countField(params, 'N', 'scrypt');
  const r = countField(params, 'r', 'scrypt');
  const p = countField(params, 'p', 'scrypt');
  if (N < 2 || (N & (N - 1)) !== 0 || r < 1 || p < 1) malformed('the parameters of scrypt are not valid');
  if (128 * N * r > maxMemoryBytes || p > maxP) overLimit('the parameters of scrypt ask for too much');
  const salt = requiredBytes(kdf, 'salt', 'scrypt');
  const nonce = requiredBytes(cipher, 'nonce', 'secretbox');
  if (nonce.length !== nonceBytes) malformed('the nonce has the wrong length');
  const ciphertext = decodeBase64(textField(document, 'ciphertext') ?? '', 'ciphertext');
  return { N, r, p, salt, nonce, ciphertext };
}
