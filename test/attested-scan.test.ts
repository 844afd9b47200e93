// `plombe scan --attest --record` through the program itself: what was found becomes signed statements and records that say how far the scan got.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mebibyte } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { parseReference } from '@plombe/oci';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, hostileText, writeImages } from './support/images.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { pushLayout } from './support/push.ts';
import { openTestRegistry, registryKinds, type RegistryKind } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const layout = join(home, 'layout');
const { signal } = new AbortController();
/** Planted in every place of the environment that a scan may look at, and in the image's own (T24, T66). */
const canary = 'canary-6f1d2c';
const secrets = {
  AZURE_CLIENT_SECRET: canary,
  AZURE_TENANT_ID: canary,
  COSIGN_PASSWORD: canary,
  SOME_TOKEN: canary,
};

const plombe = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  run(args, { env: { PLOMBE_KEY_PASSWORD: 'right', ...secrets, ...env } });

const scan = (subject: string, ...args: readonly string[]): Promise<Outcome> =>
  plombe(['scan', subject, '--db', join(home, 'db'), '--cache', join(home, 'cache'), ...args]);

interface CustodyRecord {
  readonly sequence: number;
  readonly kind: string;
  readonly predicate: {
    readonly state: string;
    readonly causes: readonly { readonly code: string }[];
    readonly findings?: Readonly<Record<string, number>>;
    readonly packages?: number;
    readonly database?: { readonly digest: string };
    readonly report?: { readonly digest: string };
    readonly document?: { readonly digest: string };
    readonly attestation?: { readonly manifest: Digest; readonly statement: string; readonly predicateType: string };
  };
}

let ledgers = 0;
async function openLedger(): Promise<string> {
  ledgers += 1;
  const ledger = `ledger-${ledgers}`;
  const made = await plombe(['ledger', 'init', '--ledger', ledger, '--origin', 'example.com/scan']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  return ledger;
}

async function recordsOf(digest: string, ledger: string): Promise<readonly CustodyRecord[]> {
  const { stdout } = await plombe(['custody', 'show', digest, '--ledger', ledger, '-o', 'json']);
  return (JSON.parse(stdout) as { records: CustodyRecord[] }).records;
}

const sha256 = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const manifestOf = (): string =>
  (JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: { digest: string }[] }).manifests[0]
    ?.digest ?? '';

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  writeFeeds(join(home, 'old-feeds'), 12);
  const config = { Env: [`SECRET=${canary}-image`, `X=${hostileText}`], Labels: { note: hostileText } };
  await writeImages(
    layout,
    alpineImage('app', 'amd64', { config }),
    alpineImage('two', 'amd64'),
    alpineImage('two', 'arm64'),
  );
  await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', join(home, 'db')]);
  await plombe(['db', 'build', '--from', join(home, 'old-feeds'), '--db', join(home, 'old-db')]);
  const made = await plombe(['keys', 'generate', '--out', 'k']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
});

async function pushed(kind: RegistryKind): Promise<{
  host: string;
  reference: string;
  digest: Digest;
  client: Awaited<ReturnType<typeof openTestRegistry>>['client'];
}> {
  const { host, client } = await openTestRegistry(kind);
  const reference = `${host}/team/app:1`;
  const [digest] = await pushLayout(client, layout, 'app', reference);
  return { host, reference, digest: digest as Digest, client };
}

