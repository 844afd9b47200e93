// What anybody can see of a registry: asked without credentials, and of each kind. Nothing is written unless that was asked for.
import type { Context } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import {
  createHttpClient,
  inspectTls,
  manifestAccept,
  openTransport,
  parseChallenges,
  realmTrust,
  type HttpResponse,
} from '@plombe/oci';
import { known, unknown, type OutsideAnswer } from '../../posture/facts.ts';
import type { CallOptions, Known } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { answered, isRefusal, noSample, type Probe, type Sample } from './probe.ts';
import { probeWrites } from './writes.ts';

const handshakeMs = 10_000;
const ociIndex = 'application/vnd.oci.image.index.v1+json';
/** Digests that no content can be known to have. */
const zero = { sha256: `sha256:${'0'.repeat(64)}`, sha512: `sha512:${'0'.repeat(128)}` } as const;

/**
 * Asks everything at once. Each answer stands for itself: what fails is unknown and says why. Throws `registry/unreachable` and
 * `registry/blocked-address` where nothing can be asked at all, and where the work is cancelled.
 */
export async function probeOutside(
  options: ConnectorOptions,
  samples: readonly Sample[],
  { signal }: CallOptions,
  ctx: Context,
): Promise<OutsideAnswer> {
  signal.throwIfAborted();
  const { credentials: _, authFiles: __, entra: ___, ...network } = options.network;
  const stranger = openTransport(network, ctx);
  const own = openTransport(options.network, ctx);
  const probe: Probe = { options, stranger, own, samples, signal, ctx };
  try {
    const [door, tls, writes, anonymousPull, anonymousCatalog, dockerV1Api, referrersApi, sha512, plainHttpAnswered] =
      await Promise.all([
        frontDoor(probe),
        tlsFacts(probe),
        probeWrites(probe),
        answered(probe, () => readWithoutLogin(probe)),
        answered(probe, () => opens(probe, '/v2/_catalog?n=1')),
        answered(probe, () => hasDockerV1(probe)),
        answered(probe, () => hasReferrers(probe)),
        answered(probe, () => knowsSha512(probe)),
        answered(probe, () => answersPlainHttp(probe)),
      ]);
    return {
      ...door,
      ...tls,
      ...writes,
      anonymousPull,
      anonymousCatalog,
      dockerV1Api,
      referrersApi,
      sha512,
      plainHttpAnswered,
    };
  } finally {
    stranger.close();
    own.close();
  }
}

/** True where a GET succeeds without credentials; false where it is refused or not there. */
async function opens(
  { stranger, options: { registry }, signal }: Probe,
  path: string,
  repository?: string,
): Promise<boolean> {
  try {
    const response = await stranger.get({
      registry,
      path,
      signal,
      accept: `${manifestAccept}, application/json`,
      ...(repository === undefined ? {} : { repository }),
    });
    await response.discard();
    return true;
  } catch (thrown) {
    if (isRefusal(thrown)) return false;
    throw thrown;
  }
}

async function readWithoutLogin(probe: Probe): Promise<readonly string[] | Known<readonly string[]>> {
  if (probe.samples.length === 0) return unknown(noSample);
  const open: string[] = [];
  for (const { repository, tag } of probe.samples) {
    const path = tag === undefined ? `/v2/${repository}/tags/list?n=1` : `/v2/${repository}/manifests/${tag}`;
    if (await opens(probe, path, repository)) open.push(repository);
  }
  return open;
}

/** Registries before 2015 answer `true` or `{}` and name themselves; a web page that takes every path does not. */
async function hasDockerV1({ options, ctx, signal, stranger }: Probe): Promise<boolean> {
  const response = await rawGet(options, stranger.originOf(options.registry), '/v1/_ping', ctx, signal);
  const named = response.headers['x-docker-registry-version'] !== undefined;
  const text = Buffer.from((await response.readAll(1024)) ?? [])
    .toString()
    .trim();
  return response.status === 200 && (named || /^(?:true|"true"|\{\})$/.test(text));
}

async function hasReferrers({ own, options: { registry }, samples, signal }: Probe): Promise<boolean | Known<boolean>> {
  const [sample] = samples;
  if (sample === undefined) return unknown(noSample);
  const { repository } = sample;
  // A digest that is not there has an empty list, and the API is there all the same.
  const path = `/v2/${repository}/referrers/${zero.sha256}`;
  const response = await own.get({ registry, repository, path, signal, accept: ociIndex, expect: [400, 404, 405] });
  await response.discard();
  return response.status === 200 && response.headers['content-type']?.startsWith(ociIndex) === true;
}

/** A registry that knows the algorithm says that there is no such blob; one that does not calls the digest invalid. */
async function knowsSha512({ own, options: { registry }, samples, signal }: Probe): Promise<boolean | Known<boolean>> {
  const [sample] = samples;
  if (sample === undefined) return unknown(noSample);
  const { repository } = sample;
  const path = `/v2/${repository}/blobs/${zero.sha512}`;
  const response = await own.get({ registry, repository, path, signal, method: 'HEAD', expect: [400, 404, 405] });
  await response.discard();
  return response.status === 404;
}

