// The gate's own key: made at the first start, it signs what the gate attests.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder, messageOf, PlombeError } from '@plombe/kit';
import { generatePrivateKey, publicKeyOf, publicKeyPem, readPrivateKey, signerOf, type Signer } from '@plombe/trust';

/** `gate.key` (PKCS#8, mode 0600) and `gate.pub` in this folder of the server's. */
const names = { key: 'gate.key', public: 'gate.pub' } as const;

/** Opens the key, or makes it. Throws `store/unusable` where the folder cannot be written, `trust/key-invalid`. */
export async function openGateKey(folder: string): Promise<Signer> {
  const path = join(folder, names.key);
  try {
    if (!existsSync(path)) {
      makeFolder(folder);
      const made = await generatePrivateKey('ecdsa-p256');
      writeWhole(path, String(made.export({ format: 'pem', type: 'pkcs8' })), 0o600);
    }
    const signer = signerOf(readPrivateKey(readFileSync(path, 'utf8'), undefined));
    const publicPath = join(folder, names.public);
    const pem = publicKeyPem(publicKeyOf(readPrivateKey(readFileSync(path, 'utf8'), undefined)));
    if (!existsSync(publicPath)) writeWhole(publicPath, pem, 0o644);
    return signer;
  } catch (cause) {
    if (cause instanceof PlombeError) throw cause;
    throw new PlombeError('store/unusable', `The gate's key cannot be made or read: ${messageOf(cause)}`, { cause });
  }
}

/** Durable before it has its name. */
function writeWhole(path: string, text: string, mode: number): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}