describe.each(registryKinds)('in %s', (kind) => {
  it.each(['bundle', 'tag'] as const)(
    '%s: inventory and scan are attested, recorded, exported and verified',
    async (format) => {
      const { host, reference, digest, client } = await pushed(kind);
      const ledger = await openLedger();
      const http = ['--plain-http', host];
      const flags = ['--attest', '--key', 'k.key', '--format', format, '--record', '--ledger', ledger];
      const report = join(home, `${format}.json`);
      const done = await scan(reference, ...http, ...flags, '-o', `json=${report}`, '-o', 'table');
      expect(done, done.stderr).toMatchObject({ code: 0 });
      expect(done.stdout).toContain('ASSESSED');
      expect(done.stderr).toBe(`plombe: attested inventory and scan and recorded them as 1 and 2 of ${digest}\n`);

      const statements: Record<string, { statement: { predicate: Record<string, unknown> } }> = {};
      for (const type of ['cyclonedx', 'vulns']) {
        const verify = [
          'verify-attestation',
          reference,
          '--type',
          type,
          '--key',
          'k.pub',
          '--plain-http',
          '-o',
          'json',
        ];
        const verified = await plombe(verify);
        expect(verified, verified.stderr).toMatchObject({ code: 0 });
        const [one] = (
          JSON.parse(verified.stdout) as { attestations: { statement: { predicate: Record<string, unknown> } }[] }
        ).attestations;
        statements[type] = one as { statement: { predicate: Record<string, unknown> } };
        expect(JSON.stringify(one)).toContain(digest.slice(7));
      }
      expect(statements['cyclonedx']?.statement.predicate).toMatchObject({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
      });
      const vulns = statements['vulns']?.statement.predicate as {
        scanner: {
          version: string;
          db: { version: string; lastUpdate: string };
          result: { id: string; severity: object[] }[];
        };
      };
      const saved = JSON.parse(readFileSync(report, 'utf8')) as {
        database: { digest: string; oldestData: string };
        scannedAt: string;
      };
      expect(vulns).toMatchObject({
        scanner: {
          uri: 'https://plombe.dev/plombe',
          version: '0.1.0',
          db: { version: saved.database.digest, lastUpdate: saved.database.oldestData },
        },
        metadata: { scanStartedOn: saved.scannedAt },
        assessment: { state: 'assessed', causes: [] },
        database: { digest: saved.database.digest, kind: 'built' },
      });
      expect(vulns.scanner.result.map(({ id }) => id).sort()).toEqual([
        'CVE-2019-10744',
        'CVE-2023-42363',
        'CVE-2023-42364',
        'CVE-2024-6119',
      ]);
      const lodash = vulns.scanner.result.find(({ id }) => id === 'CVE-2019-10744');
      expect(lodash).toMatchObject({
        severity: [{ score: 'critical' }, { method: 'cvss:3.1', score: '9.1' }],
        annotations: [{ package: 'lodash', version: '4.17.4', fixedVersions: ['4.17.12'] }],
      });

      const [inventory, scanned] = await recordsOf(digest, ledger);
      expect([inventory?.kind, scanned?.kind]).toEqual(['inventory', 'scan']);
      expect(inventory?.predicate).toMatchObject({ state: 'assessed', packages: 4, distribution: 'alpine 3.20.3' });
      expect(scanned?.predicate).toMatchObject({
        state: 'assessed',
        causes: [],
        findings: { critical: 1 },
        database: { digest: saved.database.digest },
        report: { digest: sha256(readFileSync(report)) },
      });
      for (const one of [inventory, scanned]) {
        const { manifest = '' as Digest, statement = '' } = one?.predicate.attestation ?? {};
        const found = await client.fetchManifest({ ...parseReference(reference), digest: manifest }, { signal });
        const layers = found.document.kind === 'manifest' ? found.document.layers : [];
        const payloads = await Promise.all(
          layers.map(async (layer) => {
            const bytes = await client.fetchBlob(parseReference(reference), layer, 32 * mebibyte, { signal });
            const envelope = JSON.parse(Buffer.from(bytes).toString()) as {
              payload?: string;
              dsseEnvelope?: { payload: string };
            };
            return sha256(Buffer.from(envelope.dsseEnvelope?.payload ?? envelope.payload ?? '', 'base64'));
          }),
        );
        expect(payloads).toContain(statement);
      }

      await plombe(['custody', 'export', digest, '--ledger', ledger, '--file', `${format}.jsonl`]);
      const checked = await plombe(['custody', 'verify', `${format}.jsonl`, '--vkey', `${ledger}/ledger.vkey`]);
      expect(checked).toMatchObject({ code: 0 });
      // T24 T66: nothing of any environment went anywhere.
      const ledgerFiles = readdirSync(join(home, ledger), { recursive: true, encoding: 'utf8' })
        .map((name) => join(home, ledger, name))
        .filter((path) => statSync(path).isFile());
      const everything = [...ledgerFiles, join(home, `${format}.jsonl`)].map((path) => readFileSync(path, 'latin1'));
      for (const text of [...everything, JSON.stringify(statements), done.stdout, done.stderr]) {
        expect(text).not.toContain(canary);
        expect(text).not.toContain(home);
      }
    },
  );

  it('a registry that refuses to write, and a key that is not there, give exit code 4 with the cause, and the reports are there', async () => {
    const { host, reference, digest } = await pushed(kind);
    const ledger = await openLedger();
    const closed = await readOnly(host);
    const cases = [
      [reference.replace(host, closed), 'k.key', /403.*\[registry\/forbidden\]/s],
      [reference, 'absent.key', /there is no file absent\.key.*\[source\/not-found\]/s],
    ] as const;
    for (const [subject, key, cause] of cases) {
      const report = join(home, `refused-${key}.json`);
      const flags = ['--attest', '--key', key, '--record', '--ledger', ledger, '-o', `json=${report}`];
      const outcome = await scan(subject, '--plain-http', host, '--plain-http', closed, ...flags);
      expect([outcome.code, outcome.stdout], outcome.stderr).toEqual([4, '']);
      expect(outcome.stderr).toMatch(cause);
      expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ state: 'assessed' });
    }
    expect(await recordsOf(digest, ledger)).toEqual([]);
  });
});

