// The four kinds of TUF metadata, read with closed checks of what the client workflow uses (TUF specification 1.0, section 4).
import { field, isObject, type JsonObject } from '@plombe/kit';
import { listOf, objectsOf, parseJsonObject, present, requiredObject, requiredText } from '../parse/fields.ts';
import { attempt, malformed, overLimit, type Attempt } from '../parse/refused.ts';
import { olpcBytes } from './canonical.ts';
import { isSignedBy, readTufKey, type TufKey } from './keys.ts';

/** What every kind has. */
export interface Signed {
  readonly version: number;
  readonly expiresMs: number;
  /** What the signatures cover. */
  readonly signedBytes: Uint8Array;
  /** Key id → signature in hexadecimal. */
  readonly signatures: ReadonlyMap<string, string>;
}

/** Which keys sign for a role, and how many of them must. */
interface Role {
  readonly keys: readonly { readonly keyId: string; readonly key: TufKey }[];
  readonly threshold: number;
}

/** The top-level roles. */
export type RoleName = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** Whose keys sign for each role, and whether file names carry versions and hashes. */
export interface RootMetadata extends Signed {
  readonly roles: Readonly<Record<RoleName, Role>>;
  readonly consistentSnapshot: boolean;
}

/** What one file says of another: the version for metadata, length and hashes where they are given. */
export interface FileMeta {
  readonly version: number;
  readonly lengthBytes?: number;
  readonly hashes: ReadonlyMap<HashName, string>;
}

/** Timestamp and snapshot: name of a metadata file → what it must be. */
export interface MetaMetadata extends Signed {
  readonly meta: ReadonlyMap<string, FileMeta>;
}

/** Path of a target → what it must be. Delegations are not read. */
export interface TargetsMetadata extends Signed {
  readonly targets: ReadonlyMap<string, Omit<FileMeta, 'version'> & { readonly lengthBytes: number }>;
}

/** The hashes that are compared; others are passed over. */
export const hashNames = ['sha256', 'sha512'] as const;
type HashName = (typeof hashNames)[number];

/**
 * Bytes of each kind. The public-good root has 6 KB, its timestamp 0.5 KB, its snapshot 0.7 KB, its targets 6 KB; the numbers are those of the other
 * TUF clients, so that what they take is taken here (T48).
 */
export const metadataLimits: Readonly<Record<RoleName, number>> = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 2_000_000,
  targets: 5_000_000,
};
/** A role of the public-good root has 5 keys. */
const maxKeys = 256;
/** 5 MB of targets hold about as many. */
const maxFiles = 20_000;

/** Parses `N.root.json`. A key of an unknown kind signs for nobody; one that is not even a key is malformed. */
export function parseRoot(bytes: Uint8Array): Attempt<RootMetadata> {
  return attempt(() => {
    const { signed, common } = readSigned(bytes, 'root');
    const keys = new Map<string, TufKey>();
    const named = Object.entries(requiredObject(signed, 'keys', 'root'));
    if (named.length > maxKeys) overLimit(`root names more than ${maxKeys} keys`);
    for (const [keyId, json] of named) {
      if (!isObject(json)) malformed('a key of the root is not an object');
      const key = readTufKey(json);
      if (key !== undefined) keys.set(keyId, key);
    }
    const roles = requiredObject(signed, 'roles', 'root');
    const role = (name: RoleName): Role => readRole(requiredObject(roles, name, 'roles of the root'), keys);
    const consistent = present(signed, 'consistent_snapshot') ?? false;
    if (typeof consistent !== 'boolean') malformed('"consistent_snapshot" of the root is neither true nor false');
    return {
      ...common,
      roles: { root: role('root'), timestamp: role('timestamp'), snapshot: role('snapshot'), targets: role('targets') },
      consistentSnapshot: consistent,
    };
  });
}

function readRole(json: JsonObject, keys: ReadonlyMap<string, TufKey>): Role {
  const threshold = positive(json, 'threshold', 'role');
  const ids = listOf(json, 'keyids', maxKeys, 'role').map((id) =>
    typeof id === 'string' ? id : malformed('a key id is not text'),
  );
  if (new Set(ids).size !== ids.length) malformed('a role names a key twice');
  const found = ids.flatMap((keyId) => {
    const key = keys.get(keyId);
    return key === undefined ? [] : [{ keyId, key }];
  });
  return { threshold, keys: found };
}

/** Parses `timestamp.json` or `snapshot.json`. */
export function parseMeta(bytes: Uint8Array, kind: 'timestamp' | 'snapshot'): Attempt<MetaMetadata> {
  return attempt(() => {
    const { signed, common } = readSigned(bytes, kind);
    const entries = Object.entries(requiredObject(signed, 'meta', kind));
    if (entries.length > maxFiles) overLimit(`${kind} names more than ${maxFiles} files`);
    const meta = entries.map(([name, json]) => {
      // Role names become file names elsewhere: one that leaves its folder is no role's (T46).
      if (!/^[^/\\\0]{1,256}\.json$/.test(name) || name.startsWith('.')) malformed(`${kind} names a file outside`);
      if (!isObject(json)) malformed(`an entry of ${kind} is not an object`);
      return [name, readFile(json, kind)] as const;
    });
    return { ...common, meta: new Map(meta) };
  });
}

