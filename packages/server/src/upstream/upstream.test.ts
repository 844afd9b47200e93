import { describe, expect, test } from 'vitest';
import { deterministicBytes } from './testing/bytes.ts';
import { digestOf, imageManifest, imageType, indexType, reader, developer } from '../registry/testing/server.ts';
import { canStart, kinds, startFar, startFront } from './testing/front.ts';

for (const kind of kinds) {
  if (!canStart(kind)) console.warn(`SKIPPED: ${kind} behind a server (not installed)`);
  describe.skipIf(!canStart(kind))(`in front of ${kind}`, () => {
    test('an image that is pushed lies there, and is pulled by tag and digest', async () => {
      const { host, far } = await startFar(kind);
      const front = await startFront(host);
      const digest = await front.pushImage('team/app', '1', 'hello', developer);
      const there = await far.get('/v2/team/app/manifests/1', { headers: { accept: imageType } });
      expect(there.status).toBe(200);
      expect(digestOf(Buffer.from(await there.arrayBuffer()))).toBe(digest);
      for (const name of ['1', digest]) {
        const reply = await front.ask('GET', `/v2/team/app/manifests/${name}`, { as: reader });
        expect([reply.status, reply.headers['docker-content-digest'], digestOf(reply.body)]).toEqual([
          200,
          digest,
          digest,
        ]);
      }
      for (const blob of imageManifest('hello').blobs) {
        const reply = await front.ask('GET', `/v2/team/app/blobs/${digestOf(blob)}`, { as: reader });
        expect(reply.body).toEqual(blob);
      }
      const tags = await front.ask('GET', '/v2/team/app/tags/list', { as: reader });
      expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['1'] });
    });

    test('a large blob is sent in chunks while it comes, whatever the chunks of the client', async () => {
      const { host, far } = await startFar(kind);
      const front = await startFront(host);
      const bytes = deterministicBytes(13 * 2 ** 20 + 7);
      const digest = digestOf(bytes);
      const begun = await front.ask('POST', '/v2/team/app/blobs/uploads/', { as: developer });
      const location = String(begun.headers.location);
      expect(location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\/[0-9a-f]{32}$/);
      const half = 6 * 2 ** 20;
      for (const [from, to] of [
        [0, half],
        [half, bytes.length],
      ] as const) {
        const body = bytes.subarray(from, to);
        const headers = { 'content-range': `${from}-${to - 1}` };
        expect((await front.ask('PATCH', location, { as: developer, body, headers })).status).toBe(202);
      }
      expect((await front.ask('GET', location, { as: developer })).headers.range).toBe(`0-${bytes.length - 1}`);
      expect((await front.ask('PUT', `${location}?digest=${digest}`, { as: developer })).status).toBe(201);
      const there = await far.get(`/v2/team/app/blobs/${digest}`);
      expect(digestOf(Buffer.from(await there.arrayBuffer()))).toBe(digest);
    });

    test('what lay there already is pulled, listed and mounted', async () => {
      const { host } = await startFar(kind);
      const other = await startFront(host);
      const digest = await other.pushImage('team/old', 'v1', 'old', developer);
      const front = await startFront(host);
      const reply = await front.ask('GET', '/v2/team/old/manifests/v1', { as: reader });
      expect([reply.status, digestOf(reply.body)]).toEqual([200, digest]);
      const [config, layer] = imageManifest('old').blobs.map((blob) => digestOf(blob));
      expect((await front.ask('GET', `/v2/team/old/blobs/${layer}`, { as: reader })).body.toString()).toBe(
        'layer of old',
      );
      const part = await front.ask('GET', `/v2/team/old/blobs/${layer}`, {
        as: reader,
        headers: { range: 'bytes=6-7' },
      });
      expect([part.status, part.body.toString()]).toEqual([206, 'of']);
      const fresh = await startFront(host);
      for (const blob of [config, layer]) {
        const mounted = await fresh.ask('POST', `/v2/team/new/blobs/uploads/?mount=${blob}&from=team/old`, {
          as: developer,
        });
        expect(mounted.status).toBe(201);
      }
      const put = await fresh.ask('PUT', '/v2/team/new/manifests/v1', {
        as: developer,
        body: imageManifest('old').bytes,
        headers: { 'content-type': imageType },
      });
      expect(put.status).toBe(201);
      const catalog = await front.ask('GET', '/v2/_catalog', { as: reader });
      expect(JSON.parse(catalog.body.toString())).toEqual({ repositories: ['team/new', 'team/old'] });
    });

    test('an index, and a referrer by the registry or by its tag', async () => {
      const { host, far } = await startFar(kind);
      const front = await startFront(host);
      const child = await front.pushImage('team/app', 'child', 'child', developer);
      const size = imageManifest('child').bytes.length;
      const index = JSON.stringify({
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [{ mediaType: imageType, digest: child, size }],
      });
      const put = await front.ask('PUT', '/v2/team/app/manifests/all', {
        as: developer,
        body: index,
        headers: { 'content-type': indexType },
      });
      expect(put.status).toBe(201);
      const subject = { mediaType: indexType, digest: digestOf(index), size: index.length };
      const made = imageManifest('about', { subject, artifactType: 'application/vnd.test' });
      for (const blob of made.blobs) await front.pushBlob('team/app', blob, developer);
      const referrer = await front.ask('PUT', `/v2/team/app/manifests/${made.digest}`, {
        as: developer,
        body: made.bytes,
        headers: { 'content-type': imageType },
      });
      expect([referrer.status, referrer.headers['oci-subject']]).toEqual([201, subject.digest]);
      const fresh = await startFront(host);
      const listed = await fresh.ask('GET', `/v2/team/app/referrers/${subject.digest}`, { as: reader });
      expect(
        (JSON.parse(listed.body.toString()) as { manifests: { digest: string }[] }).manifests.map(
          ({ digest }) => digest,
        ),
      ).toEqual([made.digest]);
      expect((await far.get(`/v2/team/app/manifests/all`, { headers: { accept: indexType } })).status).toBe(200);
    });
  });
}