/** Serves what a registry has, and refuses every write. */
async function readOnly(host: string): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(403, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ errors: [{ code: 'DENIED', message: hostileText }] }));
    }
    const [hostname, port] = host.split(':');
    const { url: path, method, headers } = request;
    get({ hostname, port, path, method, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an index of platforms', () => {
  it('each platform is attested and recorded under its own digest', async () => {
    const { host, client } = await openTestRegistry(registryKinds[0] ?? 'memory');
    const reference = `${host}/team/two:1`;
    const [index] = await pushLayout(client, layout, 'two', reference);
    const ledger = await openLedger();
    const flags = ['--attest', '--key', 'k.key', '--record', '--ledger', ledger, '--all-platforms'];
    const report = join(home, 'two.json');
    const done = await scan(reference, ...flags, '--plain-http', '-o', `json=${report}`);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(done.stderr.trim().split('\n')).toHaveLength(2);
    for (const architecture of ['amd64', 'arm64']) {
      const saved = readFileSync(report.replace('.json', `.linux-${architecture}.json`), 'utf8');
      const { digest } = (JSON.parse(saved) as { subject: { digest: string } }).subject;
      expect(digest).not.toBe(index);
      const records = await recordsOf(digest, ledger);
      expect(records.map(({ sequence, kind }) => `${sequence} ${kind}`)).toEqual(['1 inventory', '2 scan']);
      expect(records[0]?.predicate).toMatchObject({ platform: `linux/${architecture}` });
      const verify = ['verify-attestation', `${host}/team/two@${digest}`, '--type', 'vulns', '--key', 'k.pub'];
      expect(await plombe([...verify, '--plain-http'])).toMatchObject({ code: 0 });
    }
    expect(await recordsOf(index ?? '', ledger)).toEqual([]);
  });
});