/** Parses the top-level `targets.json`. Malformed: a path that leaves the repository, a target without a known hash. */
export function parseTargets(bytes: Uint8Array): Attempt<TargetsMetadata> {
  return attempt(() => {
    const { signed, common } = readSigned(bytes, 'targets');
    const entries = Object.entries(requiredObject(signed, 'targets', 'targets'));
    if (entries.length > maxFiles) overLimit(`targets name more than ${maxFiles} files`);
    const targets = entries.map(([path, json]) => {
      if (!isInside(path)) malformed('targets name a path outside the repository');
      if (!isObject(json)) malformed('a target is not an object');
      const { hashes } = readHashes(json, 'target');
      if (hashes.size === 0) malformed('a target has no hash that is known');
      return [path, { lengthBytes: count(json, 'length', 'target'), hashes }] as const;
    });
    return { ...common, targets: new Map(targets) };
  });
}

/** A relative path with no step up and no spelling that a file system or a server could read as one (T46). */
function isInside(path: string): boolean {
  if (path.length > 1024 || /[\0-\x1f\x7f\\]/.test(path)) return false;
  return path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
}

function readSigned(bytes: Uint8Array, kind: RoleName): { readonly signed: JsonObject; readonly common: Signed } {
  const json = parseJsonObject(bytes, metadataLimits[kind], kind);
  const signed = requiredObject(json, 'signed', kind);
  const type = requiredText(signed, '_type', kind);
  if (type !== kind) malformed(`the file is of type "${type.slice(0, 40)}", not ${kind}`);
  const spec = requiredText(signed, 'spec_version', kind);
  if (!/^1\.[0-9]{1,4}(?:\.[0-9]{1,4})?$/.test(spec))
    malformed(`${kind} follows version "${spec.slice(0, 20)}" of the specification, not 1`);
  const signatures = new Map<string, string>();
  for (const entry of objectsOf(json, 'signatures', maxKeys, kind)) {
    const keyId = requiredText(entry, 'keyid', 'signature');
    const sig = field(entry, 'sig');
    if (typeof sig !== 'string') malformed('a signature has no text "sig"');
    if (signatures.has(keyId)) malformed('a key id has two signatures');
    signatures.set(keyId, sig);
  }
  const version = positive(signed, 'version', kind);
  return { signed, common: { version, expiresMs: expiry(signed, kind), signedBytes: olpcBytes(signed), signatures } };
}

function readFile(json: JsonObject, what: string): FileMeta {
  const lengthBytes = present(json, 'length') === undefined ? undefined : count(json, 'length', what);
  return {
    version: positive(json, 'version', what),
    ...readHashes(json, what),
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
  };
}

function readHashes(json: JsonObject, what: string): Pick<FileMeta, 'hashes'> {
  const given = present(json, 'hashes');
  if (given === undefined) return { hashes: new Map() };
  if (!isObject(given)) malformed(`the hashes of ${what} are not an object`);
  const hashes = hashNames.flatMap((name) => {
    const hex = field(given, name);
    if (hex === undefined) return [];
    const length = name === 'sha256' ? 64 : 128;
    if (typeof hex !== 'string' || hex.length !== length || !/^[0-9a-f]+$/.test(hex)) malformed(`a ${name} is none`);
    return [[name, hex] as const];
  });
  return { hashes: new Map(hashes) };
}

function count(json: JsonObject, name: string, what: string): number {
  const value = field(json, name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : malformed(`"${name}" of ${what} is not a count`);
}

function positive(json: JsonObject, name: string, what: string): number {
  const value = count(json, name, what);
  return value > 0 ? value : malformed(`"${name}" of ${what} is not positive`);
}

/** Section 4.2.1: `YYYY-MM-DDTHH:MM:SSZ`. The first roots of Sigstore have fractions and offsets (RFC 3339), which are as clear. */
function expiry(json: JsonObject, what: string): number {
  const text = requiredText(json, 'expires', what);
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? malformed(`the expiry of ${what} is no time`) : atMs;
}

/** How many distinct keys of the role signed, and how many must. */
export function signersFor(
  root: RootMetadata,
  name: RoleName,
  { signedBytes, signatures }: Signed,
): { readonly signed: number; readonly threshold: number } {
  const role = root.roles[name];
  const signers = new Set<string>();
  for (const { keyId, key } of role.keys) {
    const signature = signatures.get(keyId);
    if (signature !== undefined && !signers.has(key.id) && isSignedBy(key, signedBytes, signature)) signers.add(key.id);
  }
  return { signed: signers.size, threshold: role.threshold };
}
