// The client workflow of TUF 1.0, section 5: from a pinned root to the bytes of named targets, or the first check that fails.
import { createHash } from 'node:crypto';
import {
  hashNames,
  metadataLimits,
  parseMeta,
  parseRoot,
  parseTargets,
  signersFor,
  type FileMeta,
  type MetaMetadata,
  type RoleName,
  type RootMetadata,
  type Signed,
  type TargetsMetadata,
} from './metadata.ts';
import { parsedOrRefused, TufRefused, type TufRefusal } from './refusal.ts';

/** The repository: what lies at a path; undefined where there is nothing, `larger` where it is over `maxBytes`. Throws what a network throws. */
export type TufFetch = (path: string, maxBytes: number) => Promise<Uint8Array | 'larger' | undefined>;

/** What is kept from one time to the next, by name: `roots/N.json`, `timestamp.json`, `snapshot.json`. Writing replaces whole files. */
export interface TufStore {
  read(name: string): Uint8Array | undefined;
  write(name: string, bytes: Uint8Array): void;
}

export interface TufRequest {
  readonly fetch: TufFetch;
  readonly store: TufStore;
  /** The root that is trusted beforehand; it may have expired (5.2). */
  readonly pinnedRoot: Uint8Array;
  /** The moment all expiries are compared with (5.1), in milliseconds since 1970. */
  readonly nowMs: number;
  /** Targets wanted, by name in the top-level targets role; delegations are not followed. */
  readonly targets: readonly { readonly name: string; readonly required: boolean; readonly maxBytes: number }[];
}

