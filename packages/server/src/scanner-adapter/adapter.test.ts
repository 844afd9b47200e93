// The adapter over a real socket, a real image in a registry that wants tokens, and a database built here; every exchange is held to the specification.
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scannerSpecification } from '@plombe/connectors/testing/scanner-specification';
import { digestOf } from '@plombe/oci';
import { startMemoryRegistry } from '@plombe/oci/testing';
import { networkContext } from '@plombe/oci/testing/context';
import { startServer } from '@plombe/oci/testing/server';
import { reportTypes } from './media-types.ts';
import { lodash, pushImage, startTestAdapter, useTestDatabase, type Place } from './testing/adapter.ts';

const database = useTestDatabase();
const start = (
  registries: readonly string[],
  ...rest: readonly [Parameters<typeof startTestAdapter>[2]?, Parameters<typeof startTestAdapter>[3]?]
): Promise<string> => startTestAdapter(database, registries, ...rest);
const check = scannerSpecification('1.2');
const older = [scannerSpecification('1.0'), scannerSpecification('1.1')];
const { signal } = new AbortController();
const requestType = 'application/vnd.scanner.adapter.scan.request+json; version=1.1';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly id?: string };
  readonly text: string;
}

/** Sends a request and holds the exchange to the specification. */
async function ask(
  base: string,
  path: string,
  init: { readonly body?: unknown; readonly headers?: Record<string, string>; readonly checked?: boolean } = {},
): Promise<Answered> {
  const { body, headers = {}, checked = true } = init;
  const method = body === undefined ? 'GET' : 'POST';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: 'Bearer t0ken',
      ...(body === undefined ? {} : { 'content-type': requestType }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  const type = response.headers.get('content-type') ?? undefined;
  const parsed: unknown = answer === '' ? undefined : type === reportTypes.raw ? answer : JSON.parse(answer);
  if (checked && check !== undefined) {
    const exchange = {
      method,
      path: path.replace(/\?.*/, ''),
      status: response.status,
      ...(type === undefined ? {} : { type }),
      ...(parsed === undefined ? {} : { body: parsed }),
      ...(body === undefined || typeof body === 'string' || response.status !== 202
        ? {}
        : { request: body, requestType }),
    };
    expect(check(exchange), `${path} ${answer.slice(0, 300)}`).toEqual([]);
  }
  return { status: response.status, headers: response.headers, body: (parsed ?? {}) as Answered['body'], text: answer };
}

const basic = `Basic ${Buffer.from('robot$scanner:pw').toString('base64')}`;
const order = ({ host, digest }: Place, rest: object = {}): object => ({
  registry: { url: `http://${host}`, authorization: basic },
  artifact: { repository: 'library/app', digest, tag: '1', mime_type: 'application/vnd.oci.image.manifest.v1+json' },
  ...rest,
});

/** Asks until the scan is over, as Harbor does, but at once. */
async function reportOf(base: string, id: string | undefined, accept: string, query = ''): Promise<Answered> {
  for (;;) {
    const answer = await ask(base, `/scan/${id}/report${query}`, { headers: { accept } });
    if (answer.status !== 302) return answer;
    expect(answer.headers.get('refresh-after')).toBe('5');
  }
}

describe('the scanner adapter', () => {
  it('says what it is and can, in both versions of the format', async () => {
    const base = await start(['https://harbor.example']);
    const { body, headers } = await ask(base, '/metadata', {
      headers: { accept: 'application/vnd.scanner.adapter.metadata+json; version=1.1' },
    });
    expect(headers.get('content-type')).toContain('version=1.1');
    expect(body).toMatchObject({
      scanner: { name: 'Plombe', version: '1.2.3' },
      capabilities: [
        { type: 'vulnerability' },
        {
          type: 'sbom',
          additional_attributes: { sbom_media_types: ['application/spdx+json', 'application/vnd.cyclonedx+json'] },
        },
      ],
      properties: { 'harbor.scanner-adapter/vulnerability-database-updated-at': '2026-11-01T00:00:00.000Z' },
    });
    const old = await ask(base, '/metadata', {
      headers: { accept: 'application/vnd.scanner.adapter.metadata+json; version=1.0' },
    });
    expect(old.headers.get('content-type')).toContain('version=1.0');
  });

  it('scans an image and writes every report, as each version describes them', async () => {
    const image = await pushImage();
    const base = await start([`http://${image.host}`]);
    const accepted = await ask(base, '/scan', { body: order(image) });
    expect(accepted.status).toBe(202);
    const generic = await reportOf(base, accepted.body.id, reportTypes.generic);
    expect(generic.body).toMatchObject({
      artifact: { repository: 'library/app', digest: image.digest, tag: '1' },
      scanner: { name: 'Plombe', vendor: 'Plombe', version: '1.2.3' },
      plombe: { state: 'assessed', causes: [] },
    });
    const items = generic.body['vulnerabilities'] as Record<string, unknown>[];
    expect(items.map(({ id, package: name, version, fix_version: fix }) => [id, name, version, fix])).toEqual([
      ['CVE-2019-10744', 'lodash', '4.17.4', '4.17.12'],
      ['CVE-2024-6119', 'openssl', '3.3.1-r3', '3.3.2-r0'],
    ]);
    expect(items.find(({ id }) => id === 'CVE-2019-10744')).toMatchObject({
      severity: 'Critical',
      description: 'Prototype pollution',
      preferred_cvss: { score_v3: 9.1, vector_v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H' },
      vendor_attributes: { plombe: { aliases: ['GHSA-1'], status: 'affected' } },
    });
    expect(JSON.stringify(generic.body)).not.toContain('javascript:');
    const native = await reportOf(base, accepted.body.id, reportTypes.native);
    expect(native.body['vulnerabilities']).toHaveLength(2);
    for (const [index, specification] of older.entries()) {
      const type = index === 0 ? reportTypes.native : reportTypes.generic;
      const body = index === 0 ? native.body : generic.body;
      const path = '/scan/1/report';
      if (specification !== undefined)
        expect(specification({ method: 'GET', path, status: 200, type, body })).toEqual([]);
    }
    const raw = await reportOf(base, accepted.body.id, reportTypes.raw);
    expect(JSON.parse(raw.text)).toMatchObject({ schemaVersion: 1, state: 'assessed' });
    const spdx = await reportOf(base, accepted.body.id, reportTypes.sbom, '?sbom_media_type=application/spdx%2Bjson');
    expect(spdx.body).toMatchObject({ media_type: 'application/spdx+json', sbom: { spdxVersion: 'SPDX-2.3' } });
    const cyclonedx = await reportOf(
      base,
      accepted.body.id,
      reportTypes.sbom,
      '?sbom_media_type=application/vnd.cyclonedx%2Bjson',
    );
    expect(cyclonedx.body).toMatchObject({ sbom: { bomFormat: 'CycloneDX' } });
    // Without Accept it is the oldest format.
    const bare = await ask(base, `/scan/${accepted.body.id}/report`);
    expect(bare.headers.get('content-type')).toBe(reportTypes.native);
  });

  it('writes only the reports that were wanted, and says what it cannot', async () => {
    const image = await pushImage();
    const base = await start([`http://${image.host}`]);
    const sbom = {
      type: 'sbom',
      produces_mime_types: [reportTypes.sbom],
      parameters: { sbom_media_types: ['application/spdx+json'] },
    };
    const { body } = await ask(base, '/scan', { body: order(image, { enabled_capabilities: [sbom] }) });
    expect((await reportOf(base, body.id, reportTypes.sbom, '?sbom_media_type=application/spdx%2Bjson')).status).toBe(
      200,
    );
    for (const [accept, query, status] of [
      [reportTypes.generic, '', 400],
      [reportTypes.sbom, '', 400],
      [reportTypes.sbom, '?sbom_media_type=text/plain', 400],
      [reportTypes.sbom, '?sbom_media_type=application/vnd.cyclonedx%2Bjson', 400],
      ['application/vnd.anchore.policy.report+json; version=0.3', '', 501],
    ] as const) {
      expect((await reportOf(base, body.id, accept, query)).status, `${accept} ${query}`).toBe(status);
    }
    expect((await ask(base, `/scan/${'0'.repeat(32)}/report`)).status).toBe(404);
  });

  it.each<[string, (place: Place) => unknown, number]>([
    ['no JSON', () => '{', 400],
    ['no object', () => [], 400],
    ['no artifact', ({ host }) => ({ registry: { url: `http://${host}` } }), 400],
    ['metadata service', (place) => order(place, { registry: { url: 'http://169.254.169.254/' } }), 422],
    ['another port', (place) => order(place, { registry: { url: 'http://127.0.0.1:1' } }), 422],
    ['https instead of http', (place) => order(place, { registry: { url: `https://${place.host}` } }), 422],
    ['user in the address', (place) => order(place, { registry: { url: `http://x@${place.host}` } }), 422],
    [
      'host hidden behind @',
      (place) => order(place, { registry: { url: `http://${place.host}@169.254.169.254` } }),
      422,
    ],
    ['path', (place) => order(place, { registry: { url: `http://${place.host}/v2/../x` } }), 422],
    ['number as address', (place) => order(place, { registry: { url: 'http://2130706433:1' } }), 422],
    ['file', (place) => order(place, { registry: { url: 'file:///etc/passwd' } }), 422],
    ['text', (place) => order(place, { registry: { url: 'INVALID_REGISTRY_URL' } }), 422],
    [
      'another scheme of login',
      (place) => order(place, { registry: { url: `http://${place.host}`, authorization: 'Digest a' } }),
      422,
    ],
    [
      'header injection',
      (place) => order(place, { registry: { url: `http://${place.host}`, authorization: 'Bearer a\r\nx: y' } }),
      422,
    ],
    [
      'repository that climbs',
      (place) => order(place, { artifact: { repository: '../x', digest: place.digest } }),
      422,
    ],
    ['no digest', (place) => order(place, { artifact: { repository: 'a', digest: 'latest' } }), 422],
    [
      'an index',
      (place) =>
        order(place, {
          artifact: { repository: 'a', digest: place.digest, mime_type: 'application/vnd.oci.image.index.v1+json' },
        }),
      501,
    ],
    ['another capability', (place) => order(place, { enabled_capabilities: [{ type: 'licence' }] }), 501],
    ['no capability', (place) => order(place, { enabled_capabilities: [] }), 422],
    [
      'another report',
      (place) => order(place, { enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: ['x/y'] }] }),
      501,
    ],
    ['too much', (place) => order(place, { x: 'x'.repeat(70_000) }), 400],
  ])('refuses a request with %s and asks nobody for it (T33)', async (_, make, status) => {
    const { host, asked } = await startMemoryRegistry();
    const base = await start([`http://${host}`]);
    const place = { host, digest: digestOf(Buffer.from('x')) };
    expect((await ask(base, '/scan', { body: make(place) })).status).toBe(status);
    expect(asked).toEqual([]);
  });

  it('reports a scan that failed as an error, also where nothing could be said: no silent zero', async () => {
    const image = await pushImage([{ path: 'bin/tool', content: 'no package' }]);
    const base = await start([`http://${image.host}`]);
    const failed = async (body: unknown, reason: string): Promise<void> => {
      const { body: accepted } = await ask(base, '/scan', { body });
      expect(await reportOf(base, accepted.id, reportTypes.generic)).toMatchObject({
        status: 500,
        body: { error: { message: expect.stringContaining(reason) } },
      });
    };
    const missing = { repository: 'library/app', digest: digestOf(Buffer.from('missing')) };
    await failed(order(image, { artifact: missing }), '404');
    await failed(order(image), 'Nothing can be said of this image. distribution/unknown');
  });

  it('follows a registry neither to a metadata service nor with its login elsewhere (T32, T33)', async () => {
    const seen: string[] = [];
    const other = await startServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization ?? 'no login'}`);
      response.writeHead(404).end();
    });
    for (const location of ['http://169.254.169.254/latest', `http://${other}/elsewhere`]) {
      const host = await startServer((request, response) => {
        const isKnown = request.headers.authorization !== undefined;
        response
          .writeHead(isKnown ? 307 : 401, isKnown ? { location } : { 'www-authenticate': 'Basic realm="harbor"' })
          .end();
      });
      const base = await start([`http://${host}`]);
      const { body } = await ask(base, '/scan', { body: order({ host, digest: digestOf(Buffer.from('x')) }) });
      const report = await reportOf(base, body.id, reportTypes.generic);
      expect(report.status).toBe(500);
      if (location.includes('169')) expect(report.text).toContain('metadata');
    }
    expect(seen).toEqual(['/elsewhere no login']);
  });

  it('marks a report of what was compared only in part', async () => {
    const image = await pushImage([{ path: 'etc/os-release', content: 'ID=unheard-of\n' }, lodash]);
    const base = await start([`http://${image.host}`]);
    const { body } = await ask(base, '/scan', { body: order(image) });
    const report = await reportOf(base, body.id, reportTypes.generic);
    expect(report.body).toMatchObject({ severity: 'Critical', plombe: { state: 'partial' } });
    expect(report.body['vulnerabilities']).toMatchObject([
      {
        id: 'PLOMBE-INCOMPLETE',
        severity: 'Unknown',
        version: 'partial',
        description: expect.stringContaining('package/database-missing'),
      },
      { id: 'CVE-2019-10744' },
    ]);
  });

  it('lets in with a token, in each of the three ways that Harbor has', async () => {
    const base = await start(['https://harbor.example']);
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${base}/api/v1/metadata`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer ' })).toBe(401);
    expect(await status({ authorization: 'Bearer t0kem' })).toBe(401);
    expect(await status({ authorization: 'Bearer t0ken' })).toBe(200);
    expect(await status({ authorization: `Basic ${Buffer.from('harbor:t0ken').toString('base64')}` })).toBe(200);
    expect(await status({ 'x-scanneradapter-api-key': 't0ken' })).toBe(200);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect((await fetch(`${base}/api/v1/other`, { headers: { authorization: 'Bearer t0ken' } })).status).toBe(404);
    expect((await fetch(`${base}/api/v1/scan`, { headers: { authorization: 'Bearer t0ken' } })).status).toBe(405);
  });

  it('refuses more scans than may wait, and forgets results after their time', async () => {
    const image = await pushImage();
    let nowMs = Date.now();
    const base = await start(
      [`http://${image.host}`],
      { limits: { parallel: 1, waiting: 2, keepMs: 1000 } },
      networkContext(signal, () => nowMs),
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(base, '/scan', { body: order(image) })));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 500).length).toBe(8 - accepted.length);
    for (const { body } of accepted) expect((await reportOf(base, body.id, reportTypes.native)).status).toBe(200);
    nowMs += 2000;
    for (const { body } of accepted) expect((await ask(base, `/scan/${body.id}/report`)).status).toBe(404);
  });

  it('is not held up by a client that sends nothing, or half (T35)', async () => {
    const base = await start(['https://harbor.example']);
    const { hostname, port } = new URL(base);
    const sockets = Array.from({ length: 50 }, (_, n) => {
      const socket = connect(Number(port), hostname, () => {
        if (n % 2 === 0)
          socket.write(
            'POST /api/v1/scan HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t0ken\r\ncontent-length: 99\r\n\r\n{',
          );
      });
      socket.on('error', () => undefined);
      return socket;
    });
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    expect((await ask(base, '/metadata')).status).toBe(200);
  });
});