async function answersPlainHttp({ options, ctx, signal }: Probe): Promise<boolean> {
  try {
    const response = await rawGet(options, `http://${apiHost(options.registry)}`, '/v2/', ctx, signal);
    await response.discard();
    return response.status === 200 || response.status === 401;
  } catch (thrown) {
    if (isPlombeError(thrown, 'registry/unreachable') || isPlombeError(thrown, 'registry/invalid-answer')) return false;
    throw thrown;
  }
}

/** Docker Hub's API has a host of its own. */
function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** What the answer to `GET /v2/` tells before any login: where logins are sent, and which software says what of itself. */
async function frontDoor(probe: Probe): Promise<Pick<OutsideAnswer, 'versionHeaders' | 'foreignTokenRealm'>> {
  const { options, ctx, signal, stranger } = probe;
  const { registry, network } = options;
  const origin = stranger.originOf(registry);
  let nowhere: unknown;
  const response = await answered(probe, () =>
    rawGet(options, origin, '/v2/', ctx, signal).catch((thrown: unknown) => {
      nowhere = thrown;
      throw thrown;
    }),
  );
  // Where nobody answers every "no" below would be one of nobody.
  if (isPlombeError(nowhere, 'registry/unreachable') || isPlombeError(nowhere, 'registry/blocked-address'))
    throw nowhere;
  if (response.kind === 'unknown') return { versionHeaders: response, foreignTokenRealm: response };
  const { headers } = response.value;
  const bearer = parseChallenges(headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer');
  const realm = bearer?.parameters['realm'];
  const allowed = network.realmAllow?.[registry] ?? [];
  const verdict = realm === undefined ? undefined : realmTrust(realm, { registry, origin, allowed });
  const foreign = verdict === 'refused' || verdict?.trust === 'anonymous';
  const host = URL.canParse(realm ?? '') ? new URL(realm ?? '').host : 'not an address';
  return { versionHeaders: known(versionsIn(headers)), foreignTokenRealm: known(foreign ? host : '') };
}

/** Headers in which software names itself; the API's own version, `registry/2.0`, is not one. */
const softwareHeaders = ['server', 'x-powered-by', 'x-docker-registry-version', 'x-registry-version'] as const;

function versionsIn(headers: HttpResponse['headers']): readonly string[] {
  return softwareHeaders.flatMap((name) => {
    const value = headers[name];
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    return /\d+\.\d+/.test(text) ? [`${name}: ${text.slice(0, 200)}`] : [];
  });
}

type TlsFacts = Pick<OutsideAnswer, 'tlsVersion' | 'tlsOldVersions' | 'certificateExpiresAt' | 'certificateKey'>;

async function tlsFacts(probe: Probe): Promise<TlsFacts> {
  const { options, signal, stranger } = probe;
  const { registry, network } = options;
  const all = (why: Known<never>): TlsFacts => ({
    tlsVersion: why,
    tlsOldVersions: why,
    certificateExpiresAt: why,
    certificateKey: why,
  });
  if (stranger.originOf(registry).startsWith('http:')) {
    const none = unknown<never>('It is asked over plain http, so there is no certificate.');
    return { ...all(none), tlsVersion: known('none') };
  }
  if (network.proxy?.https !== undefined) {
    return all(unknown('A proxy is in between, so that its connections would be seen.'));
  }
  const host = apiHost(registry);
  const ask = (newest?: 'TLSv1' | 'TLSv1.1') =>
    inspectTls({ host, timeoutMs: handshakeMs, signal, ...(newest === undefined ? {} : { newest }) });
  const now = await answered(probe, async () => await ask());
  if (now.kind === 'unknown') return all(now);
  if (now.value === undefined) return all(unknown('The server refuses the handshake.'));
  const { version, expiresAt, key } = now.value;
  const old = await answered(probe, async () => {
    const taken: string[] = [];
    for (const newest of ['TLSv1', 'TLSv1.1'] as const) if ((await ask(newest)) !== undefined) taken.push(newest);
    return taken as readonly string[];
  });
  return {
    tlsVersion: known(version),
    tlsOldVersions: old,
    certificateExpiresAt: known(expiresAt),
    certificateKey: known(key),
  };
}

/** One GET as it is: no login, no redirect, no second try. */
async function rawGet(
  { network }: ConnectorOptions,
  origin: string,
  path: string,
  ctx: Context,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const client = createHttpClient({ ...network, timeouts: { connectMs: handshakeMs, headersMs: handshakeMs } }, ctx);
  try {
    const response = await client.send({ method: 'GET', url: new URL(origin + path), limit: 'loopback', signal });
    const bytes = await response.readAll(64 * 1024);
    return { ...response, readAll: async () => bytes, discard: async () => undefined };
  } finally {
    client.close();
  }
}
