import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { defaultRules } from '@plombe/store';
import type { GrowingBlob, ManifestPush, PushVerdict } from './ports.ts';
import {
  descriptor,
  developer,
  digestOf,
  imageManifest,
  imageType,
  indexType,
  reader,
  signer,
  startTestServer,
  type TestServer,
} from './testing/server.ts';

const reasons = {
  decision: 'deny',
  message: 'severity: openssl is critical; update it',
  reasons: [{ check: 'severity' }],
};
const quarantine: PushVerdict = { kind: 'quarantine', reasons: { ...reasons, decision: 'quarantine' } };

function indexNames(server: TestServer): (string | undefined)[] {
  const index = JSON.parse(readFileSync(join(server.folder, 'layout/index.json'), 'utf8')) as {
    manifests: { annotations?: Record<string, string> }[];
  };
  return index.manifests.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name']);
}

describe('what may be seen', () => {
  test('a denied manifest is stored nowhere, and the reasons are in the answer', async () => {
    const server = await startTestServer({ gate: { judge: () => Promise.resolve({ kind: 'deny', reasons }) } });
    const { bytes, blobs, digest } = imageManifest('denied');
    for (const blob of blobs) await server.pushBlob('team/app', blob, developer);
    const put = await server.ask('PUT', '/v2/team/app/manifests/1', {
      as: developer,
      body: bytes,
      headers: { 'content-type': imageType },
    });
    expect(put.status).toBe(403);
    expect(JSON.parse(put.body.toString())).toEqual({
      errors: [
        {
          code: 'DENIED',
          message: `plombe: ${reasons.message}`,
          detail: { decision: 'deny', reasons: reasons.reasons },
        },
      ],
    });
    for (const name of ['1', digest]) {
      for (const as of [developer, reader, signer]) {
        expect((await server.ask('GET', `/v2/team/app/manifests/${name}`, { as })).status).toBe(404);
      }
    }
    expect(indexNames(server)).toEqual([]);
  });

  test('a quarantined manifest is there for those who sign, and for nobody else, on every path', async () => {
    const states = new Map<string, PushVerdict>([['2', quarantine]]);
    const judge = ({ tags }: ManifestPush): Promise<PushVerdict> =>
      Promise.resolve(states.get(tags[0] ?? '') ?? { kind: 'accept' });
    const server = await startTestServer({ gate: { judge } });
    const first = await server.pushImage('team/app', '1', 'first', developer);
    const { bytes, blobs, digest } = imageManifest('second');
    for (const blob of blobs) await server.pushBlob('team/app', blob, developer);
    const put = await server.ask('PUT', '/v2/team/app/manifests/2', {
      as: developer,
      body: bytes,
      headers: { 'content-type': imageType },
    });
    expect([put.status, put.headers['plombe-decision']]).toEqual([201, 'quarantine']);
    const signature = imageManifest('signature', { subject: descriptor(bytes, imageType) });
    for (const blob of signature.blobs) await server.pushBlob('team/app', blob);
    await server.ask('PUT', `/v2/team/app/manifests/${signature.digest}`, {
      body: signature.bytes,
      headers: { 'content-type': imageType },
    });
    for (const as of [reader, developer]) {
      for (const method of ['GET', 'HEAD']) {
        for (const name of ['2', digest]) {
          expect((await server.ask(method, `/v2/team/app/manifests/${name}`, { as })).status).toBe(404);
        }
      }
      const tags = await server.ask('GET', '/v2/team/app/tags/list', { as });
      expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['1'] });
    }
    const layer = digestOf(blobs[1] as Buffer);
    expect((await server.ask('GET', `/v2/team/app/blobs/${layer}`, { as: reader })).status).toBe(404);
    expect((await server.ask('GET', `/v2/team/app/blobs/${layer}`, { as: developer })).status).toBe(200);
    expect((await server.ask('GET', `/v2/team/app/manifests/2`, { as: signer })).body).toEqual(bytes);
    const tags = await server.ask('GET', '/v2/team/app/tags/list', { as: signer });
    expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['1', '2'] });
    expect(indexNames(server)).toEqual([undefined, 'team/app:1']);
    expect((await server.ask('GET', `/v2/team/app/manifests/1`, { as: reader })).headers['docker-content-digest']).toBe(
      first,
    );
  });

  test('a quarantined push leaves what the tag showed, and takes the tag when it becomes visible', async () => {
    let verdict: PushVerdict = { kind: 'accept' };
    let setVisible: ((digest: string) => Promise<boolean>) | undefined;
    const server = await startTestServer({
      gate: { judge: () => Promise.resolve(verdict) },
      gateParts: ({ store }) => {
        setVisible = (digest) => store.setState('team/app', digest as Digest, 'visible');
      },
    });
    const seen = async (as: string): Promise<unknown> =>
      (await server.ask('HEAD', '/v2/team/app/manifests/latest', { as })).headers['docker-content-digest'];
    const old = await server.pushImage('team/app', 'latest', 'old', developer);
    verdict = quarantine;
    const fresh = await server.pushImage('team/app', 'latest', 'new', developer);
    expect([await seen(reader), await seen(signer)]).toEqual([old, fresh]);
    expect(await setVisible?.(fresh)).toBe(true);
    expect([await seen(reader), await seen(signer)]).toEqual([fresh, fresh]);
    expect(indexNames(server)).toEqual(['team/app:latest']);
  });

  test('an error of the gate makes nothing visible', async () => {
    const server = await startTestServer({ gate: { judge: () => Promise.reject(new Error('no database')) } });
    const { bytes, blobs, digest } = imageManifest('x');
    for (const blob of blobs) await server.pushBlob('a', blob);
    const put = await server.ask('PUT', '/v2/a/manifests/1', { body: bytes, headers: { 'content-type': imageType } });
    expect([put.status, put.code, put.headers['retry-after']]).toEqual([503, 'UNKNOWN', '5']);
    expect((await server.ask('GET', `/v2/a/manifests/${digest}`)).status).toBe(404);
  });

  test('the pull gate can refuse a digest, and is asked for the one that is served', async () => {
    const asked: string[] = [];
    const server = await startTestServer({
      gate: {
        pull: (repository, digest) => {
          asked.push(`${repository}@${digest}`);
          return reasons;
        },
      },
    });
    const digest = await server.pushImage('a', '1', 'x');
    for (const [method, name] of [
      ['GET', '1'],
      ['HEAD', digest],
    ] as const) {
      expect((await server.ask(method, `/v2/a/manifests/${name}`, { as: reader })).status).toBe(403);
    }
    expect(asked).toEqual([`a@${digest}`, `a@${digest}`]);
  });

  test('the gate hears of uploads while they grow', async () => {
    const blobs: GrowingBlob[] = [];
    const server = await startTestServer({ gate: { observe: (blob) => void blobs.push(blob) } });
    const digest = await server.pushBlob('a', 'content');
    const [blob] = blobs;
    expect([blobs.length, blob?.repository, blob?.size(), await blob?.done]).toEqual([1, 'a', 7, digest]);
    const wrong = await server.ask('POST', `/v2/a/blobs/uploads/?digest=${digestOf('other')}`, { body: 'content' });
    expect([wrong.status, wrong.code, await blobs[1]?.done]).toEqual([400, 'DIGEST_INVALID', undefined]);
  });

  test('who may only sign can attach, and nothing else', async () => {
    const server = await startTestServer();
    await server.pushImage('a', '1', 'image');
    const image = imageManifest('image');
    const attached = imageManifest('signature', { subject: descriptor(image.bytes, imageType) });
    for (const blob of attached.blobs) await server.pushBlob('a', blob, signer);
    const headers = { 'content-type': imageType };
    const put = (name: string, body: Buffer): Promise<number> =>
      server.ask('PUT', `/v2/a/manifests/${name}`, { as: signer, body, headers }).then(({ status }) => status);
    expect(await put(attached.digest, attached.bytes)).toBe(201);
    expect(await put(`sha256-${image.digest.slice(7)}.sig`, attached.bytes)).toBe(201);
    expect(await put('2', attached.bytes)).toBe(403);
    expect(await put(image.digest, image.bytes)).toBe(403);
  });

  test('blobs are mounted only from where they may be read', async () => {
    const server = await startTestServer();
    const loose = await server.pushBlob('secret/x', 'not in any manifest');
    const writer = 'Test w pull,push@mine/';
    const both = 'Test b pull@';
    const mount = async (digest: string, as: string, from = '&from=secret/x'): Promise<number> =>
      (await server.ask('POST', `/v2/mine/a/blobs/uploads/?mount=${digest}${from}`, { as })).status;
    expect(await mount(loose, writer)).toBe(202);
    expect(await mount(loose, writer, '')).toBe(202);
    expect(await mount(loose, both)).toBe(403);
    expect((await server.ask('HEAD', `/v2/mine/a/blobs/${loose}`, { as: writer })).status).toBe(404);
    await server.pushImage('mine/b', '1', 'shared', writer);
    const layer = digestOf('layer of shared');
    expect(await mount(layer, writer, '&from=mine/b')).toBe(201);
    expect((await server.ask('HEAD', `/v2/mine/a/blobs/${layer}`, { as: writer })).status).toBe(200);
  });

  test('the catalog has what may be pulled and seen', async () => {
    const server = await startTestServer({
      gate: { judge: ({ repository }) => Promise.resolve(repository === 'held' ? quarantine : { kind: 'accept' }) },
    });
    for (const name of ['a/1', 'a/2', 'a/3', 'b/1', 'held']) await server.pushImage(name, 'x', name);
    const names = async (as: string, query = ''): Promise<unknown> =>
      JSON.parse((await server.ask('GET', `/v2/_catalog${query}`, { as })).body.toString());
    expect(await names(reader)).toEqual({ repositories: ['a/1', 'a/2', 'a/3', 'b/1'] });
    expect(await names('Test x pull@a/')).toEqual({ repositories: ['a/1', 'a/2', 'a/3'] });
    expect(await names(reader, '?n=2&last=a/1')).toEqual({ repositories: ['a/2', 'a/3'] });
    const page = await server.ask('GET', '/v2/_catalog?n=2', { as: reader });
    expect(page.headers.link).toBe('</v2/_catalog?n=2&last=a%2F2>; rel="next"');
    expect(await names(signer)).toEqual({ repositories: ['a/1', 'a/2', 'a/3', 'b/1', 'held'] });
  });
});

