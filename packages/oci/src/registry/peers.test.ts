import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Image } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { writeLayout } from '../sinks/layout/write.ts';
import { temporaryFolder } from '../sources/testing/context.ts';
import { digestOf } from '../manifest/verify.ts';
import { parseReference } from '../reference/reference.ts';
import { createAuthority } from '../testing/certificates.ts';
import { networkContext } from '../testing/context.ts';
import { hasProgram, skopeoCopy, startCrane, startRegistry } from '../testing/peers.ts';
import { createRegistryClient, type RegistryClient, type RegistryOptions } from './client.ts';
import { listPlatforms, openAllPlatforms, openRegistryImage } from './image.ts';

const missing = ['docker-registry', 'skopeo', 'openssl'].filter((name) => !hasProgram(name));
if (missing.length > 0) console.warn(`SKIPPED: real registries (missing: ${missing.join(', ')})`);

const signal = new AbortController().signal;
const ctx = networkContext();
/** user:secret, bcrypt. */
const htpasswd = 'user:$2b$05$N.hfaFUX6iTuzSJphfpzGOK3DqXyNvz3Q.Grm2D8aY0VY8H7vMAPO\n';

async function writeTestLayout(compression: 'gzip' | 'zstd' = 'gzip'): Promise<string> {
  const folder = temporaryFolder();
  const layer = (size: number) => ({
    tar: [randomBytes(size), new Uint8Array(1024)],
    compression,
    createdBy: `RUN ${size}`,
  });
  await writeLayout(
    folder,
    [
      { name: 'x', platform: { os: 'linux', architecture: 'amd64' }, layers: [layer(3_000_000), layer(10)] },
      { name: 'x', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' }, layers: [layer(512)] },
    ],
    { signal },
  );
  return folder;
}

async function withClient<T>(options: RegistryOptions, use: (client: RegistryClient) => Promise<T>): Promise<T> {
  const client = createRegistryClient({ retry: { attempts: 1 }, ...options }, ctx);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message} ${thrown.remedy}`;
    throw thrown;
  }
  return 'done';
}

async function check(image: Image): Promise<void> {
  for (const layer of image.layers) {
    if (layer.content.kind !== 'tar') throw new Error(layer.content.kind);
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer.content.open({ signal })) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    expect([digestOf(bytes), bytes.length]).toEqual([layer.digest, layer.sizeBytes]);
    expect(digestOf(bytes[0] === 0x1f ? gunzipSync(bytes) : zstdDecompressSync(bytes))).toBe(layer.diffID);
  }
}

describe.skipIf(missing.length > 0)("docker's registry filled by skopeo", () => {
  test('pulls by tag and digest, chooses and lists platforms', async () => {
    const host = await startRegistry({ folder: temporaryFolder() });
    skopeoCopy(`oci:${await writeTestLayout()}:x`, `docker://${host}/team/app:1`);
    await withClient({ plainHttp: [host] }, async (client) => {
      const reference = parseReference(`${host}/team/app:1`);
      await client.ping(host, { signal });
      const image = await openRegistryImage(
        reference,
        { client, platform: { os: 'linux', architecture: 'amd64' } },
        ctx,
      );
      await check(image);
      expect(image.layers.map((layer) => layer.createdBy)).toEqual(['RUN 3000000', 'RUN 10']);
      expect(image.indexDigest).toBeDefined();
      const again = parseReference(`${host}/team/app:other@${image.digest}`);
      expect((await openRegistryImage(again, { client }, ctx)).configDigest).toBe(image.configDigest);
      const all = await openAllPlatforms(reference, { client }, ctx);
      expect(all.map((one) => one.platform?.architecture)).toEqual(['amd64', 'arm64']);
      for (const one of all) await check(one);
      expect((await listPlatforms(reference, { client }, ctx)).map(({ architecture }) => architecture)).toEqual([
        'amd64',
        'arm64',
      ]);
      expect(await client.listTags(reference, { signal })).toEqual(['1']);
      expect(await client.listRepositories(host, { signal })).toEqual(['team/app']);
      const none = { descriptors: [], complete: true };
      const about = image.digest ?? digestOf(Buffer.of());
      expect(await client.listReferrers(reference, about, { signal, maxEntries: 9 })).toEqual(none);
      expect(await codeOf(client.fetchManifest(parseReference(`${host}/team/app:2`), { signal }))).toContain(
        'registry/not-found',
      );
      const s390x = { os: 'linux', architecture: 's390x' };
      expect(await codeOf(openRegistryImage(reference, { client, platform: s390x }, ctx))).toContain('linux/arm64');
    });
    expect(await codeOf(withClient({}, (client) => client.ping(host, { signal })))).toContain('--plain-http');
  });

  test('reads docker schema 2 and zstd layers', async () => {
    const host = await startRegistry({ folder: temporaryFolder() });
    skopeoCopy(`oci:${await writeTestLayout()}:x`, `docker://${host}/v2s2:1`, '--format', 'v2s2');
    skopeoCopy(`oci:${await writeTestLayout('zstd')}:x`, `docker://${host}/zstd:1`);
    await withClient({ plainHttp: [host] }, async (client) => {
      for (const name of ['v2s2', 'zstd']) {
        for (const image of await openAllPlatforms(parseReference(`${host}/${name}:1`), { client }, ctx))
          await check(image);
      }
    });
  });

  test('logs in with basic authentication, from the options and from a docker config', async () => {
    const folder = temporaryFolder();
    const host = await startRegistry({ folder, htpasswd });
    skopeoCopy(`oci:${await writeTestLayout()}:x`, `docker://${host}/app:1`, '--dest-creds', 'user:secret');
    const reference = parseReference(`${host}/app:1`);
    const plainHttp = [host];
    const fetch = (options: RegistryOptions): Promise<string> =>
      codeOf(withClient({ plainHttp, ...options }, (client) => client.fetchManifest(reference, { signal })));
    const password = (value: string) => ({ [host]: { kind: 'password', username: 'user', password: value } }) as const;
    expect(await fetch({ credentials: password('secret') })).toBe('done');
    expect(await fetch({ credentials: password('wrong') })).toContain('registry/unauthorized');
    expect(await fetch({})).toContain('wants a user and password');
    writeFileSync(
      `${folder}/config.json`,
      JSON.stringify({ auths: { [host]: { auth: Buffer.from('user:secret').toString('base64') } } }),
    );
    expect(await fetch({ authFiles: [`${folder}/absent.json`, `${folder}/config.json`] })).toBe('done');
    execFileSync('skopeo', [
      'login',
      '--tls-verify=false',
      '-u',
      'user',
      '-p',
      'secret',
      '--authfile',
      `${folder}/auth.json`,
      host,
    ]);
    expect(await fetch({ authFiles: [`${folder}/auth.json`] })).toBe('done');
  });

  test('T39 TLS: self-signed, wrong name and expired are refused, an extra authority is accepted', async () => {
    const folder = temporaryFolder();
    const authority = createAuthority(folder);
    const good = await startRegistry({ folder: temporaryFolder(), tls: authority.issue('good', 'IP:127.0.0.1') });
    const wrong = await startRegistry({
      folder: temporaryFolder(),
      tls: authority.issue('wrong', 'DNS:other.example'),
    });
    const expired = await startRegistry({
      folder: temporaryFolder(),
      tls: authority.issue('old', 'IP:127.0.0.1', true),
    });
    const ping = (host: string, options: RegistryOptions): Promise<string> =>
      codeOf(withClient(options, (client) => client.ping(host, { signal })));
    const caFiles = [authority.caFile];
    expect(await ping(good, {})).toContain('registry/tls');
    expect(await ping(good, { caFiles })).toBe('done');
    expect(await ping(wrong, { caFiles })).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await ping(expired, { caFiles })).toContain('CERT_HAS_EXPIRED');
    expect(await ping(good, { caFiles: [`${folder}/absent.pem`] })).toContain('config/invalid');
  });
});

