// cosign 3 and 2 as a user without a transparency log runs them, and their key files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, peer, type Run } from './peers.ts';

/** cosign 3 with the flags that keep it from any log, and its key pairs. */
export interface Cosign {
  readonly run: Run;
  /** Signs with a key file, as a bundle. */
  sign(key: string, pinned: string, more?: readonly string[], password?: string): Promise<string>;
  attest(key: string, pinned: string, type: string, predicate: string): Promise<string>;
  /** Makes an encrypted P-256 pair `name.key`, `name.pub`; returns the path without ending. */
  generate(name: string, password?: string): Promise<string>;
}

/** Prepares cosign 3 in a home of its own. */
export async function openCosign(home: string): Promise<Cosign> {
  mkdirSync(home, { recursive: true });
  const run = peer('cosign', home);
  const config = join(home, 'signing-config.json');
  await done(run(['signing-config', 'create', '--out', config]));
  const alone = ['--yes', '--signing-config', config, '--allow-http-registry'];
  return {
    run,
    sign: (key, pinned, more = [], password = '') =>
      done(run(['sign', '--key', key, ...alone, ...more, pinned], { env: { COSIGN_PASSWORD: password } })),
    attest: (key, pinned, type, predicate) =>
      done(run(['attest', '--key', key, '--type', type, '--predicate', predicate, ...alone, pinned])),
    generate: async (name, password = '') => {
      const prefix = join(home, name);
      await done(run(['generate-key-pair', '--output-key-prefix', prefix], { env: { COSIGN_PASSWORD: password } }));
      return prefix;
    },
  };
}

/** Flags under which cosign 3 verifies with a key and no log. */
export function verifyFlags(publicKey: string): readonly string[] {
  return ['--key', publicKey, '--insecure-ignore-tlog', '--allow-http-registry'];
}

/** Writes a predicate as JSON and returns its path. */
export function writePredicate(folder: string, name: string, predicate: object): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(predicate));
  return path;
}
