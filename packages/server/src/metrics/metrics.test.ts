// Figures of a real server: what they count, and that nothing of a request becomes a label.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { digestOf, everything, imageManifest, imageType, startTestServer } from '../registry/testing/server.ts';
import { createMeter } from './meter.ts';
import { createServerMetrics } from './server-metrics.ts';

const listening = { host: '127.0.0.1', port: 0 } as const;

/** Starts a server with an endpoint; `figures` reads it. */
async function startMeasured(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer({ ...options, metrics: listening });
  const url = String(server.infos.find(({ event }) => event === 'metrics.listening')?.['url']);
  const figures = async (): Promise<string> => (await fetch(url)).text();
  return { ...server, endpoint: url, figures };
}

const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? 0,
  );

test('counts requests, bytes, uploads and decisions', async () => {
  const server = await startMeasured({
    gate: {
      judge: ({ tags }) =>
        Promise.resolve(
          tags.includes('bad')
            ? ({ kind: 'deny', reasons: { decision: 'deny', message: 'no', reasons: [] } } as const)
            : ({ kind: 'accept' } as const),
        ),
      figures: () => ({ scansWaiting: 3, judgementsWaiting: 2, attestationsWaiting: 1, ledgerFailures: 4 }),
    },
  });
  await server.pushImage('a', '1', 'x');
  const { bytes } = imageManifest('x');
  const denied = await server.ask('PUT', '/v2/a/manifests/bad', {
    body: bytes,
    headers: { 'content-type': imageType },
  });
  expect(denied.status).toBe(403);
  await server.ask('POST', '/v2/a/blobs/uploads/');
  const large = Buffer.alloc(300_000, 7);
  const digest = await server.pushBlob('a', large);
  await server.ask('GET', `/v2/a/blobs/${digest}`);
  const text = await server.figures();
  expect(valueOf(text, 'plombe_http_requests_total{route="manifest",method="PUT",status="2xx"}')).toBe(1);
  expect(valueOf(text, 'plombe_http_requests_total{route="manifest",method="PUT",status="4xx"}')).toBe(1);
  expect(valueOf(text, 'plombe_http_requests_total{route="uploads",method="POST",status="2xx"}')).toBe(4);
  expect(valueOf(text, 'plombe_gate_decisions_total{at="push",decision="accept"}')).toBe(1);
  expect(valueOf(text, 'plombe_gate_decisions_total{at="push",decision="deny"}')).toBe(1);
  expect(valueOf(text, 'plombe_uploads_open')).toBe(1);
  expect(valueOf(text, 'plombe_http_received_bytes_total')).toBeGreaterThan(300_000);
  expect(valueOf(text, 'plombe_http_sent_bytes_total')).toBeGreaterThan(300_000);
  expect(valueOf(text, 'plombe_gate_scans_waiting')).toBe(3);
  expect(valueOf(text, 'plombe_ledger_failures_total')).toBe(4);
});

test('T71 whatever is asked for makes no new label', async () => {
  const server = await startMeasured({ gate: { judge: () => Promise.reject(new Error('x')) } });
  await server.pushBlob('a', 'x');
  const before = new Set<string>();
  const hostile = Array.from({ length: 200 }, (_, i) => `team${i}/"}\n%0Aevil${i}{a="b"} 1`.replaceAll('\n', '%0A'));
  const methods = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'PROPFIND', 'REPORT'];
  for (const [i, name] of hostile.entries()) {
    const path = encodeURI(`/v2/${name}/manifests/tag${i}`);
    await server.ask(methods[i % methods.length] ?? 'GET', path, {
      as: i % 3 === 0 ? everything : `Test user${i} pull@`,
    });
    await server.ask('GET', `/v2/repo${i}/blobs/${digestOf(`${i}`)}`);
    await server.ask('GET', `/auth/user${i}`);
  }
  const text = await server.figures();
  for (const line of text.trim().split('\n')) {
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) plombe_[a-z_]+ .+|plombe_[a-z_]+(?:\{[a-z]+="[A-Za-z0-9-]+"(?:,[a-z]+="[A-Za-z0-9-]+")*\})? \d+)$/,
    );
    before.add(line.replace(/ \d+$/, ''));
  }
  expect(text).not.toMatch(/team|evil|repo\d|tag\d|user\d|sha256|PROPFIND|127\.0\.0\.1/);
  expect(before.size).toBeLessThan(100);
  expect(valueOf(text, 'plombe_http_requests_total{route="other",method="other",status="4xx"}')).toBeGreaterThan(0);
});

test('what breaks off, and is thrown by the gate, is counted as such', async () => {
  const server = await startMeasured({ gate: { judge: () => Promise.reject(new Error('x')) } });
  const { bytes, blobs } = imageManifest('x');
  for (const blob of blobs) await server.pushBlob('a', blob);
  const failed = await server.ask('PUT', '/v2/a/manifests/1', { body: bytes, headers: { 'content-type': imageType } });
  expect(failed.status).toBe(503);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `PUT /v2/a/manifests/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${everything}\r\ncontent-length: 9\r\n\r\n{`,
  );
  await expect.poll(async () => valueOf(await server.figures(), 'plombe_http_connections')).toBe(1);
  socket.destroy();
  await once(socket, 'close');
  const broken = 'plombe_http_requests_total{route="manifest",method="PUT",status="broken"}';
  await expect.poll(async () => valueOf(await server.figures(), broken)).toBe(1);
  expect(valueOf(await server.figures(), 'plombe_gate_decisions_total{at="push",decision="failed"}')).toBe(1);
});

test('is answered on its own address alone, and to reading alone', async () => {
  const server = await startMeasured();
  expect((await server.ask('GET', '/metrics')).status).toBe(404);
  const answer = await fetch(server.endpoint);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect((await fetch(server.endpoint, { method: 'HEAD' })).status).toBe(200);
  expect((await fetch(server.endpoint, { method: 'POST', body: 'x' })).status).toBe(405);
  const origin = new URL(server.endpoint).origin;
  for (const path of ['/', '/v2/', '/metrics/x']) expect((await fetch(`${origin}${path}`)).status).toBe(404);
});

test('counts logins that must wait', async () => {
  const metrics = createServerMetrics();
  const waiting = metrics.watchAuthenticator({
    authenticate: () => Promise.resolve({ status: 429, headers: {}, message: 'wait' } as const),
    handle: () => Promise.resolve(false),
  });
  await waiting.authenticate(httpRequest('http://127.0.0.1:1').on('error', () => undefined) as never, []);
  expect(valueOf(metrics.text(), 'plombe_throttled_logins_total')).toBe(1);
});

test('T71 a value that types did not keep out is none of its own', () => {
  const meter = createMeter();
  const counter = meter.counter('plombe_x_total', 'x', { a: ['b'] });
  for (const value of ['b', 'c', 'd"} 1\n']) counter.add({ a: value as 'b' });
  expect(meter.text()).toBe(
    '# HELP plombe_x_total x\n# TYPE plombe_x_total counter\nplombe_x_total{a="b"} 1\nplombe_x_total{a="other"} 2\n',
  );
});