describe('records of an image that is in no registry', () => {
  const subject = `oci:${layout}:app`;

  it('are kept under its manifest digest, each time anew', async () => {
    const ledger = await openLedger();
    for (const expected of ['1 and 2', '3 and 4']) {
      const done = await scan(subject, '--record', '--ledger', ledger);
      expect(done, done.stderr).toMatchObject({ code: 0 });
      expect(done.stderr).toContain(`recorded them as ${expected} of ${manifestOf()}`);
    }
    const records = await recordsOf(manifestOf(), ledger);
    expect(records.map(({ sequence, kind }) => `${sequence} ${kind}`)).toEqual([
      '1 inventory',
      '2 scan',
      '3 inventory',
      '4 scan',
    ]);
    expect(records[0]?.predicate.document).toEqual(records[2]?.predicate.document);
    expect(records[0]?.predicate.attestation).toBeUndefined();
    const quiet = await scan(subject, '--record', '--ledger', ledger, '--quiet');
    expect(quiet.stderr).toBe('');
  });

  it('say so where a scan is stale, and count nothing where it could say nothing', async () => {
    const ledger = await openLedger();
    const args = ['--cache', join(home, 'cache'), '--record', '--ledger', ledger];
    expect((await plombe(['scan', subject, '--db', join(home, 'old-db'), ...args])).code).toBe(3);
    const empty = join(home, 'empty');
    await writeImages(empty, alpineImage('app', 'amd64', { layers: [] }));
    expect((await plombe(['scan', `oci:${empty}`, '--db', join(home, 'db'), ...args])).code).toBe(3);
    const [, stale] = await recordsOf(manifestOf(), ledger);
    expect(stale?.predicate).toMatchObject({ state: 'stale', findings: { critical: 1 } });
    expect(stale?.predicate.causes[0]?.code).toBe('feed/stale');
    const index = JSON.parse(readFileSync(join(empty, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
    const [inventory, nothing] = await recordsOf(index.manifests[0]?.digest ?? '', ledger);
    expect([inventory?.predicate.state, nothing?.predicate.state]).toEqual(['unassessable', 'unassessable']);
    expect(nothing?.predicate.findings).toBeUndefined();
    expect(nothing?.predicate.causes.length).toBeGreaterThan(0);
  });

  it('a ledger that is not there gives exit code 4, and the report is written all the same', async () => {
    const report = join(home, 'no-ledger.json');
    const outcome = await scan(subject, '--record', '--ledger', 'nowhere', '-o', `json=${report}`);
    expect([outcome.code, outcome.stdout]).toEqual([4, '']);
    expect(outcome.stderr).toContain('[ledger/missing]');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ state: 'assessed' });
  });
});

describe('mistakes are said before the work', () => {
  const image = `oci:${layout}:app`;
  it.each<[string, readonly string[], string]>([
    ['--attest without a key', ['localhost:1/a', '--attest'], '--attest needs a key'],
    ['a key without --attest', [image, '--key', 'k.key'], '--key belongs to --attest'],
    ['a time stamp without --attest', [image, '--timestamp-url', 'http://x'], '--timestamp-url belongs to --attest'],
    ['--record without a ledger', [image, '--record'], '--record and --ledger DIR belong together'],
    ['a ledger without --record', [image, '--ledger', 'x'], '--record and --ledger DIR belong together'],
    ['--attest of a layout', [image, '--attest', '--key', 'k.key'], 'is in no registry'],
    ['--attest of a folder', [layout, '--attest', '--key', 'k.key'], 'is in no registry'],
    ['--attest of package URLs', ['pkg:npm/a@1', '--attest', '--key', 'k.key'], 'is in no registry'],
    ['--record of a folder', ['dir:/nowhere', '--record', '--ledger', 'x'], 'has no manifest'],
    ['a key that is none', ['localhost:1/a', '--attest', '--key', 'env://NOTHING'], 'NOTHING holds no key'],
    ['an unknown format', ['localhost:1/a', '--attest', '--key', 'k.key', '--format', 'jws'], 'bundle, tag'],
  ])('%s', async (_, args, message) => {
    const outcome = await plombe(['scan', ...args]);
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain(message);
  });

  it('a wrong passphrase', async () => {
    const outcome = await plombe(['scan', 'localhost:1/a', '--attest', '--key', 'k.key'], {
      PLOMBE_KEY_PASSWORD: canary,
    });
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain('[trust/key-passphrase]');
    expect(outcome.stderr).not.toContain(canary);
  });

  it('a folder without digest is told where only reading shows it', async () => {
    const ledger = await openLedger();
    const outcome = await scan(home, '--record', '--ledger', ledger);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('has no manifest');
  });
});
