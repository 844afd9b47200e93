// Refreshes a Sigstore trusted root from a TUF repository, and says what is in one.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inert, isPlombeError, makeFolder, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import {
  parseSigningConfig,
  parseTrustedRoot,
  refreshTuf,
  type TrustedRoot,
  type TufFetch,
  type TufRefreshed,
  type TufRefusal,
  type TufStore,
  type Window,
} from '@plombe/trust';
import { shownUrl, type ServiceClient } from './http.ts';

/** A repository, the root pinned for it, and where its state is kept. */
export interface TrustRootRequest {
  /** Address below which metadata and `targets/` lie. */
  readonly mirror: string;
  readonly pinnedRoot: Uint8Array;
  readonly folder: string;
  /** The signing configuration is wanted too: a repository without one is refused. */
  readonly requireSigningConfig?: boolean;
}

/** The files, parsed before anybody gets them. */
export interface RefreshedTrustRoot extends Pick<TufRefreshed, 'kind' | 'roles'> {
  readonly trustedRoot: Uint8Array;
  readonly signingConfig?: Uint8Array;
}

/** Names of Sigstore's repositories (root-signing); the second is not in every one. */
const trustedRootTarget = 'trusted_root.json';
const signingConfigTarget = 'signing_config.v0.2.json';
/** The public-good files have 7 and 2 KB; the parsers of both take no more than this (T48). */
const maxTargetBytes = mebibyte;

/**
 * Runs the TUF client workflow. A refusal is data. Throws `config/invalid` for an address that is none, `registry/…` where the mirror cannot be
 * reached, `source/unreadable` and `report/write` where the folder cannot be used.
 */
export async function refreshTrustRoot(
  { mirror, pinnedRoot, folder, requireSigningConfig = false }: TrustRootRequest,
  client: ServiceClient,
  ctx: Pick<Context, 'clock'>,
): Promise<RefreshedTrustRoot | ({ readonly kind: 'refused' } & TufRefusal)> {
  const result = await refreshTuf({
    fetch: fetchFrom(mirrorBase(mirror), client),
    store: folderOf(folder),
    pinnedRoot,
    nowMs: ctx.clock.nowMs(),
    targets: [
      { name: trustedRootTarget, required: true, maxBytes: maxTargetBytes },
      { name: signingConfigTarget, required: requireSigningConfig, maxBytes: maxTargetBytes },
    ],
  });
  if (result.kind === 'refused') return result;
  const trustedRoot = result.files.get(trustedRootTarget) as Uint8Array;
  const signingConfig = result.files.get(signingConfigTarget);
  for (const [file, read] of [
    [trustedRootTarget, parseTrustedRoot(trustedRoot)],
    [signingConfigTarget, signingConfig === undefined ? undefined : parseSigningConfig(signingConfig)],
  ] as const) {
    if (read !== undefined && read.kind !== 'parsed')
      return { kind: 'refused', file, check: 'format', message: inert(read.message) };
  }
  const { kind, roles } = result;
  return { kind, roles, trustedRoot, ...(signingConfig === undefined ? {} : { signingConfig }) };
}

/** A folder name for a repository's state: no part of an address becomes a path (T46). */
export function trustRootFolderName(mirror: string): string {
  return createHash('sha256').update(mirrorBase(mirror)).digest('hex').slice(0, 32);
}

function mirrorBase(mirror: string): string {
  const url = URL.parse(mirror);
  if (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  )
    return url.href.replace(/\/+$/, '');
  throw new PlombeError('config/invalid', `${shownUrl(mirror)} is not the address of a repository.`, {
    remedy: 'Give an http or https address without login and query.',
  });
}

function fetchFrom(base: string, client: ServiceClient): TufFetch {
  return async (path, maxBytes) => {
    try {
      const answer = await client.send({ method: 'GET', url: `${base}/${path}`, maxBytes });
      if (answer.status === 200) return answer.bytes;
      // Object stores without permission to list answer 403 for what is not there.
      if (answer.status === 404 || answer.status === 403) return undefined;
      const message = `${inert(base)} answered ${answer.status} for ${inert(path)}.`;
      throw new PlombeError('registry/unreachable', message, { retryable: true });
    } catch (error) {
      if (isPlombeError(error, 'service/refused')) return 'larger';
      throw error;
    }
  };
}

function folderOf(folder: string): TufStore {
  return {
    read: (name) => {
      try {
        return readFileSync(join(folder, name));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new PlombeError('source/unreadable', `${inert(join(folder, name))} cannot be read: ${messageOf(cause)}`, {
          cause,
        });
      }
    },
    write: (name, bytes) => writeWhole(join(folder, name), bytes),
  };
}

/** Writes a file that appears only once it is whole, with the folders above it. Throws `report/write`. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.part`;
  try {
    makeFolder(dirname(path));
    const file = openSync(temporary, 'w', 0o644);
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new PlombeError('report/write', `${inert(path)} cannot be written: ${messageOf(cause)}`, { cause });
  }
}

/** One instance of a trusted root, for people and for JSON. Inert text, ISO times. */
export interface TrustRootEntry {
  readonly kind: 'log' | 'certificateAuthority' | 'certificateLog' | 'timestampAuthority';
  readonly url: string;
  /** A log's id in hexadecimal, an authority's subject. */
  readonly id: string;
  readonly key: string;
  readonly from: string;
  readonly until?: string;
  /** Whether it counts for what is signed at the moment given. */
  readonly current: boolean;
}

/** Lists what a trusted root believes, in the file's order. */
export function describeTrustRoot(root: TrustedRoot, nowMs: number): readonly TrustRootEntry[] {
  const times = ({ fromMs, untilMs }: Window): Pick<TrustRootEntry, 'from' | 'until' | 'current'> => ({
    from: new Date(fromMs).toISOString(),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    current: nowMs >= fromMs && (untilMs === undefined || nowMs <= untilMs),
  });
  const logs = (kind: 'log' | 'certificateLog', list: TrustedRoot['logs']): readonly TrustRootEntry[] =>
    list.map(({ url, id, key, window }) => ({
      kind,
      url: inert(url),
      id: Buffer.from(id).toString('hex'),
      key: keyName(key),
      ...times(window),
    }));
  const authorities = (
    kind: 'certificateAuthority' | 'timestampAuthority',
    list: TrustedRoot['certificateAuthorities'],
  ): readonly TrustRootEntry[] =>
    list.map(({ url, root: { subject, publicKey }, window }) => ({
      kind,
      url: inert(url),
      id: inert(subject.text),
      key: keyName(publicKey),
      ...times(window),
    }));
  return [
    ...logs('log', root.logs),
    ...authorities('certificateAuthority', root.certificateAuthorities),
    ...logs('certificateLog', root.certificateLogs),
    ...authorities('timestampAuthority', root.timestampAuthorities),
  ];
}

function keyName({ asymmetricKeyType, asymmetricKeyDetails }: TrustedRoot['logs'][number]['key']): string {
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  return [asymmetricKeyType ?? 'unknown', namedCurve ?? modulusLength ?? ''].join(' ').trim();
}