/** Versions and expiries of what is trusted now, and the targets' bytes by name. */
export interface TufRefreshed {
  readonly kind: 'refreshed';
  readonly roles: Readonly<Record<RoleName, { readonly version: number; readonly expiresMs: number }>>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Root rotations in one go. The public-good root is at version 16 after five years; the number is that of the other clients. */
const maxRotations = 256;

/** Runs the workflow. Refusals are data; throws only what `fetch` and `store` throw. */
export async function refreshTuf(
  request: TufRequest,
): Promise<TufRefreshed | ({ readonly kind: 'refused' } & TufRefusal)> {
  try {
    return await refresh(request);
  } catch (thrown) {
    if (thrown instanceof TufRefused) return { kind: 'refused', ...thrown.refusal };
    throw thrown;
  }
}

async function refresh(request: TufRequest): Promise<TufRefreshed> {
  const root = await walkRoots(request);
  const timestamp = await newestTimestamp(request, root);
  const snapshot = await snapshotOf(request, root, timestamp);
  const targets = await targetsOf(request, root, snapshot);
  const files = new Map<string, Uint8Array>();
  for (const wanted of request.targets) {
    const bytes = await fetchTarget(request, root, targets, wanted);
    if (bytes !== undefined) files.set(wanted.name, bytes);
  }
  const state = ({ version, expiresMs }: Signed): { version: number; expiresMs: number } => ({ version, expiresMs });
  const roles = { root: state(root), timestamp: state(timestamp), snapshot: state(snapshot), targets: state(targets) };
  return { kind: 'refreshed', roles, files };
}

/**
 * 5.2 and 5.3: each root is signed by the one before it and by itself. Roots kept from earlier are walked again from the pinned one, so nothing in the
 * store is trusted for itself, and a repository that hides newer roots gains nothing.
 */
async function walkRoots({ pinnedRoot, store, fetch, nowMs }: TufRequest): Promise<RootMetadata> {
  let root = parsedOrRefused('the pinned root', parseRoot(pinnedRoot));
  demandSigners('the pinned root', root, 'root', root);
  const kept = store.read(rootName(root.version));
  if (kept !== undefined) {
    const same = parsedOrRefused(rootName(root.version), parseRoot(kept));
    if (Buffer.compare(same.signedBytes, root.signedBytes) !== 0) {
      const message = `What is kept from earlier began with another root of version ${root.version}.`;
      throw new TufRefused(rootName(root.version), 'anchor', message);
    }
  }
  if (kept === undefined) store.write(rootName(root.version), pinnedRoot);
  for (let step = 0; ; step += 1) {
    const file = `${root.version + 1}.root.json`;
    const own = store.read(rootName(root.version + 1));
    const bytes = own ?? (await fetch(file, metadataLimits.root));
    const name = own === undefined ? file : `${file}, kept from earlier,`;
    if (bytes === undefined) break;
    if (bytes === 'larger') throw tooLong(name, metadataLimits.root);
    if (step === maxRotations) throw new TufRefused(name, 'limit', `There are over ${maxRotations} newer roots.`);
    const next = parsedOrRefused(name, parseRoot(bytes));
    demandSigners(name, root, 'root', next);
    if (next.version !== root.version + 1)
      throw new TufRefused(name, 'rollback', `It says that its version is ${next.version}.`);
    demandSigners(name, next, 'root', next);
    root = next;
    if (own === undefined) store.write(rootName(root.version), bytes);
  }
  demandFresh(`${root.version}.root.json`, root, nowMs);
  return root;
}

const rootName = (version: number): string => `roots/${version}.json`;

/** 5.4. One of the same version changes nothing. */
async function newestTimestamp({ fetch, store, nowMs }: TufRequest, root: RootMetadata): Promise<MetaMetadata> {
  const file = 'timestamp.json';
  const before = kept(store, file, 'timestamp', root);
  const bytes = await fetched(fetch, file, metadataLimits.timestamp);
  const next = parsedOrRefused(file, parseMeta(bytes, 'timestamp'));
  demandSigners(file, root, 'timestamp', next);
  if (before !== undefined) {
    demandNoRollback(file, before.version, next.version);
    demandNoRollback('snapshot.json', snapshotMeta(before).version, snapshotMeta(next).version);
    if (before.version === next.version) {
      demandFresh(file, before, nowMs);
      return before;
    }
  }
  snapshotMeta(next);
  demandFresh(file, next, nowMs);
  store.write(file, bytes);
  return next;
}

function snapshotMeta({ meta }: MetaMetadata): FileMeta {
  const found = meta.get('snapshot.json');
  if (found !== undefined) return found;
  throw new TufRefused('timestamp.json', 'format', 'It does not name snapshot.json.');
}

/** 5.5. */
async function snapshotOf(
  { fetch, store, nowMs }: TufRequest,
  root: RootMetadata,
  timestamp: MetaMetadata,
): Promise<MetaMetadata> {
  const named = snapshotMeta(timestamp);
  const file = root.consistentSnapshot ? `${named.version}.snapshot.json` : 'snapshot.json';
  const before = kept(store, 'snapshot.json', 'snapshot', root);
  const bytes = await fetched(fetch, file, Math.min(named.lengthBytes ?? Infinity, metadataLimits.snapshot));
  demandFile(file, bytes, named);
  const next = parsedOrRefused(file, parseMeta(bytes, 'snapshot'));
  demandSigners(file, root, 'snapshot', next);
  demandVersion(file, next, named);
  for (const [name, { version }] of before?.meta ?? []) {
    const now = next.meta.get(name);
    if (now === undefined) throw new TufRefused(file, 'rollback', `It does not name ${name} any more.`);
    demandNoRollback(name, version, now.version);
  }
  demandFresh(file, next, nowMs);
  store.write('snapshot.json', bytes);
  return next;
}

/** 5.6, the top-level role. */
async function targetsOf(
  { fetch, nowMs }: TufRequest,
  root: RootMetadata,
  snapshot: MetaMetadata,
): Promise<TargetsMetadata> {
  const named = snapshot.meta.get('targets.json');
  if (named === undefined) throw new TufRefused('snapshot.json', 'format', 'It does not name targets.json.');
  const file = root.consistentSnapshot ? `${named.version}.targets.json` : 'targets.json';
  const bytes = await fetched(fetch, file, Math.min(named.lengthBytes ?? Infinity, metadataLimits.targets));
  demandFile(file, bytes, named);
  const targets = parsedOrRefused(file, parseTargets(bytes));
  demandSigners(file, root, 'targets', targets);
  demandVersion(file, targets, named);
  demandFresh(file, targets, nowMs);
  return targets;
}

/** 5.7. */
async function fetchTarget(
  { fetch }: TufRequest,
  root: RootMetadata,
  { targets }: TargetsMetadata,
  { name, required, maxBytes }: TufRequest['targets'][number],
): Promise<Uint8Array | undefined> {
  const named = targets.get(name);
  if (named === undefined) {
    if (!required) return undefined;
    throw new TufRefused('targets.json', 'absent', `It does not name ${name}.`);
  }
  if (named.lengthBytes > maxBytes)
    throw new TufRefused(name, 'limit', `It is ${named.lengthBytes} bytes long; ${maxBytes} are read.`);
  const hash = named.hashes.get('sha256') ?? named.hashes.get('sha512') ?? '';
  const bytes = await fetched(
    fetch,
    root.consistentSnapshot ? `targets/${hash}.${name}` : `targets/${name}`,
    named.lengthBytes,
  );
  demandFile(name, bytes, named);
  return bytes;
}

async function fetched(fetch: TufFetch, file: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await fetch(file, maxBytes);
  if (bytes === undefined) throw new TufRefused(file, 'absent', 'The repository does not have it.');
  if (bytes === 'larger' || bytes.length > maxBytes) throw tooLong(file, maxBytes);
  return bytes;
}

function tooLong(file: string, maxBytes: number): TufRefused {
  return new TufRefused(file, 'length', `It is longer than the ${maxBytes} bytes that are named or read at most.`);
}

/**
 * What an earlier time trusted, for comparing versions; its expiry does not count (5.4.3, 5.5.5). One that the current root's keys did not sign is
 * forgotten: keys were rotated, and whoever stole the old ones may have set any version (5.3.11).
 */
function kept(
  store: TufStore,
  name: string,
  kind: 'timestamp' | 'snapshot',
  root: RootMetadata,
): MetaMetadata | undefined {
  const bytes = store.read(name);
  if (bytes === undefined) return undefined;
  const before = parsedOrRefused(`${name} kept from earlier`, parseMeta(bytes, kind));
  const { signed, threshold } = signersFor(root, kind, before);
  return signed >= threshold ? before : undefined;
}

function demandSigners(file: string, root: RootMetadata, role: RoleName, metadata: Signed): void {
  const { signed, threshold } = signersFor(root, role, metadata);
  if (signed >= threshold) return;
  const message = `${signed} of the ${threshold} keys that root ${root.version} demands for ${role} signed it.`;
  throw new TufRefused(file, 'signatures', message);
}

function demandNoRollback(file: string, before: number, now: number): void {
  if (now < before) throw new TufRefused(file, 'rollback', `Version ${before} was seen, and this is ${now}.`);
}

function demandVersion(file: string, { version }: Signed, named: FileMeta): void {
  if (version !== named.version)
    throw new TufRefused(file, 'version', `It has version ${version}, and ${named.version} is named.`);
}

function demandFresh(file: string, { expiresMs }: Signed, nowMs: number): void {
  if (expiresMs > nowMs) return;
  const message = `It expired on ${new Date(expiresMs).toISOString()}: the repository is not kept, or somebody holds back what is newer.`;
  throw new TufRefused(file, 'expiry', message);
}

function demandFile(file: string, bytes: Uint8Array, { lengthBytes, hashes }: Omit<FileMeta, 'version'>): void {
  if (lengthBytes !== undefined && bytes.length !== lengthBytes)
    throw new TufRefused(file, 'length', `It is ${bytes.length} bytes long, and ${lengthBytes} are named.`);
  for (const name of hashNames) {
    const named = hashes.get(name);
    if (named !== undefined && createHash(name).update(bytes).digest('hex') !== named)
      throw new TufRefused(file, 'hash', `It has not the ${name} that is named.`);
  }
}
