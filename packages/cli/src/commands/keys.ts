// `plombe keys`: make a key pair in cosign's format, print a public key.
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { openPublicKey } from '@plombe/engine';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { generatePrivateKey, keyFiles, keyTypes, publicKeyPem } from '@plombe/trust';
import { openVault } from '../compose/vault.ts';
import { keyPassphrase, keySources } from '../compose/keys.ts';
import { openSession } from '../compose/context.ts';
import type { Settings } from '../settings/settings.ts';
import { print } from '../terminal/output.ts';

/**
 * Writes PREFIX.key, encrypted and readable by its owner alone, and PREFIX.pub. Existing files are never replaced. Throws `config/invalid`
 * where a file exists, `report/write` where one cannot be written.
 */
export async function generateKeys(values: Settings, flags: Readonly<Record<string, unknown>>): Promise<number> {
  const type = keyTypes.find((name) => name === (flags['type'] ?? 'ecdsa-p256'));
  const prefix = String(flags['out']);
  if (type === undefined) {
    throw new PlombeError('config/invalid', `There is no key type ${inert(String(flags['type']))}.`, {
      remedy: `Choose from: ${keyTypes.join(', ')}.`,
    });
  }
  const passphrase = keyPassphrase(process.env);
  if (passphrase === undefined) {
    process.stderr.write(
      'plombe: warning: no passphrase is set, so the key is protected by its file mode alone; set PLOMBE_KEY_PASSWORD, which may be empty.\n',
    );
  }
  const paths = [`${prefix}.key`, `${prefix}.pub`] as const;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    throw new PlombeError('config/invalid', `${inert(path)} exists and is not replaced.`, {
      remedy: 'Name another prefix with --out, or move the old key away.',
    });
  }
  const { privatePem, publicPem } = keyFiles(await generatePrivateKey(type), passphrase ?? '');
  writeNew(paths[0], privatePem, 0o600);
  writeNew(paths[1], publicPem, 0o644);
  if (values.quiet !== true) process.stderr.write(`Wrote ${paths.map(inert).join(' and ')}.\n`);
  return 0;
}

/** Prints the public key as PEM. Throws what `openPublicKey` throws. */
export async function printPublicKey(values: Settings, flags: Readonly<Record<string, unknown>>): Promise<number> {
  const { ctx } = openSession(values);
  const vault = openVault(values, ctx);
  try {
    print(publicKeyPem(await openPublicKey(String(flags['key']), keySources(process.env, vault))));
  } finally {
    vault.close();
  }
  return 0;
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    const file = openSync(path, 'wx', mode);
    try {
      // To an open file, since this writes on where the system takes only a part at once.
      writeFileSync(file, text);
    } catch (thrown) {
      rmSync(path, { force: true });
      throw thrown;
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new PlombeError('report/write', `The key cannot be written to ${inert(path)}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
