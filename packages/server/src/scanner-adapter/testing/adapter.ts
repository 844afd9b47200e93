// What tests of the adapter share: an image in a registry that wants tokens, a database of two feeds, and an adapter over both.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { buildFromDirectory, enrichments, feeds, openDatabase } from '@plombe/advisories';
import { writeTar } from '@plombe/formats/testing';
import type { Context } from '@plombe/model';
import { createRegistryClient, digestOf } from '@plombe/oci';
import { startMemoryRegistry } from '@plombe/oci/testing';
import { networkContext } from '@plombe/oci/testing/context';
import { registryOrigin, startScannerAdapter, type ScannerAdapterOptions } from '../adapter.ts';

const { signal } = new AbortController();

/** Builds a database for the tests of a file; it goes away with them. Call it once, outside of tests. */
export function useTestDatabase(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-adapter-'));
  beforeAll(() => build(folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { path: join(folder, 'db') };
}

/** A folder with a database, from the first test on. */
export interface TestDatabase {
  readonly path: string;
}

async function build(folder: string): Promise<void> {
  const write = (path: string, value: unknown): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(value));
  };
  const fillers = Array.from({ length: 250 }, (_, n) => ({
    pkg: { name: `filler-${n}`, secfixes: { '1-r1': [`CVE-2020-${10_000 + n}`] } },
  }));
  const openssl = { pkg: { name: 'openssl', secfixes: { '3.3.2-r0': ['CVE-2024-6119'] } } };
  write('feeds/alpine-secdb/v3.20/main.json', {
    distroversion: 'v3.20',
    reponame: 'main',
    packages: [openssl, ...fillers],
  });
  write('feeds/osv/npm/GHSA-1.json', {
    schema_version: '1.6.0',
    id: 'GHSA-1',
    aliases: ['CVE-2019-10744'],
    modified: new Date().toISOString(),
    summary: 'Prototype pollution',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'npm', name: 'lodash' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '4.17.12' }] }],
      },
    ],
    references: [
      { type: 'WEB', url: 'https://example.com/a' },
      { type: 'WEB', url: 'javascript:alert(1)' },
    ],
  });
  const ctx = networkContext();
  await buildFromDirectory({
    from: join(folder, 'feeds'),
    to: join(folder, 'db'),
    tool: 'test',
    lists: { feeds, enrichments },
    ctx,
  });
}

/** An image in a registry. */
export interface Place {
  readonly host: string;
  readonly digest: string;
}

/** A package that is known to be vulnerable. */
export const lodash = { path: 'srv/node_modules/lodash/package.json', content: '{"name":"lodash","version":"4.17.4"}' };
/** An Alpine with openssl and lodash. */
export const alpine = [
  { path: 'etc/os-release', content: 'ID=alpine\nVERSION_ID=3.20.3\n' },
  { path: 'lib/apk/db/installed', content: 'P:libssl3\nV:3.3.1-r3\nA:x86_64\no:openssl\n\n' },
  lodash,
];

/** An image of these files, in a registry of its own. */
export async function pushImage(files = alpine, tokens = true): Promise<Place> {
  const { host } = await startMemoryRegistry({ tokens });
  const client = createRegistryClient({ plainHttp: true }, networkContext());
  onTestFinished(() => client.close());
  const reference = { registry: host, repository: 'library/app', tag: '1' };
  const layer = writeTar(files);
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } }),
  );
  const described = [];
  for (const bytes of [config, layer]) {
    const content = { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] };
    await client.writer.pushBlob(reference, content, { signal });
    described.push({ digest: content.digest, size: bytes.length });
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const [first, second] = described;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...first },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...second }],
  };
  const digest = await client.writer.pushManifest(
    reference,
    { bytes: Buffer.from(JSON.stringify(manifest)), mediaType },
    { signal },
  );
  return { host, digest };
}

/** Starts an adapter that lets in with `t0ken`. */
export async function startTestAdapter(
  { path }: TestDatabase,
  registries: readonly string[],
  rest: Partial<ScannerAdapterOptions> = {},
  ctx: Context = networkContext(),
): Promise<string> {
  const adapter = await startScannerAdapter(
    {
      host: '127.0.0.1',
      port: 0,
      registries: registries.map(registryOrigin),
      tokens: ['t0ken'],
      parts: {
        network: {},
        inventory: {},
        version: '1.2.3',
        openDatabase: () => openDatabase(path, { clock: ctx.clock }),
        databaseBuiltAt: () => '2026-11-01T00:00:00.000Z',
      },
      ...rest,
    },
    ctx,
  );
  onTestFinished(() => adapter.close());
  return adapter.url;
}
