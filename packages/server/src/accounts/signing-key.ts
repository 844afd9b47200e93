// The key that signs the server's own tokens: DIR/keys/token.key, made at the first start.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inert, makeFolder, messageOf, PlombeError } from '@plombe/kit';

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public key itself, in base64url. */
  readonly kid: string;
}

/** Loads the Ed25519 key below DIR, or makes it, mode 0600. Throws `store/unusable`. */
export function loadSigningKey(data: string): SigningKey {
  const path = join(data, 'keys', 'token.key');
  try {
    makeFolder(join(data, 'keys'));
    return keyOf(readIfThere(path) ?? createKeyFile(path));
  } catch (cause) {
    throw new PlombeError('store/unusable', `The key ${inert(path)} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function keyOf(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, kid: publicKey.export({ format: 'jwk' }).x ?? '' };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Another process may make one at the same time: the first that is linked counts. */
function createKeyFile(path: string): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, pem);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(temporary, path);
    return pem;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(temporary, { force: true });
  }
}