if (!hasProgram('crane')) console.warn('SKIPPED: the registry of crane (missing: crane)');

describe.skipIf(!hasProgram('crane') || missing.length > 0)('the registry of crane', () => {
  test('gives images, says what an artifact is, and lists referrers by their fallback tag', async () => {
    const host = await startCrane();
    skopeoCopy(`oci:${await writeTestLayout()}:x`, `docker://${host}/app:1`);
    const push = async (tag: string, document: Readonly<Record<string, unknown>>): Promise<Buffer> => {
      const body = Buffer.from(JSON.stringify(document));
      const headers = { 'content-type': String(document['mediaType']) };
      const answer = await fetch(`http://${host}/v2/app/manifests/${tag}`, { method: 'PUT', body, headers });
      expect(answer.status).toBe(201);
      return body;
    };
    const config = Buffer.from('{}');
    const blob = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(config), size: config.length };
    await fetch(`http://${host}/v2/app/blobs/uploads/?digest=${blob.digest}`, { method: 'POST', body: config });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const artifactType = 'application/vnd.example.signature';
    const signature = await push('sig', {
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: blob,
      layers: [blob],
    });
    await withClient({ plainHttp: true }, async (client) => {
      const reference = parseReference(`${host}/app:1`);
      for (const image of await openAllPlatforms(reference, { client }, ctx)) await check(image);
      const artifact = openRegistryImage(parseReference(`${host}/app:sig`), { client }, ctx);
      expect(await codeOf(artifact)).toContain(`artifact of type "${artifactType}"`);
      const { digest } = await client.fetchManifest(reference, { signal });
      const manifests = [{ mediaType, artifactType, digest: digestOf(signature), size: signature.length }];
      const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
      await push(digest.replace(':', '-'), index);
      const { descriptors } = await client.listReferrers(reference, digest, { signal, maxEntries: 9 });
      expect(descriptors.map((entry) => entry.digest)).toEqual([digestOf(signature)]);
    });
  });
});
