// The client against adapters that are old, slow, wrong or hostile; its requests are held to every version of the specification.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseDigest, type Digest } from '@plombe/model';
import { networkContext } from '@plombe/oci/testing/context';
import { startServer } from '@plombe/oci/testing/server';
import { scannerSpecification } from '../testing/harbor/scanner-specification.ts';
import { openScannerClient, type ScannerClient } from './client.ts';
import { readScannerReport } from './findings.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`) as Digest;
const manifest = 'application/vnd.oci.image.manifest.v1+json';
const native = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
const generic = 'application/vnd.security.vulnerability.report; version=1.1';
const task = {
  registryUrl: 'https://registry.example',
  repository: 'library/app',
  digest,
  tag: '1',
  mediaType: manifest,
};
const { signal } = new AbortController();
const specifications = (['1.0', '1.1', '1.2'] as const).map(scannerSpecification);

interface Script {
  readonly metadata?: unknown;
  /** Answers to the questions for the report, in order; the last again and again. */
  readonly reports?: readonly {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }[];
  readonly accept?: { readonly status: number; readonly body: string };
}

const able = (produces: readonly string[], type?: string): unknown => ({
  scanner: { name: 'Other', vendor: 'Somebody', version: '9' },
  capabilities: [
    { ...(type === undefined ? {} : { type }), consumes_mime_types: [manifest], produces_mime_types: produces },
  ],
});

const report = (rest: object = {}): string =>
  JSON.stringify({
    generated_at: '2026-03-09T11:40:28.154072066Z',
    artifact: { repository: 'library/app', digest, mime_type: manifest },
    scanner: { name: 'Other', vendor: 'Somebody', version: '9' },
    severity: 'High',
    vulnerabilities: [
      { id: 'CVE-2', package: 'a', version: '1', severity: 'Low' },
      {
        id: 'CVE-1',
        package: 'libcrypto1.1',
        version: '1.1.1c-r0',
        fix_version: '1.1.1g-r0, 1.1.2',
        severity: 'High',
        description: 'A flaw',
        links: ['https://example.com/1', 'javascript:alert(1)'],
        preferred_cvss: { score_v3: 7.5, vector_v3: 'CVSS:3.1/AV:N', score_v2: 5, vector_v2: 'AV:N' },
      },
      {
        id: 'CVE-3',
        package: 'b',
        version: '1',
        severity: 'Dreadful',
        preferred_cvss: { score_v2: 5, vector_v2: 'AV:N/AC:L' },
      },
    ],
    ...rest,
  });

async function start(script: Script): Promise<{ client: ScannerClient; asked: string[] }> {
  const asked: string[] = [];
  let questions = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    const end = (status: number, headers: Record<string, string>, text = ''): void => {
      response.writeHead(status, headers);
      response.end(text);
    };
    if (request.url === '/api/v1/metadata')
      return end(200, {}, JSON.stringify(script.metadata ?? able([generic, native])));
    if (request.url === '/api/v1/scan') {
      const { status, body: text } = script.accept ?? { status: 202, body: '{"id":"a b/c"}' };
      const exchange = {
        method: 'POST',
        path: '/scan',
        request: JSON.parse(body) as unknown,
        requestType: request.headers['content-type'] ?? '',
        status: 202,
        type: 'application/vnd.scanner.adapter.scan.response+json; version=1.0',
        body: { id: '1' },
      };
      for (const check of specifications) if (check !== undefined) expect(check(exchange)).toEqual([]);
      return end(status, {}, text);
    }
    const reports = script.reports ?? [{ status: 200, body: report() }];
    const answer = reports[Math.min(questions, reports.length - 1)] ?? { status: 404 };
    questions += 1;
    return end(answer.status, answer.headers ?? {}, answer.body);
  };
  const host = await startServer((request, response) => void handle(request, response));
  const client = openScannerClient(
    { url: `http://${host}/`, authorization: 'Bearer own', network: {}, retry: { attempts: 3, baseMs: 1 } },
    networkContext(),
  );
  onTestFinished(() => client.close());
  return { client, asked };
}

