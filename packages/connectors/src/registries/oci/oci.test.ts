import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeLayout, type RegistryOptions } from '@plombe/oci';
import { createAuthority, readCertificate } from '../../../../oci/src/testing/certificates.ts';
import { networkContext } from '../../../../oci/src/testing/context.ts';
import { freePort, hasProgram, skopeoCopy, startCrane, startRegistry } from '../../../../oci/src/testing/peers.ts';
import { answer, startServer, type Handler } from '../../../../oci/src/testing/server.ts';
import { gatherFacts } from '../../posture/gather.ts';
import { judgePosture } from '../../posture/judge.ts';
import { startReceiver } from '../../watch/receiver.ts';
import type { ConnectedArtifact, RegistryEvent } from '../connector.ts';
import { ociConnector } from './index.ts';
import { readDistributionEvents } from './event.ts';
import { probeOutside } from './outside.ts';

const ctx = networkContext();
const call = { signal: new AbortController().signal };
const retry = { attempts: 1 };
/** user:secret, bcrypt. */
const htpasswd = 'user:$2b$05$N.hfaFUX6iTuzSJphfpzGOK3DqXyNvz3Q.Grm2D8aY0VY8H7vMAPO\n';
const folder = (): string => mkdtempSync(`${tmpdir()}/plombe-oci-`);

async function layout(): Promise<string> {
  const path = folder();
  const layer = { tar: [new Uint8Array(1024)], createdBy: 'RUN true', compression: 'gzip' as const };
  const image = { name: 'x', platform: { os: 'linux', architecture: 'amd64' }, layers: [layer] };
  await writeLayout(path, [image], call);
  return `oci:${path}:x`;
}

const missing = ['docker-registry', 'skopeo', 'openssl'].filter((name) => !hasProgram(name));
if (missing.length > 0)
  console.warn(`SKIPPED: real registries behind the OCI connector (missing: ${missing.join(', ')})`);

