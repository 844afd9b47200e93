// Keys of TUF roles: read from PEM or hexadecimal, matched to their scheme, counted by what they are and not by what they are called.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { field, type JsonObject } from '@plombe/kit';
import { keyProblem, signatureAlgorithms, verifySignature, type SignatureAlgorithm } from '@plombe/pki';
import { publicKeyOf } from '../keys/public-key.ts';
import { requiredObject, requiredText } from '../parse/fields.ts';

/** A key that can verify; `id` is the hash of its SubjectPublicKeyInfo, so that one key under two key ids counts once (T44). */
export interface TufKey {
  readonly id: string;
  readonly key: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

/** TUF specification 1.0, section 4.2, and securesystemslib: scheme → key types that it may be named with, and what we verify by. */
const schemes: ReadonlyMap<string, { readonly types: readonly string[]; readonly algorithm: SignatureAlgorithm }> =
  new Map([
    ['ed25519', { types: ['ed25519'], algorithm: 'ed25519' }],
    ['ecdsa-sha2-nistp256', { types: ['ecdsa', 'ecdsa-sha2-nistp256'], algorithm: 'ecdsa-p256-sha256' }],
    ['ecdsa-sha2-nistp384', { types: ['ecdsa', 'ecdsa-sha2-nistp384'], algorithm: 'ecdsa-p384-sha384' }],
    ['rsassa-pss-sha256', { types: ['rsa'], algorithm: 'rsa-pss-sha256' }],
    ['rsassa-pss-sha384', { types: ['rsa'], algorithm: 'rsa-pss-sha384' }],
    ['rsassa-pss-sha512', { types: ['rsa'], algorithm: 'rsa-pss-sha512' }],
  ]);

/**
 * What stands before a bare key in its SubjectPublicKeyInfo: before the 32 bytes of Ed25519 (RFC 8410, section 4), and before the uncompressed
 * points of the curves (RFC 5480, section 2), which the first roots of Sigstore hold.
 */
const bareKeys: readonly { readonly algorithm: SignatureAlgorithm; readonly form: RegExp; readonly prefix: string }[] =
  [
    { algorithm: 'ed25519', form: /^[0-9a-f]{64}$/i, prefix: '302a300506032b6570032100' },
    {
      algorithm: 'ecdsa-p256-sha256',
      form: /^04[0-9a-f]{128}$/i,
      prefix: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    },
    {
      algorithm: 'ecdsa-p384-sha384',
      form: /^04[0-9a-f]{192}$/i,
      prefix: '3076301006072a8648ce3d020106052b81040022036200',
    },
  ];

/**
 * Reads a key. Undefined where scheme, type or key are none that we know: such a key signs for nobody, and a root that uses a new scheme for one
 * of its keys stays readable. Refuses as malformed what has not the form of a key at all.
 */
export function readTufKey(json: JsonObject): TufKey | undefined {
  const type = requiredText(json, 'keytype', 'key');
  const scheme = schemes.get(requiredText(json, 'scheme', 'key'));
  const text = field(requiredObject(json, 'keyval', 'key'), 'public');
  if (scheme === undefined || !scheme.types.includes(type) || typeof text !== 'string') return undefined;
  const key = keyOf(text, scheme.algorithm);
  if (key === undefined || keyProblem(signatureAlgorithms[scheme.algorithm], key) !== undefined) return undefined;
  return { id: publicKeyOf(key).id, key, algorithm: scheme.algorithm };
}

function keyOf(text: string, algorithm: SignatureAlgorithm): KeyObject | undefined {
  try {
    const bare = bareKeys.find((one) => one.algorithm === algorithm && one.form.test(text));
    if (bare !== undefined) {
      return createPublicKey({ key: Buffer.from(bare.prefix + text, 'hex'), format: 'der', type: 'spki' });
    }
    return text.startsWith('-----BEGIN PUBLIC KEY-----') ? createPublicKey(text) : undefined;
  } catch {
    return undefined;
  }
}

/** True where `signature`, in hexadecimal, is the key's over the bytes. */
export function isSignedBy({ key, algorithm }: TufKey, data: Uint8Array, signature: string): boolean {
  if (!/^(?:[0-9a-f]{2})+$/i.test(signature)) return false;
  return verifySignature({ key, algorithm, data, signature: Buffer.from(signature, 'hex') }).kind === 'verified';
}