describe('openScannerClient', () => {
  it('waits for the report as it is told, and gives findings under the name of the scanner', async () => {
    const later = { status: 302, headers: { 'refresh-after': '0', location: 'http://169.254.169.254/' } };
    const { client, asked } = await start({ reports: [later, later, { status: 200, body: report() }] });
    const { findings, scanner, incomplete } = await client.scan(task, signal);
    expect(scanner).toEqual({ name: 'Other', vendor: 'Somebody', version: '9' });
    expect(incomplete).toBeUndefined();
    const source = 'scanner:Other';
    const high = { author: source, word: 'high', score: 7.5, vector: 'CVSS:3.1/AV:N' };
    expect(findings).toEqual([
      {
        source,
        vulnerability: 'CVE-1',
        aliases: [],
        packageName: 'libcrypto1.1',
        packageVersion: '1.1.1c-r0',
        status: 'affected',
        severity: high,
        severities: [high],
        fixedVersions: ['1.1.1g-r0', '1.1.2'],
        summary: 'A flaw',
        references: ['https://example.com/1'],
      },
      expect.objectContaining({ vulnerability: 'CVE-2', severity: { author: source, word: 'low' } }),
      expect.objectContaining({
        vulnerability: 'CVE-3',
        severity: { author: source, word: 'unknown', score: 5, vector: 'AV:N/AC:L' },
      }),
    ]);
    expect(asked).toEqual([
      'GET /api/v1/metadata Bearer own',
      'POST /api/v1/scan Bearer own',
      ...Array.from({ length: 3 }, () => 'GET /api/v1/scan/a%20b%2Fc/report Bearer own'),
    ]);
  });

  it('asks an adapter of version 1.0 for what it has', async () => {
    const { client } = await start({ metadata: able([native]) });
    expect((await client.scan(task, signal)).findings).toHaveLength(3);
  });

  it.each<[string, Script, string, RegExp]>([
    [
      'SBOMs alone',
      { metadata: able(['application/vnd.security.sbom.report+json; version=1.0'], 'sbom') },
      'scanner/refused',
      /reads no/,
    ],
    [
      'no report that is known',
      { metadata: able(['application/vnd.scanner.adapter.vuln.report.raw']) },
      'scanner/refused',
      /writes no report/,
    ],
    ['metadata that are none', { metadata: [] }, 'registry/invalid-answer', /no JSON object/],
    [
      'a request refused',
      { accept: { status: 422, body: '{"error":{"message":"invalid registry_url"}}' } },
      'scanner/refused',
      /invalid registry_url/,
    ],
    ['a login refused', { accept: { status: 401, body: '' } }, 'registry/unauthorized', /refuses the login/],
    ['no id', { accept: { status: 202, body: '{}' } }, 'registry/invalid-answer', /no id/],
    [
      'an id of half a character',
      { accept: { status: 202, body: '{"id":"\\ud800"}' } },
      'registry/invalid-answer',
      /no id/,
    ],
    ['an id that climbs', { accept: { status: 202, body: '{"id":".."}' } }, 'registry/invalid-answer', /no id/],
    [
      'a scan that failed',
      { reports: [{ status: 500, body: '{"error":{"message":"no such image \\u001b[31m"}}' }] },
      'scanner/refused',
      /no such image \\u\{1b\}/,
    ],
    ['a scan that is forgotten', { reports: [{ status: 404 }] }, 'scanner/refused', /404/],
    ['a server that is down', { reports: [{ status: 503 }] }, 'registry/unreachable', /503/],
    [
      'a report about another image',
      { reports: [{ status: 200, body: report({ artifact: { digest: `sha256:${'b'.repeat(64)}` } }) }] },
      'registry/invalid-answer',
      /not about/,
    ],
    ['a report that is none', { reports: [{ status: 200, body: '<html>' }] }, 'registry/invalid-answer', /no JSON/],
    [
      'a report without a list',
      { reports: [{ status: 200, body: '{"vulnerabilities":"none"}' }] },
      'registry/invalid-answer',
      /no list/,
    ],
  ])('refuses %s', async (_, script, code, message) => {
    const { client } = await start(script);
    await expect(client.scan(task, signal)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('asks again where the server was busy', async () => {
    const busy = { status: 429, headers: { 'retry-after': '0' } };
    const { client } = await start({ reports: [busy, { status: 200, body: report() }] });
    expect((await client.scan(task, signal)).findings).toHaveLength(3);
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const { client } = await start({ reports: [{ status: 302, headers: { 'refresh-after': '100' } }] });
    const scan = client.scan(task, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(scan).rejects.toThrow();
  });

  it.each(['ftp://x', 'https://user:pw@host', 'host:8080', 'https://host/?a=b'])('takes %s for no address', (url) => {
    expect(() => openScannerClient({ url, network: {} }, networkContext())).toThrow(/no address of a scanner/);
  });
});

describe('readScannerReport', () => {
  it('knows where another Plombe could not compare everything', () => {
    const own = { state: 'partial', causes: [{ code: 'feed/missing', message: 'No data for Alpine.' }] };
    const marked = { id: 'PLOMBE-INCOMPLETE', package: 'plombe', version: 'partial', severity: 'Unknown' };
    const read = readScannerReport(report({ plombe: own, vulnerabilities: [marked] }), digest);
    expect(read).toMatchObject({ findings: [], incomplete: { state: 'partial', causes: ['No data for Alpine.'] } });
  });
});
