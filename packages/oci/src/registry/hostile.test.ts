import { describe, expect, test } from 'vitest';
import { digestOf } from '../manifest/verify.ts';
import { parseReference } from '../reference/reference.ts';
import { emptyManifest as manifest, descriptorOf, fetchTag, outcome, withClient } from '../testing/client.ts';
import { answer, startServer, type Handler } from '../testing/server.ts';
import { nextPath } from './pages.ts';

const { signal } = new AbortController();

describe('manifests', () => {
  test('T26 a document that does not fit its Content-Type is refused', async () => {
    const type = 'application/vnd.oci.image.index.v1+json';
    const host = await startServer((_, response) => answer(response, 200, manifest, { 'content-type': type }));
    expect(await fetchTag(host)).toContain('ambiguous');
  });

  test('T27 a manifest, a header or a blob with another digest is refused', async () => {
    const host = await startServer((request, response) => {
      if (request.url?.includes('/blobs/')) return void response.end('evil');
      const declared = request.url?.endsWith('/2') ? 'sha256:../../x' : digestOf(Buffer.of(7));
      return answer(response, 200, manifest, { 'docker-content-digest': declared });
    });
    expect(await fetchTag(host)).toContain('archive/digest-mismatch');
    const pinned = parseReference(`${host}/app@${digestOf(Buffer.of(9))}`);
    const second = parseReference(`${host}/app:2`);
    await withClient({}, async (client) => {
      expect(await outcome(client.fetchManifest(pinned, { signal }))).toContain('archive/digest-mismatch');
      expect(await outcome(client.fetchManifest(second, { signal }))).toContain('which is no digest');
      const descriptor = descriptorOf(Buffer.from('good'));
      expect(await outcome(client.fetchBlob(second, descriptor, 100, { signal }))).toContain('archive/digest-mismatch');
      expect(await outcome(client.fetchBlob(second, descriptor, 3, { signal }))).toContain('larger than the limit');
    });
  });

  test('T28 an endless manifest, one that says to be a gigabyte, and an endless error page are left', async () => {
    const endless =
      (status: number): Handler =>
      (_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 32)));
        };
        response.on('drain', more);
        more();
      };
    expect(await fetchTag(await startServer(endless(200)))).toContain('more than 4194304 bytes');
    expect(await fetchTag(await startServer(endless(404)))).toContain('registry/not-found');
    const huge = await startServer(
      (_, response) => void response.writeHead(200, { 'content-length': '1000000000' }).write('{'),
    );
    expect(await fetchTag(huge)).toContain('larger than the limit');
  });

  test('T28 lists of tags have limits in pages and never leave the registry', async () => {
    let pages = 0;
    const host = await startServer((request, response) => {
      pages += 1;
      const path = request.url ?? '';
      const next = path.includes('loop') ? path : `/v2/app/tags/list?n=1000&last=${pages}`;
      answer(response, 200, { tags: [`t${pages}`, 7] }, { link: `<${next}>; rel="next"` });
    });
    const list = (name: string): Promise<string> =>
      outcome(withClient({}, (client) => client.listTags(parseReference(`${host}/${name}`), { signal })));
    expect(await list('app')).toContain('more than 2000 pages');
    expect(await list('loop')).toContain('leads to an earlier one');
    const origin = 'https://x.io';
    const base = `${origin}/v2/a/tags/list`;
    expect(nextPath('<?last=b>; rel="next"', base, origin)).toBe('/v2/a/tags/list?last=b');
    expect(nextPath('<https://evil.example/v2/x>; rel="next"', base, origin)).toBeUndefined();
    expect(nextPath('</other>; rel="next"', base, origin)).toBeUndefined();
    expect(nextPath('</v2/x>; rel="prev"', base, origin)).toBeUndefined();
  });

  test('T29 referrers come from all pages of the API and from the tag, and have a limit', async () => {
    const entry = (name: string): object => ({ ...manifest.config, digest: digestOf(Buffer.from(name)) });
    const index = (manifests: object[]): object => ({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    });
    const digest = digestOf(Buffer.of(1));
    const host = await startServer((request, response) => {
      if (request.url?.includes('/many/')) {
        return answer(response, 200, index(Array.from({ length: 10_001 }, () => entry('a'))));
      }
      if (request.url?.includes('/manifests/')) return answer(response, 200, index([entry('a'), entry('c')]));
      if (request.url?.includes('page=2')) return answer(response, 200, index([entry('a'), entry('b')]));
      const link = `<${request.url}?page=2>; rel="next"`;
      return answer(response, 200, index([entry('a')]), { link });
    });
    await withClient({}, async (client) => {
      const few = parseReference(`${host}/few`);
      const all = await client.listReferrers(few, digest, { signal, maxEntries: 3 });
      expect(all).toMatchObject({ complete: true });
      expect(all.descriptors.map((found) => found.digest)).toEqual(
        ['a', 'b', 'c'].map((name) => digestOf(Buffer.from(name))),
      );
      expect((await client.listReferrers(few, digest, { signal, maxEntries: 2 })).complete).toBe(false);
      const many = client.listReferrers(parseReference(`${host}/many`), digest, { signal, maxEntries: 9 });
      expect(await outcome(many)).toContain('more than 10000 entries');
    });
  });

  test('messages of a registry are not repeated', async () => {
    const body = { errors: [{ code: 'DENIED', message: 'token=secret \u001b[31m' }] };
    const host = await startServer((_, response) => answer(response, 403, body));
    const message = await fetchTag(host);
    expect(message).toContain('(403, DENIED)');
    expect(message).not.toContain('secret');
  });
});

test('registries for plain http are compared in their canonical form', async () => {
  const host = await startServer((_, response) => answer(response, 200, manifest));
  const port = host.split(':')[1] ?? '';
  expect(await fetchTag(`localhost:${port}`, { plainHttp: [`LocalHost:${port}`] })).toBe('done');
  expect(await fetchTag(`localhost:${port}`, { plainHttp: [host] })).toContain('registry/tls');
  expect(await fetchTag(host, { plainHttp: [`http://${host}`] })).toContain('no registry for plain http');
});