describe.skipIf(missing.length > 0)('a real docker-registry', () => {
  test('is listed, its artifacts once per digest, and promoted by mount', async () => {
    const host = await startRegistry({ folder: folder() });
    const source = await layout();
    for (const name of ['team/app:1', 'team/app:latest', 'other:2']) skopeoCopy(source, `docker://${host}/${name}`);
    const connector = ociConnector({ registry: host, network: { plainHttp: true, retry } }, ctx);
    expect(await Array.fromAsync(connector.repositories(call))).toEqual([{ name: 'other' }, { name: 'team/app' }]);
    const [artifact, ...rest] = await Array.fromAsync(connector.artifacts('team/app', call));
    expect(rest).toEqual([]);
    expect(artifact).toMatchObject({ repository: 'team/app', tags: ['1', 'latest'], state: 'free' });
    expect(artifact?.sizeBytes).toBeGreaterThan(500);
    const { digest } = artifact as ConnectedArtifact;
    await connector.promote(
      { from: { repository: 'team/app', digest }, to: { repository: 'prod/app', tags: ['1'] } },
      call,
    );
    const [promoted] = await Array.fromAsync(connector.artifacts('prod/app', call));
    expect(promoted).toMatchObject({ digest, tags: ['1'] });
    expect((await connector.grants(call)).kind).toBe('unknown');
    await expect(connector.quarantine('team/app', digest, call)).rejects.toMatchObject({
      code: 'connector/unsupported',
    });
    connector.close();
  });

  test('has repositories of which only blobs are left, and none that nobody knows', async () => {
    const host = await startRegistry({ folder: folder() });
    const bytes = new TextEncoder().encode('left');
    const query = `digest=sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const begun = await fetch(`http://${host}/v2/team/left/blobs/uploads/`, { method: 'POST' });
    const location = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    const put = await fetch(`${location.href}&${query}`, { method: 'PUT', body: bytes });
    expect(put.status).toBe(201);
    const options = { registry: host, network: { plainHttp: true, retry } };
    const connector = ociConnector(options, ctx);
    onTestFinished(() => connector.close());
    expect(await Array.fromAsync(connector.repositories(call))).toEqual([{ name: 'team/left' }]);
    expect(await Array.fromAsync(connector.artifacts('team/left', call))).toEqual([]);
    const named = ociConnector({ ...options, repositories: ['team/none'] }, ctx);
    onTestFinished(() => named.close());
    expect(await Array.fromAsync(named.repositories(call))).toEqual([{ name: 'team/none' }]);
    await expect(Array.fromAsync(named.artifacts('team/none', call))).rejects.toMatchObject({
      code: 'registry/not-found',
    });
  });

  test('tells of a push by notification, with the header that it was given', async () => {
    const connector = ociConnector({ registry: 'registry.example', network: {} }, ctx);
    const told = Promise.withResolvers<readonly RegistryEvent[]>();
    const receiver = await startReceiver(connector, {
      host: '127.0.0.1',
      port: 0,
      secret: 'a-secret',
      onEvents: (events) => events.length > 0 && told.resolve(events),
    });
    onTestFinished(async () => {
      await receiver.close();
      connector.close();
    });
    const endpoint = `{name: plombe, url: "${receiver.url}/", headers: {Authorization: [Bearer a-secret]}, timeout: 5s, threshold: 9, backoff: 1s}`;
    const host = await startRegistry({ folder: folder(), more: [`notifications: {endpoints: [${endpoint}]}`] });
    skopeoCopy(await layout(), `docker://${host}/team/app:1`);
    const [event] = await told.promise;
    expect(event).toMatchObject({ kind: 'push', repository: 'team/app', tag: '1' });
    expect(event?.digest).toMatch(/^sha256:/);
  });

  test('shows from outside that it is open, old and speaks plain http', async () => {
    const host = await startRegistry({ folder: folder() });
    skopeoCopy(await layout(), `docker://${host}/team/app:1`);
    const options = { registry: host, network: { plainHttp: true, retry }, probeWrites: true };
    const connector = ociConnector(options, ctx);
    const facts = await gatherFacts(connector, options, call, ctx);
    connector.close();
    expect(facts).toMatchObject({
      anonymousPull: { value: ['team/app'] },
      anonymousCatalog: { value: true },
      anonymousPush: { value: ['team/app', 'plombe-probe/anonymous'] },
      plainHttpAnswered: { value: true },
      tlsVersion: { value: 'none' },
      certificateExpiresAt: { kind: 'unknown' },
      dockerV1Api: { value: false },
      referrersApi: { value: false },
      foreignTokenRealm: { value: '' },
      deleteAllowed: { value: false },
    });
    const report = judgePosture(connector, facts, Date.now());
    const failed = report.findings.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check.id);
    expect(failed).toContain('outside/anonymous-push');
    expect(failed).toContain('outside/plain-http');
    // The probe of the push leaves nothing in the catalog.
    expect(await Array.fromAsync(connector.repositories(call))).toEqual([{ name: 'team/app' }]);
  });

  test('with a login and TLS shows less, and writes nothing unasked', async () => {
    const place = folder();
    const authority = createAuthority(place);
    const tls = authority.issue('registry', 'IP:127.0.0.1');
    const host = await startRegistry({ folder: place, htpasswd, tls });
    mkdirSync(`${place}/docker`);
    const auth = Buffer.from('user:secret').toString('base64');
    writeFileSync(`${place}/docker/config.json`, JSON.stringify({ auths: { [host]: { auth } } }));
    skopeoCopy(await layout(), `docker://${host}/team/app:1`, '--dest-creds', 'user:secret');
    const network = { authFiles: [`${place}/docker/config.json`], caFiles: [authority.caFile], retry };
    const connector = ociConnector({ registry: host, network }, ctx);
    const facts = await gatherFacts(connector, { registry: host, network }, call, ctx);
    connector.close();
    expect(facts).toMatchObject({
      anonymousPull: { value: [] },
      anonymousCatalog: { value: false },
      anonymousPush: { kind: 'unknown' },
      deleteAllowed: { kind: 'unknown' },
      plainHttpAnswered: { value: false },
      tlsVersion: { value: 'TLSv1.3' },
      tlsOldVersions: { value: [] },
      certificateKey: { value: { type: 'EC', bits: 256 } },
      sha512: { kind: 'known' },
    });
  });
});

describe.skipIf(!hasProgram('crane') || !hasProgram('skopeo'))("crane's registry", () => {
  test('has referrers, which are listed with their subject', async () => {
    const host = await startCrane();
    skopeoCopy(await layout(), `docker://${host}/app:1`);
    const network = { plainHttp: true, retry };
    const connector = ociConnector({ registry: host, network, repositories: ['app'] }, ctx);
    const facts = await gatherFacts(connector, { registry: host, network }, call, ctx);
    connector.close();
    expect(facts['referrersApi']).toMatchObject({ kind: 'known' });
  });
});

const probe = (registry: string, extra: RegistryOptions = {}) =>
  probeOutside({ registry, network: { plainHttp: true, retry, ...extra } }, [], call, ctx);

