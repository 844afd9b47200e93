import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { temporaryFolder } from '../sources/testing/context.ts';
import { digestOf } from '../manifest/verify.ts';
import { parseReference, type ImageReference } from '../reference/reference.ts';
import { outcome, password, withClient } from '../testing/client.ts';
import { startMemoryRegistry, type MemoryOptions } from '../testing/memory-registry.ts';
import { hasProgram, startRegistry } from '../testing/peers.ts';
import { answer, startServer } from '../testing/server.ts';
import type { RegistryClient } from './client.ts';
import type { BlobContent } from './push.ts';
import { referrersTag } from './referrers-tag.ts';

const { signal } = new AbortController();
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

function blobOf(bytes: Uint8Array): BlobContent {
  const open = function* (): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1_000_000) yield bytes.subarray(at, at + 1_000_000);
  };
  return { digest: digestOf(bytes), sizeBytes: bytes.length, open };
}

const empty = Buffer.from('{}');
const emptyDescriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(empty), size: 2 };

/** Pushes a small artifact about `subject` and returns its digest. */
async function attach(
  client: RegistryClient,
  reference: ImageReference,
  subject: Digest,
  name: string,
): Promise<{ digest: Digest; listedBy: string }> {
  await client.writer.pushBlob(reference, blobOf(empty), { signal });
  const artifactType = 'application/vnd.example.note';
  const annotations = { name };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: emptyDescriptor,
      layers: [emptyDescriptor],
      subject: { mediaType, digest: subject, size: 1 },
      annotations,
    }),
  );
  const entry = { subject, artifactType, annotations };
  return client.writer.pushReferrer(reference, { bytes, mediaType }, entry, { signal });
}

const kinds: readonly (readonly [string, () => Promise<string>])[] = [
  ['a registry with referrers', async () => (await startMemoryRegistry({ referrers: true })).host],
  ['a registry without, with conditions', async () => (await startMemoryRegistry({ conditions: true })).host],
  ['a registry without either', async () => (await startMemoryRegistry()).host],
  ...(hasProgram('docker-registry')
    ? [["docker's registry", () => startRegistry({ folder: temporaryFolder() })] as const]
    : []),
];
if (!hasProgram('docker-registry')) console.warn("SKIPPED: pushing to docker's registry (missing: docker-registry)");

describe.each(kinds)('pushing to %s', (name, start) => {
  test('blobs of every size, manifests by tag and digest', async () => {
    const host = await start();
    await withClient({}, async (client) => {
      const reference = parseReference(`${host}/team/app:1`);
      for (const size of [1, 3_000_000, 17_000_000]) {
        const bytes = randomBytes(size);
        const content = blobOf(bytes);
        expect(await client.writer.pushBlob(reference, content, { signal })).toBe('uploaded');
        expect(await client.writer.pushBlob(reference, content, { signal })).toBe('exists');
        const layer = { mediaType: 'application/octet-stream', digest: content.digest, sizeBytes: size };
        expect(Buffer.from(await client.fetchBlob(reference, layer, size, { signal })).equals(bytes)).toBe(true);
      }
      const wrong = { ...blobOf(Buffer.from('abc')), digest: digestOf(Buffer.from('abd')) };
      expect(await outcome(client.writer.pushBlob(reference, wrong, { signal }))).toContain('400, DIGEST_INVALID');
      const short = { ...blobOf(Buffer.from('abc')), sizeBytes: 4, digest: digestOf(Buffer.from('x')) };
      expect(await outcome(client.writer.pushBlob(reference, short, { signal }))).toContain('archive/digest-mismatch');
      await client.writer.pushBlob(reference, blobOf(empty), { signal });
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType, config: emptyDescriptor, layers: [emptyDescriptor] }),
      );
      expect(await client.writer.pushManifest(reference, { bytes, mediaType }, { signal })).toBe(digestOf(bytes));
      expect((await client.fetchManifest(reference, { signal })).digest).toBe(digestOf(bytes));
    });
  });

  test('referrers of many writers at once are all listed, each with its type and annotations', async () => {
    const host = await start();
    const reference = parseReference(`${host}/app:1`);
    const subject = digestOf(Buffer.from(name));
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    // A client each, as programs on several machines would be, and two from one client.
    const digests = await Promise.all(
      names.map((each) =>
        withClient({}, async (client) => [
          await attach(client, reference, subject, each),
          await attach(client, reference, subject, `${each}2`),
        ]),
      ),
    );
    await withClient({}, async (client) => {
      const { descriptors } = await client.listReferrers(reference, subject, { signal, maxEntries: 100 });
      expect(descriptors.map(({ digest }) => digest).sort()).toEqual(
        digests
          .flat()
          .map(({ digest }) => digest)
          .sort(),
      );
      expect(descriptors.map((entry) => entry.annotations?.['name'] ?? '').sort()).toEqual(
        names.flatMap((each) => [each, `${each}2`]).sort(),
      );
      expect(new Set(descriptors.map((entry) => entry.artifactType))).toEqual(
        new Set(['application/vnd.example.note']),
      );
    });
    expect(new Set(digests.flat().map(({ listedBy }) => listedBy)).size).toBe(1);
  });
});

