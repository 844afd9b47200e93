// Every way to spoil a TUF repository, with the file and the check that must say no.
import { hashOf, Repository, repositoryKey, signedFile } from './tuf.ts';
import { trusted, type MemoryStore } from './tuf-world.ts';

/** Changes a repository before it is asked again. */
export type Spoil = (repository: Repository, store: MemoryStore) => void;

const again: Spoil = (repository) => repository.publish();

/** One way to spoil a repository. */
export type Case = readonly [name: string, spoil: Spoil, file: string, check: string, first?: Spoil];

/** Name, how it is spoilt, file and check that say no. `first` runs before an earlier, sound refresh. */
export const spoilt: readonly Case[] = [
  ['T46 root signed by too few of the old keys', (r) => r.rotate(r.rootKeys.slice(0, 1)), '2.root.json', 'signatures'],
  [
    'T46 root signed by the old keys but not by its own',
    (r) => {
      const before = [...r.rootKeys];
      for (let i = 0; i < 3; i += 1) r.rootKeys[i] = repositoryKey();
      r.rotate(before);
    },
    '2.root.json',
    'signatures',
  ],
  [
    'T46 root signed by new keys alone',
    (r) => {
      for (let i = 0; i < 3; i += 1) r.rootKeys[i] = repositoryKey();
      r.rotate();
    },
    '2.root.json',
    'signatures',
  ],
  [
    'T44 one key under two key ids counts once',
    (r) => {
      const [one] = r.rootKeys as [(typeof r.rootKeys)[0]];
      const twin = { ...one, keyId: 'f'.repeat(64) };
      const keys = Object.fromEntries([one, twin, r.online].map(({ keyId, json }) => [keyId, json]));
      const role = { keyids: [one.keyId, twin.keyId], threshold: 2 };
      const single = { keyids: [r.online.keyId], threshold: 1 };
      const roles = { root: role, targets: role, snapshot: single, timestamp: single };
      r.versions.root = 2;
      r.files.set('2.root.json', r.root([one, twin, ...r.rootKeys.slice(1)], { keys, roles }));
    },
    '2.root.json',
    'signatures',
  ],
  ['T45 the same root again as the next', (r) => r.files.set('2.root.json', r.pinned), '2.root.json', 'rollback'],
  [
    'T45 a root whose version leaps',
    (r) => {
      r.versions.root = 7;
      r.files.set('2.root.json', r.root(r.rootKeys));
    },
    '2.root.json',
    'rollback',
  ],
  ['T45 expired root', (r) => r.rotate(r.rootKeys, r.head('root', 2, -1)), '2.root.json', 'expiry'],
  ['T45 expired timestamp', (r) => r.stamp(r.head('timestamp', 2, -1)), 'timestamp.json', 'format'],
  ['T45 frozen timestamp', (r) => r.publish({ timestamp: r.head('timestamp', 2, -1) }), 'timestamp.json', 'expiry'],
  ['T45 frozen snapshot', (r) => r.publish({ snapshot: r.head('snapshot', 2, -1) }), '2.snapshot.json', 'expiry'],
  ['T45 frozen targets', (r) => r.publish({ targets: r.head('targets', 2, -1) }), '2.targets.json', 'expiry'],
  [
    'T45 timestamp rolled back',
    (r) => {
      r.versions.timestamp = 0;
      r.publish();
    },
    'timestamp.json',
    'rollback',
    again,
  ],
  [
    'T45 snapshot rolled back by a newer timestamp',
    (r) => r.stamp({ meta: { 'snapshot.json': { version: 1 } } }),
    'snapshot.json',
    'rollback',
    again,
  ],
  [
    'T45 targets rolled back by a newer snapshot',
    (r) => {
      r.versions.targets = 0;
      r.publish();
    },
    'targets.json',
    'rollback',
    again,
  ],
  [
    'T45 a file that snapshots named vanished',
    (r) => {
      const meta = { 'other.json': { version: 1 } };
      r.publish({ snapshot: { meta } });
    },
    '2.snapshot.json',
    'rollback',
  ],
  [
    'T46 mix and match: the snapshot of another time',
    (r) => {
      const old = r.files.get('1.snapshot.json') as Buffer;
      r.publish();
      r.files.set('2.snapshot.json', old);
    },
    '2.snapshot.json',
    // By the length of its signatures: ECDSA's vary.
    'length|hash',
  ],
  [
    'T46 mix and match where no hash is given',
    (r) => {
      r.publish({ timestamp: { meta: { 'snapshot.json': { version: 2 } } } });
      r.files.set('2.snapshot.json', r.files.get('1.snapshot.json') as Buffer);
    },
    '2.snapshot.json',
    'version',
  ],
  [
    'T46 targets of another time',
    (r) => r.publish({ snapshot: { meta: { 'targets.json': { version: 1 } } } }),
    'targets.json',
    'rollback',
    again,
  ],
  [
    'T46 target of another content and the same length',
    (r) => r.files.set(`targets/${hashOf(trusted)}.trusted_root.json`, Buffer.from('{"what":"tampered"'.slice(0, 18))),
    'trusted_root.json',
    'hash',
  ],
  [
    'T46 target cut short',
    (r) => r.files.set(`targets/${hashOf(trusted)}.trusted_root.json`, trusted.subarray(1)),
    'trusted_root.json',
    'length',
  ],
  [
    'T46 target missing though it is named',
    (r) => r.files.delete(`targets/${hashOf(trusted)}.trusted_root.json`),
    `targets/${hashOf(trusted)}.trusted_root.json`,
    'absent',
  ],
  ['T46 target not named', (r) => r.publish({ targets: { targets: {} } }), 'targets.json', 'absent'],
  [
    'T48 target larger than is read',
    (r) =>
      r.publish({
        targets: { targets: { 'trusted_root.json': { length: 1001, hashes: { sha256: hashOf(trusted) } } } },
      }),
    'trusted_root.json',
    'limit',
  ],
  [
    'T46 timestamp signed by a stranger',
    (r) => {
      r.online = repositoryKey('ecdsa');
      r.publish();
    },
    'timestamp.json',
    'signatures',
  ],
  [
    'T46 a role signs for another: targets as root',
    (r) => r.files.set('2.root.json', r.files.get('1.targets.json') as Buffer),
    '2.root.json',
    'format',
  ],
  [
    'T46 unsigned',
    (r) => r.files.set('timestamp.json', signedFile(r.head('timestamp', 5, 5), [])),
    'timestamp.json',
    'format',
  ],
  ...['../../etc/passwd', '/etc/passwd', 'a/../../b', 'a\\..\\b', 'a//b', 'a\0b', '.', ''].map(
    (path) =>
      [
        `T46 target path ${JSON.stringify(path)}`,
        (r: Repository) =>
          r.publish({ targets: { targets: { [path]: { length: 1, hashes: { sha256: hashOf(trusted) } } } } }),
        '2.targets.json',
        'format',
      ] as const,
  ),
  ...['../root.json', 'a/b.json', '..\\root.json', 'root', '.json'].map(
    (name) =>
      [
        `T46 role file name ${JSON.stringify(name)}`,
        (r: Repository) => r.publish({ snapshot: { meta: { [name]: { version: 1 } } } }),
        '2.snapshot.json',
        'format',
      ] as const,
  ),
  ...[
    { version: 0 },
    { version: -1 },
    { version: 1.5 },
    { version: '2' },
    { version: 2 ** 60 },
    { expires: 'tomorrow' },
    { expires: '2026-13-01T00:00:00Z' },
    { spec_version: '2.0' },
    { spec_version: 1 },
    { _type: 'snapshot' },
    { meta: [] },
    { meta: { 'snapshot.json': null } },
    { meta: { 'snapshot.json': { version: 1, hashes: { sha256: 'zz' } } } },
    { meta: { 'snapshot.json': { version: 1, length: -1 } } },
  ].map(
    (changes) =>
      [
        `T46 malformed timestamp ${JSON.stringify(changes)}`,
        (r: Repository) => {
          const before = JSON.parse(String(r.files.get('timestamp.json'))) as { signed: Record<string, unknown> };
          let bytes: Buffer;
          try {
            bytes = signedFile({ ...before.signed, ...changes }, [r.online]);
          } catch {
            // What has no canonical form cannot be signed either.
            bytes = Buffer.from(JSON.stringify({ signed: { ...before.signed, ...changes }, signatures: [] }));
          }
          r.files.set('timestamp.json', bytes);
        },
        'timestamp.json',
        'format',
      ] as const,
  ),
  ...[
    '',
    'null',
    '[]',
    '{',
    '{"signed":{}}',
    '\u{feff}{}',
    `{"signed":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  ].map(
    (text) =>
      [
        `T46 not even metadata: ${JSON.stringify(text.slice(0, 20))}`,
        (r: Repository) => r.files.set('2.root.json', Buffer.from(text)),
        '2.root.json',
        'format',
      ] as const,
  ),
  [
    'T46 root threshold of none',
    (r) => {
      const none = { keyids: [], threshold: 0 };
      r.rotate(r.rootKeys, { roles: { root: none, targets: none, snapshot: none, timestamp: none } });
    },
    '2.root.json',
    'format',
  ],
  [
    'T46 one key id twice in a role',
    (r) => {
      const [one] = r.rootKeys as [(typeof r.rootKeys)[0]];
      const twice = { keyids: [one.keyId, one.keyId], threshold: 2 };
      r.rotate(r.rootKeys, { roles: { root: twice, targets: twice, snapshot: twice, timestamp: twice } });
    },
    '2.root.json',
    'format',
  ],
  [
    'T46 one signature twice',
    (r) => {
      const json = JSON.parse(String(r.files.get('timestamp.json'))) as { signatures: unknown[] };
      r.files.set(
        'timestamp.json',
        Buffer.from(JSON.stringify({ ...json, signatures: [...json.signatures, ...json.signatures] })),
      );
    },
    'timestamp.json',
    'format',
  ],
];