describe('what a registry shows of itself', () => {
  test('T30 a token realm on a foreign host is told, and gets no login', async () => {
    const handler: Handler = (_, response) =>
      answer(response, 401, {}, { 'www-authenticate': 'Bearer realm="https://tokens.example/token",service="s"' });
    expect((await probe(await startServer(handler))).foreignTokenRealm).toEqual({
      kind: 'known',
      value: 'tokens.example',
    });
    const allowed = await startServer(handler);
    const facts = await probe(allowed, { realmAllow: { [allowed]: ['tokens.example'] } });
    expect(facts.foreignTokenRealm).toEqual({ kind: 'known', value: '' });
  });

  test('versions in headers, and API v1 where it is one', async () => {
    const host = await startServer((request, response) => {
      if (request.url === '/v1/_ping') return void response.end('true');
      response.writeHead(200, { server: 'nginx/1.18.0', 'docker-distribution-api-version': 'registry/2.0' });
      return void response.end('{}');
    });
    const facts = await probe(host);
    expect(facts.versionHeaders).toEqual({ kind: 'known', value: ['server: nginx/1.18.0'] });
    expect(facts.dockerV1Api).toEqual({ kind: 'known', value: true });
    expect(facts.anonymousPull.kind).toBe('unknown');
    const page = await startServer((_, response) => void response.end('<html>any path</html>'));
    expect((await probe(page)).dockerV1Api).toEqual({ kind: 'known', value: false });
  });

  test('T35 a storm of 503 is unknown, never a pass', async () => {
    const host = await startServer((_, response) => answer(response, 503, {}, { 'retry-after': '315360000' }));
    const facts = await probe(host);
    expect(facts.anonymousCatalog).toMatchObject({ kind: 'unknown' });
    expect(facts.referrersApi).toMatchObject({ kind: 'unknown' });
  });

  test('T33 a link-local address is never called, and a registry that is not there has no posture', async () => {
    await expect(probe('169.254.169.254')).rejects.toMatchObject({ code: 'registry/blocked-address' });
    await expect(probe(`127.0.0.1:${await freePort()}`)).rejects.toMatchObject({ code: 'registry/unreachable' });
  });

  test('an old TLS and a weak certificate are seen', async () => {
    const authority = createAuthority(folder());
    const certificate = readCertificate(authority.issue('old', 'IP:127.0.0.1', true));
    const host = await startServer((_, response) => answer(response, 200, {}), certificate);
    const facts = await probeOutside(
      { registry: host, network: { retry, caFiles: [authority.caFile] } },
      [],
      call,
      ctx,
    );
    expect(facts.certificateExpiresAt).toMatchObject({ kind: 'known' });
    const report = judgePosture({ registry: host, kind: 'oci' }, facts, Date.now());
    const outcome = (id: string) => report.findings.find(({ check }) => check.id === id)?.outcome;
    expect(outcome('outside/certificate-expiry')).toBe('fail');
    expect(outcome('outside/certificate-key')).toBe('pass');
  });
});

describe('T67 notifications of distribution', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const target = { repository: 'team/app', digest, tag: '1', mediaType: 'application/vnd.oci.image.manifest.v1+json' };
  const event = { id: 'e1', timestamp: '2026-01-02T03:04:05Z', action: 'push', target };
  const body = (...events: object[]) => Buffer.from(JSON.stringify({ events }));
  const read = (events: readonly object[], authorization = 'Bearer secret', secret = 'secret') =>
    readDistributionEvents({ authorization }, body(...events), secret);

  test('are read with the secret only', () => {
    expect(read([event])).toEqual([
      { id: 'e1', kind: 'push', repository: 'team/app', digest, tag: '1', time: '2026-01-02T03:04:05.000Z' },
    ]);
    expect(read([event], 'Bearer wrong')).toBeUndefined();
    expect(read([event], 'Bearer ', '')).toBeUndefined();
    expect(readDistributionEvents({}, body(event), 'secret')).toBeUndefined();
    expect(readDistributionEvents({ authorization: 'secret' }, Buffer.from('no json'), 'secret')).toBeUndefined();
  });

  test('have ids that may be shown, and stay apart', () => {
    const ids = ['\u001b[2J\u202e', 'x'.repeat(300), `${'x'.repeat(300)}y`];
    const shown = read(ids.map((id) => ({ ...event, id })))?.map(({ id }) => id) ?? [];
    expect(new Set(shown).size).toBe(3);
    for (const id of shown) expect(id).toMatch(/^[\x21-\x7e]{1,200}$/);
  });

  test('pulls, blobs and what names no repository are left out', () => {
    const blob = { ...event, target: { ...target, mediaType: 'application/octet-stream' } };
    expect(
      read([{ ...event, action: 'pull' }, blob, { id: 'x', action: 'push' }, { ...event, action: 'delete' }]),
    ).toMatchObject([{ kind: 'delete' }]);
  });
});
