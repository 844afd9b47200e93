// Keys as the caller names them: a file, `env://NAME`, or `azurekms://VAULT/KEY`.
import type { KeyObject } from 'node:crypto';
import { PlombeError, inert, isPlombeError, kibibyte } from '@plombe/kit';
import type { SignatureAlgorithm } from '@plombe/pki';
import { publicKeyOf, readPrivateKey, readPublicKey, signerOf, type PublicKey, type Signer } from '@plombe/trust';
import { readSmallFile } from './files.ts';

/** Chooses the algorithm that a key signs with; undefined: as cosign does. */
export type AlgorithmChoice = (publicKey: KeyObject) => SignatureAlgorithm | undefined;

/** A vault that keeps keys and signs with them; it never gives one out. */
export interface KeyVault {
  /** Opens `KEY` of `VAULT` for signing and for its public half. Throws `registry/…` and `trust/key-invalid`. */
  open(vault: string, key: string, choose?: AlgorithmChoice): Promise<Signer>;
}

/** What a key's name may lead to. The environment is a function, so that only the variable named is read. */
export interface KeySources {
  readonly variable: (name: string) => string | undefined;
  /** The passphrase of encrypted keys, which may be empty. */
  readonly passphrase: string;
  readonly vault: KeyVault;
}

/** RSA keys of 16,384 bits have 13 KiB; a file of many keys is not one key. */
const maxKeyBytes = 256 * kibibyte;

/**
 * Opens a private key to sign with. Throws `trust/key-invalid`, `trust/key-passphrase`, `source/…` for a file that cannot be read,
 * `config/invalid` for a name that is no key's. No message holds anything of a key.
 */
export async function openSigner(name: string, sources: KeySources, choose?: AlgorithmChoice): Promise<Signer> {
  const vaultKey = vaultKeyOf(name);
  if (vaultKey !== undefined) return sources.vault.open(vaultKey.vault, vaultKey.key, choose);
  const pem = readPem(name, sources);
  return named(name, () => {
    const key = readPrivateKey(pem, sources.passphrase);
    return signerOf(key, choose?.(publicKeyOf(key).key));
  });
}

/** Opens the public key of that name: of a public key or certificate as it is, of a private key its public half. Throws as `openSigner`. */
export async function openPublicKey(name: string, sources: KeySources): Promise<PublicKey> {
  const vaultKey = vaultKeyOf(name);
  if (vaultKey !== undefined) return (await sources.vault.open(vaultKey.vault, vaultKey.key)).publicKey;
  const pem = readPem(name, sources);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return named(name, () => readPublicKey(pem));
  return named(name, () => publicKeyOf(readPrivateKey(pem, sources.passphrase)));
}

function readPem(name: string, { variable }: KeySources): string {
  // A key where its name is meant must not reach a message (T66).
  if (/-----BEGIN |[\r\n]/.test(name)) {
    throw new PlombeError('config/invalid', 'The text of a key was given where its name is meant.', {
      remedy: 'Put it into a variable and give env://NAME, or into a file.',
    });
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(name)?.[1]?.toLowerCase();
  if (scheme === undefined) return readSmallFile(name, 'The key', maxKeyBytes).toString('utf8');
  if (scheme === 'env') {
    const variableName = name.slice('env://'.length);
    const value = variable(variableName);
    if (value !== undefined && value !== '') return value;
    throw new PlombeError('config/invalid', `The environment variable ${inert(variableName)} holds no key.`, {
      remedy: 'Set it to the text of a PEM file.',
    });
  }
  throw new PlombeError('config/invalid', `${inert(name)} names no key.`, {
    remedy:
      'Give a file, env://NAME or azurekms://VAULT/KEY; plugin://NAME/KEYID signs with the formats jws and cose only.',
  });
}

/** `azurekms://VAULT/KEY`; VAULT with or without its domain, as cosign writes it. */
function vaultKeyOf(name: string): { readonly vault: string; readonly key: string } | undefined {
  if (!name.startsWith('azurekms://')) return undefined;
  const match = /^azurekms:\/\/([A-Za-z0-9.-]+)\/([A-Za-z0-9-]+)(?:\/[0-9a-f]+)?$/.exec(name);
  if (match?.[1] !== undefined && match[2] !== undefined)
    return { vault: match[1], key: name.slice(name.indexOf('/', 11) + 1) };
  throw new PlombeError('config/invalid', `${inert(name)} names no key of a vault.`, {
    remedy: 'Write azurekms://VAULT/KEY.',
  });
}

/** Says which key it was. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    throw new PlombeError(error.code, `${inert(name)}: ${error.message}`, { cause: error, remedy: error.remedy });
  }
}
