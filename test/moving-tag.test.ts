// T34: a tag that moves while an image is scanned, through the program itself, against a registry in this process.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeTar } from '@plombe/formats/testing';
import { writeFeeds } from './support/feeds.ts';
import { apkInstalled, osRelease } from './support/images.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const database = join(home, 'db');
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const blobs = new Map<string, Buffer>();
const types = new Map<string, string>();

function blob(value: object, mediaType: string): { mediaType: string; digest: string; size: number } {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  blobs.set(digest, bytes);
  types.set(digest, mediaType);
  return { mediaType, digest, size: bytes.length };
}

/** An image whose only package says which one it is, for two platforms. */
function imageNamed(name: string): { index: string; manifests: string[] } {
  const manifests = ['amd64', 'arm64'].map((architecture) => {
    const content = apkInstalled({ [`${name}-${architecture}`]: '1.0-r0' });
    const tar = writeTar([osRelease, { path: 'lib/apk/db/installed', content }]);
    const layer = blob(tar, 'application/vnd.oci.image.layer.v1.tar');
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = blob({ architecture, os: 'linux', rootfs }, 'application/vnd.oci.image.config.v1+json');
    const manifest = blob({ schemaVersion: 2, mediaType: manifestType, config, layers: [layer] }, manifestType);
    return { ...manifest, platform: { os: 'linux', architecture } };
  });
  const index = blob({ schemaVersion: 2, mediaType: indexType, manifests }, indexType);
  return { index: index.digest, manifests: manifests.map(({ digest }) => digest) };
}

const good = imageNamed('good');
const evil = imageNamed('evil');
const asked: string[] = [];
let server: Server;
let registry = '';

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
  // The tag is the good image for the first who asks, and the evil one from then on.
  server = createServer((request, response) => {
    const [, kind = '', name = ''] = /^\/v2\/app\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    if (kind === 'manifests') asked.push(name);
    const digest = name.startsWith('sha256:')
      ? name
      : asked.filter((one) => one === name).length > 1
        ? evil.index
        : good.index;
    const bytes = blobs.get(digest);
    if (request.url === '/v2/') return void response.end('{}');
    if (bytes === undefined) return void response.writeHead(404).end();
    const type = types.get(digest) ?? '';
    return void response.writeHead(200, { 'content-type': type, 'docker-content-digest': digest }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => void asked.splice(0));

const scan = (...args: readonly string[]): Promise<Outcome> =>
  plombe([
    'scan',
    `registry:${registry}/app:1`,
    '--plain-http',
    registry,
    '--db',
    database,
    '--cache',
    join(home, 'cache'),
    ...args,
  ]);

interface Report {
  readonly subject: { readonly digest: string; readonly indexDigest: string; readonly reference: string };
  readonly packages: readonly { readonly name: string }[];
}

describe('T34 a tag that moves while it is scanned', () => {
  it('is resolved once, and all that is read is of the digest it had', async () => {
    const { code, stdout, stderr } = await scan('--platform', 'linux/arm64', '-o', 'json');
    expect([code, stderr]).toEqual([0, '']);
    const { subject, packages } = JSON.parse(stdout) as Report;
    expect(packages.map(({ name }) => name)).toEqual(['good-arm64']);
    expect([subject.indexDigest, subject.digest]).toEqual([good.index, good.manifests[1]]);
    expect(subject.reference).toBe(`${registry}/app:1@${good.index}`);
    expect(asked).toEqual(['1', good.manifests[1]]);
  });

  it('is resolved once for all platforms', async () => {
    const { code, stdout } = await scan('--all-platforms', '-o', 'cyclonedx');
    expect(code).toBe(0);
    expect(stdout).toContain('good-amd64');
    expect(stdout).toContain('good-arm64');
    expect(stdout).not.toContain('evil');
    expect(asked).toEqual(['1', ...good.manifests]);
  });
});