describe('content', () => {
  test('an index needs its children, and referrers wait for their subject', async () => {
    const server = await startTestServer();
    const child = imageManifest('child');
    const index = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [descriptor(child.bytes, imageType)] }),
    );
    const put = () => server.ask('PUT', '/v2/a/manifests/i', { body: index, headers: { 'content-type': indexType } });
    const refused = await put();
    expect([refused.status, refused.code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    const referrer = imageManifest('sbom', {
      subject: descriptor(child.bytes, imageType),
      artifactType: 'application/x-sbom',
      annotations: { a: 'b' },
    });
    for (const blob of [...referrer.blobs, ...child.blobs]) await server.pushBlob('a', blob);
    const early = await server.ask('PUT', `/v2/a/manifests/${referrer.digest}`, {
      body: referrer.bytes,
      headers: { 'content-type': imageType },
    });
    expect(early.headers['oci-subject']).toBe(child.digest);
    await server.ask('PUT', `/v2/a/manifests/${child.digest}`, {
      body: child.bytes,
      headers: { 'content-type': imageType },
    });
    expect((await put()).status).toBe(201);
    const list = await server.ask('GET', `/v2/a/referrers/${child.digest}?artifactType=application/x-sbom`);
    expect(list.headers['oci-filters-applied']).toBe('artifactType');
    expect(JSON.parse(list.body.toString())).toMatchObject({
      manifests: [{ digest: referrer.digest, artifactType: 'application/x-sbom', annotations: { a: 'b' } }],
    });
    const other = await server.ask('GET', `/v2/a/referrers/${child.digest}?artifactType=other`);
    expect(JSON.parse(other.body.toString())).toMatchObject({ manifests: [] });
  });

  test('a blob that a manifest names is not deleted, and nothing of a manifest is left after it', async () => {
    const server = await startTestServer();
    const digest = await server.pushImage('a', '1', 'x');
    const layer = digestOf('layer of x');
    const used = await server.ask('DELETE', `/v2/a/blobs/${layer}`);
    expect([used.status, used.code]).toEqual([403, 'DENIED']);
    expect((await server.ask('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
    expect((await server.ask('GET', '/v2/a/manifests/1')).status).toBe(404);
    expect((await server.ask('GET', '/v2/a/tags/list')).code).toBe('NAME_UNKNOWN');
    expect((await server.ask('DELETE', `/v2/a/blobs/${layer}`)).status).toBe(202);
    expect(indexNames(server)).toEqual([]);
  });

  test('an upload goes on in a new process', async () => {
    const first = await startTestServer();
    const begun = await first.ask('POST', '/v2/a/blobs/uploads/');
    const path = String(begun.headers.location);
    await first.ask('PATCH', path, { body: 'half and ', headers: { 'content-range': '0-8' } });
    await first.stop();
    const second = await startTestServer({ folder: first.folder });
    const state = await second.ask('GET', path);
    expect([state.status, state.headers.range]).toEqual([204, '0-8']);
    const digest = digestOf('half and half');
    const done = await second.ask('PUT', `${path}?digest=${digest}`, { body: 'half' });
    expect(done.status).toBe(201);
    expect((await second.ask('GET', `/v2/a/blobs/${digest}`)).body.toString()).toBe('half and half');
    expect((await second.ask('GET', path)).code).toBe('BLOB_UPLOAD_UNKNOWN');
  });

  test('tags that a rule holds stay where they are', async () => {
    const rules = { ...defaultRules, isImmutable: (_: string, tag: string) => tag.startsWith('v') };
    const server = await startTestServer({ rules });
    const digest = await server.pushImage('a', 'v1', 'x');
    await expect(server.pushImage('a', 'v1', 'y')).rejects.toThrow('403');
    expect(await server.pushImage('a', 'v1', 'x')).toBe(digest);
    expect((await server.ask('DELETE', '/v2/a/manifests/v1')).status).toBe(403);
    expect((await server.ask('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(403);
    expect((await server.ask('GET', '/v2/a/manifests/v1')).status).toBe(200);
  });

  test('a quota refuses what does not fit, and stores nothing of it', async () => {
    let nowMs = 0;
    const quota = { name: 'team/**', matches: (name: string) => name.startsWith('team/'), limitBytes: 1000 };
    const server = await startTestServer({ rules: { ...defaultRules, quotas: [quota] }, nowMs: () => (nowMs += 2000) });
    await server.pushBlob('team/a', 'x'.repeat(600));
    await expect(server.pushBlob('team/b', 'y'.repeat(600))).rejects.toThrow('403');
    await server.pushBlob('team/b', 'x'.repeat(600));
    await server.pushBlob('other', 'y'.repeat(600));
    const head = await server.ask('HEAD', `/v2/team/b/blobs/${digestOf('y'.repeat(600))}`);
    expect(head.status).toBe(404);
  });

  test('a quota ends an upload that could never fit while it comes', async () => {
    const quota = { name: 'team/**', matches: (name: string) => name.startsWith('team/'), limitBytes: 100_000 };
    const server = await startTestServer({ rules: { ...defaultRules, quotas: [quota] } });
    const path = String((await server.ask('POST', '/v2/team/a/blobs/uploads/')).headers.location);
    expect((await server.ask('PATCH', path, { body: 'x'.repeat(60_000) })).status).toBe(202);
    const refused = await server.ask('PATCH', path, { body: 'x'.repeat(2_000_000) });
    expect([refused.status, refused.code]).toEqual([403, 'DENIED']);
    expect((await server.ask('GET', path)).status).toBe(404);
    expect(readdirSync(join(server.folder, 'uploads'))).toEqual([]);
    await server.pushBlob('other', 'x'.repeat(200_000));
  });
});
