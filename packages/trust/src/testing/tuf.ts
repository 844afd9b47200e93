// A whole TUF repository made in the test: keys, signed metadata, targets, and a server; every part can be spoilt before it is signed or after.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { olpcBytes } from '../tuf/canonical.ts';

type Json = Record<string, unknown>;

/** A key with what metadata says of it. */
export interface RepositoryKey {
  readonly keyId: string;
  readonly json: Json;
  readonly privateKey: KeyObject;
}

const keyForms = {
  ed25519: { keytype: 'ed25519', scheme: 'ed25519', bareBytes: 32 },
  ecdsa: { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', bareBytes: undefined },
  'ecdsa-hex': { keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256', bareBytes: 65 },
  rsa: { keytype: 'rsa', scheme: 'rsassa-pss-sha256', bareBytes: undefined },
} as const;

/** Makes a key: Ed25519 and `ecdsa-hex` in hexadecimal, as the first roots of Sigstore have them, others in PEM. */
export function repositoryKey(kind: keyof typeof keyForms = 'ed25519'): RepositoryKey {
  const { privateKey, publicKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kind === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { keytype, scheme, bareBytes } = keyForms[kind];
  const text =
    bareBytes === undefined
      ? publicKey.export({ format: 'pem', type: 'spki' }).toString()
      : publicKey.export({ format: 'der', type: 'spki' }).subarray(-bareBytes).toString('hex');
  const json = { keytype, scheme, keyval: { public: text } };
  return { json, privateKey, keyId: createHash('sha256').update(olpcBytes(json)).digest('hex') };
}

function signature({ keyId, privateKey }: RepositoryKey, bytes: Uint8Array): Json {
  const hash = privateKey.asymmetricKeyType === 'ed25519' ? undefined : 'sha256';
  const key = privateKey.asymmetricKeyType === 'rsa' ? { key: privateKey, padding: 6, saltLength: 32 } : privateKey;
  return { keyid: keyId, sig: sign(hash, bytes, key).toString('hex') };
}

/** Signs metadata. */
export function signedFile(signed: Json, keys: readonly RepositoryKey[]): Buffer {
  const bytes = olpcBytes(signed);
  return Buffer.from(JSON.stringify({ signed, signatures: keys.map((key) => signature(key, bytes)) }));
}

const day = 86_400_000;

/** RSA takes longest to make. */
const rsa = repositoryKey('rsa');

/** A repository: files by path, changed freely by tests. */
export class Repository {
  readonly files = new Map<string, Buffer>();
  readonly rootKeys = [repositoryKey('ecdsa'), repositoryKey(), rsa];
  online = repositoryKey('ecdsa');
  readonly versions = { root: 1, timestamp: 0, snapshot: 0, targets: 0 };
  readonly nowMs: number;
  targets: Record<string, Buffer>;
  threshold = 2;

  constructor(targets: Record<string, Buffer>, nowMs: number) {
    this.nowMs = nowMs;
    this.targets = targets;
    this.files.set('1.root.json', this.root(this.rootKeys));
    this.publish();
  }

  /** The first root. */
  get pinned(): Buffer {
    return this.files.get('1.root.json') as Buffer;
  }

  /** A root of the present version by the keys given. */
  root(signers: readonly RepositoryKey[], changes: Json = {}): Buffer {
    const role = (keys: readonly RepositoryKey[], threshold: number): Json => ({
      keyids: keys.map(({ keyId }) => keyId),
      threshold,
    });
    const keys = Object.fromEntries([...this.rootKeys, this.online].map(({ keyId, json }) => [keyId, json]));
    return signedFile(
      {
        ...this.head('root', this.versions.root, 365),
        consistent_snapshot: true,
        keys,
        roles: {
          root: role(this.rootKeys, this.threshold),
          targets: role(this.rootKeys, this.threshold),
          snapshot: role([this.online], 1),
          timestamp: role([this.online], 1),
        },
        ...changes,
      },
      signers,
    );
  }

  /** Adds the next root; `changes` overwrite its fields before it is signed. */
  rotate(signers: readonly RepositoryKey[] = this.rootKeys, changes: Json = {}): void {
    this.versions.root += 1;
    this.files.set(`${this.versions.root}.root.json`, this.root(signers, changes));
  }

  /** The fields every kind has. */
  head(type: string, version: number, days: number): Json {
    const expires = new Date(this.nowMs + days * day).toISOString().replace(/\.\d{3}Z$/, 'Z');
    return { _type: type, spec_version: '1.0.31', version, expires };
  }

  /** Signs targets, snapshot and timestamp anew, each a version on; `changes` by role overwrite fields before signing. */
  publish(changes: Partial<Record<'targets' | 'snapshot' | 'timestamp', Json>> = {}): void {
    const described = Object.entries(this.targets).map(([path, bytes]) => [
      path,
      { length: bytes.length, hashes: { sha256: hashOf(bytes) } },
    ]);
    for (const [path, bytes] of Object.entries(this.targets)) this.files.set(`targets/${hashOf(bytes)}.${path}`, bytes);
    const targets = signedFile(
      {
        ...this.head('targets', (this.versions.targets += 1), 90),
        targets: Object.fromEntries(described) as Json,
        ...changes.targets,
      },
      this.rootKeys.slice(0, this.threshold),
    );
    this.files.set(`${this.versions.targets}.targets.json`, targets);
    const snapshot = signedFile(
      {
        ...this.head('snapshot', (this.versions.snapshot += 1), 30),
        meta: { 'targets.json': this.meta(this.versions.targets, targets) },
        ...changes.snapshot,
      },
      [this.online],
    );
    this.files.set(`${this.versions.snapshot}.snapshot.json`, snapshot);
    this.stamp({ meta: { 'snapshot.json': this.meta(this.versions.snapshot, snapshot) }, ...changes.timestamp });
  }

  /** Signs a new timestamp. */
  stamp(changes: Json): void {
    this.files.set(
      'timestamp.json',
      signedFile({ ...this.head('timestamp', (this.versions.timestamp += 1), 7), ...changes }, [this.online]),
    );
  }

  meta(version: number, bytes: Buffer): Json {
    return { version, length: bytes.length, hashes: { sha256: hashOf(bytes) } };
  }

  /** Serves the files until the test ends; answers the address and the paths asked for. */
  async serve(): Promise<{ readonly url: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? '').slice(1));
      asked.push(path);
      const bytes = this.files.get(path);
      if (bytes === undefined) response.writeHead(404).end();
      else if (bytes === Repository.endless) {
        response.on('error', () => undefined);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 32)));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      } else response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  /** Put in place of a file: the server then never stops sending. */
  static readonly endless = Buffer.from('endless');
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