describe('the referrers tag', () => {
  test('is algorithm and digest, the latter cut to 64 characters', () => {
    expect(referrersTag(`sha256:${'a'.repeat(64)}` as Digest)).toBe(`sha256-${'a'.repeat(64)}`);
    expect(referrersTag(`sha512:${'b'.repeat(128)}` as Digest)).toBe(`sha512-${'b'.repeat(64)}`);
  });

  test('keeps what others wrote, members unknown to us too', async () => {
    const { host, manifests } = await startMemoryRegistry();
    const reference = parseReference(`${host}/app:1`);
    const subject = digestOf(Buffer.of(7));
    const tag = subject.replace(':', '-');
    const index = 'application/vnd.oci.image.index.v1+json';
    const other = { ...emptyDescriptor, 'org.example.unknown': [1, { a: 2 }] };
    const written = { schemaVersion: 2, mediaType: index, manifests: [other], annotations: { kept: 'yes' } };
    await withClient({}, async (client) => {
      const bytes = Buffer.from(JSON.stringify(written));
      await client.writer.pushManifest({ ...reference, tag }, { bytes, mediaType: index }, { signal });
      await attach(client, reference, subject, 'mine');
      const now = JSON.parse(manifests.get(`app:${tag}`)?.bytes.toString() ?? '') as typeof written;
      expect(now.manifests[0]).toEqual(other);
      expect(now.manifests.length).toBe(2);
      expect(now.annotations).toEqual({ kept: 'yes' });
      const image = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: emptyDescriptor, layers: [] }));
      await client.writer.pushManifest({ ...reference, tag }, { bytes: image, mediaType }, { signal });
      expect(await outcome(attach(client, reference, subject, 'mine'))).toContain('is no index');
      expect(manifests.get(`app:${tag}`)?.bytes.equals(image)).toBe(true);
    });
  });
});

describe('tokens and mounts', () => {
  const scopesOf = (asked: readonly string[]): readonly string[] =>
    asked.filter((line) => line.startsWith('TOKEN')).map((line) => line.slice(6));
  const run = async (
    options: MemoryOptions,
    mountFrom?: string,
  ): Promise<{ asked: readonly string[]; how: string }> => {
    const { host, asked } = await startMemoryRegistry({ tokens: true, ...options });
    const how = await withClient({}, async (client) => {
      const bytes = blobOf(Buffer.from('layer'));
      await client.writer.pushBlob(parseReference(`${host}/base:1`), bytes, { signal });
      const reference = parseReference(`${host}/app:1`);
      return client.writer.pushBlob(reference, bytes, { signal, ...(mountFrom === undefined ? {} : { mountFrom }) });
    });
    return { asked, how };
  };

  test('a mount asks to read the other repository and to write its own, and nothing else', async () => {
    const { asked, how } = await run({ mounts: true }, 'base');
    expect(how).toBe('mounted');
    expect(scopesOf(asked)).toEqual([
      'repository:base:pull,push',
      'repository:app:pull,push',
      'repository:app:pull,push repository:base:pull',
    ]);
  });

  test('a registry that does not mount gets the bytes', async () => {
    expect((await run({}, 'base')).how).toBe('uploaded');
  });

  test('a token to read is never asked to write', async () => {
    const { host, asked } = await startMemoryRegistry({ tokens: true });
    await withClient({}, async (client) => {
      await outcome(client.fetchManifest(parseReference(`${host}/app:1`), { signal }));
      await client.listReferrers(parseReference(`${host}/app:1`), digestOf(empty), { signal, maxEntries: 1 });
    });
    expect(scopesOf(asked)).toEqual(['repository:app:pull']);
  });
});

describe('where bytes go', () => {
  const content = blobOf(Buffer.from('layer'));
  const uploadVia = async (location: string): Promise<{ host: string; result: string }> => {
    const host = await startServer((request, response) => {
      if (request.headers.authorization === undefined)
        return answer(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
      if (request.method === 'HEAD') return answer(response, 404, {});
      if (request.method === 'POST') return answer(response, 202, {}, { location });
      return answer(response, 201, {});
    });
    const reference = parseReference(`${host}/app:1`);
    const push = withClient({ ...password(host) }, (client) => client.writer.pushBlob(reference, content, { signal }));
    return { host, result: await outcome(push) };
  };

  test('T32 an upload at another host gets the bytes and no authorization; what stands in its query stays as it is', async () => {
    const seen: string[] = [];
    const store = await startServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'anonymous'}`);
      answer(response, 201, {});
    });
    expect((await uploadVia(`http://${store}/put?sig=a%2Bb%3D&x=1`)).result).toBe('done');
    expect(seen).toEqual([`PUT /put?sig=a%2Bb%3D&x=1&digest=${encodeURIComponent(content.digest)} anonymous`]);
  });

  test.each([
    ['no address', 'http://['],
    ['a file', 'file:///etc/passwd'],
    ['a link-local address', 'http://169.254.169.254/latest'],
  ])('T31 a location that is %s is refused', async (_, location) => {
    expect((await uploadVia(location)).result).toMatch(/^registry\/(?:invalid-answer|blocked-address)/);
  });

  test('a write follows 307 with its body, and no redirect that would drop it', async () => {
    const bodies: string[] = [];
    const host = await startServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
        if (request.url?.endsWith('/kept') === true) return answer(response, 307, {}, { location: '/v2/app/there' });
        if (request.url?.endsWith('/lost') === true) return answer(response, 302, {}, { location: '/v2/app/there' });
        return answer(response, 201, {});
      });
    });
    await withClient({}, async (client) => {
      const put = (tag: string): Promise<string> => {
        const manifest = { bytes: Buffer.from('{}'), mediaType };
        return outcome(client.writer.pushManifest(parseReference(`${host}/app:${tag}`), manifest, { signal }));
      };
      expect(await put('kept')).toBe('done');
      expect(bodies.at(-1)).toBe('PUT /v2/app/there {}');
      expect(await put('lost')).toContain('status 302');
      expect(bodies.filter((line) => line.includes('there')).length).toBe(1);
    });
  });
});
