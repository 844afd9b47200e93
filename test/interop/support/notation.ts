// notation with its own configuration: keys, trust store and trust policy below XDG_CONFIG_HOME, as its specification lays them out.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, peer, type Run } from './peers.ts';
import type { Leaf } from './openssl.ts';

export type Level = 'strict' | 'permissive' | 'audit' | 'skip';

export interface PolicyOptions {
  readonly level?: Level;
  readonly identities?: readonly string[];
  /** Adds a time stamping store named `stamps`. */
  readonly stamps?: boolean;
  readonly verifyTimestamp?: 'always' | 'afterCertExpiry';
  readonly override?: Readonly<Record<string, string>>;
}

export interface Notation {
  readonly run: Run;
  /** The policy file and the folder that holds `x509`, as `plombe verify` takes them. */
  readonly trust: { readonly policy: string; readonly store: string };
  /** Names keys; the last one is the default. */
  addKeys(leaves: Readonly<Record<string, Leaf>>): void;
  /** Trusts roots under a store's type and name. */
  trustRoot(type: 'ca' | 'tsa', name: string, root: string): void;
  writePolicy(options?: PolicyOptions): void;
  sign(key: string, pinned: string, format: 'jws' | 'cose', ...more: readonly string[]): Promise<string>;
}

/** Prepares notation in a home of its own. */
export function openNotation(home: string): Notation {
  const folder = join(home, '.config', 'notation');
  mkdirSync(folder, { recursive: true });
  const run = peer('notation', home);
  const policy = join(folder, 'trustpolicy.json');
  return {
    run,
    trust: { policy, store: join(folder, 'truststore') },
    addKeys: (leaves) => {
      const keys = Object.entries(leaves).map(([name, leaf]) => ({
        name,
        keyPath: leaf.key,
        certPath: leaf.chain,
      }));
      writeFileSync(join(folder, 'signingkeys.json'), JSON.stringify({ default: keys.at(-1)?.name, keys }));
    },
    trustRoot: (type, name, root) => {
      const place = join(folder, 'truststore', 'x509', type, name);
      mkdirSync(place, { recursive: true });
      copyFileSync(root, join(place, 'root.pem'));
    },
    writePolicy: (options = {}) => {
      const { level = 'strict', identities = ['*'], stamps = false, verifyTimestamp, override } = options;
      const statement = {
        name: 'all',
        registryScopes: ['*'],
        signatureVerification: {
          level,
          ...(verifyTimestamp === undefined ? {} : { verifyTimestamp }),
          ...(override === undefined ? {} : { override }),
        },
        trustStores: level === 'skip' ? undefined : ['ca:test', ...(stamps ? ['tsa:stamps'] : [])],
        trustedIdentities: level === 'skip' ? undefined : identities,
      };
      // notation refuses a file that others may write.
      writeFileSync(policy, JSON.stringify({ version: '1.0', trustPolicies: [statement] }), { mode: 0o600 });
    },
    sign: (key, pinned, format, ...more) =>
      done(run(['sign', '--key', key, '--signature-format', format, '--insecure-registry', ...more, pinned])),
  };
}
