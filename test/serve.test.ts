// The embedded registry through the program itself: start and end, refusals, layout, collection, and what survives being killed.
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, launcher, temporaryFolder } from './support/plombe.ts';
import { makeRobot, startServe, type ServeProcess } from './support/server.ts';

const home = temporaryFolder();
const plombe = installed(home);
const imageType = 'application/vnd.oci.image.manifest.v1+json';

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Image {
  readonly manifest: Buffer;
  readonly digest: string;
  readonly blobs: readonly Buffer[];
}

function makeImage(layerBytes = 2000): Image {
  const blobs = [Buffer.from(JSON.stringify({ random: randomBytes(16).toString('hex') })), randomBytes(layerBytes)];
  const [config, layer] = blobs.map((bytes, index) => ({
    mediaType: index === 0 ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.oci.image.layer.v1.tar',
    digest: digestOf(bytes),
    size: bytes.length,
  }));
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers: [layer] }));
  return { manifest, digest: digestOf(manifest), blobs };
}

async function push(
  url: string,
  authorization: string,
  repository: string,
  tag: string,
  image: Image,
): Promise<number> {
  for (const blob of image.blobs) {
    const answer = await fetch(`${url}/v2/${repository}/blobs/uploads/?digest=${digestOf(blob)}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(blob),
    });
    await answer.arrayBuffer();
    if (answer.status !== 201) return answer.status;
  }
  const answer = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': imageType },
    body: new Uint8Array(image.manifest),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Reads an image whole and compares every digest. */
async function readWhole(url: string, authorization: string, repository: string, name: string): Promise<string> {
  const answer = await fetch(`${url}/v2/${repository}/manifests/${name}`, { headers: { authorization } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) return `${answer.status}`;
  const { config, layers } = JSON.parse(bytes.toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const { digest } of [config, ...layers]) {
    const blob = await fetch(`${url}/v2/${repository}/blobs/${digest}`, { headers: { authorization } });
    if (digestOf(Buffer.from(await blob.arrayBuffer())) !== digest) return `blob ${digest}: ${blob.status}`;
  }
  return digestOf(bytes);
}

function layoutIndex(data: string): { digest: string; size: number; annotations?: Record<string, string> }[] {
  const text = readFileSync(join(data, 'layout/index.json'), 'utf8');
  return (JSON.parse(text) as { manifests: { digest: string; size: number }[] }).manifests;
}

describe('plombe serve', () => {
  test('is ready when it says so, finishes what runs when asked to end, and ends with 0', async () => {
    const data = join(temporaryFolder(), 'data');
    const robot = await makeRobot(data, home, 'ci', 'pull,push');
    const server = await startServe(data, { home });
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${server.url}${path}`)).status).toBe(200);
    const bytes = randomBytes(100_000);
    const upload = openUpload(
      server,
      `/v2/a/blobs/uploads/?digest=${digestOf(bytes)}`,
      robot.authorization,
      bytes.length,
    );
    upload.write(bytes.subarray(0, 50_000));
    await expect.poll(() => readdirSync(join(data, 'uploads')).length).toBe(1);
    const ended = server.end('SIGTERM');
    await expect
      .poll(() =>
        fetch(`${server.url}/healthz`).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('down');
    upload.end(bytes.subarray(50_000));
    const [response] = (await once(upload, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(201);
    expect(await ended).toEqual([0, null]);
    expect(server.stderr()).toBe('');
  });

  test('a second one on the same folder is refused, and the first goes on', async () => {
    const data = join(temporaryFolder(), 'data');
    const server = await startServe(data, { home });
    const second = await plombe(['serve', '--data', data, '--listen', '127.0.0.1:0', '--plain-http']);
    expect([second.code, second.stdout]).toEqual([4, '']);
    expect(second.stderr).toContain('[store/unusable]');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.end('SIGKILL');
    const next = await startServe(data, { home });
    expect((await fetch(`${next.url}/healthz`)).status).toBe(200);
  });

  test.each([
    ['plain http beyond loopback', ['--listen', '0.0.0.0:0', '--plain-http'], 'loopback'],
    ['neither TLS nor plain http', ['--listen', '127.0.0.1:0'], '--plain-http'],
    ['a certificate without key', ['--listen', '127.0.0.1:0', '--tls-cert', 'x'], '--tls-key'],
    ['both', ['--listen', '127.0.0.1:0', '--plain-http', '--tls-cert', 'x', '--tls-key', 'y'], 'exclude'],
    [
      'metrics in plain beyond loopback',
      ['--listen', '127.0.0.1:0', '--plain-http', '--metrics-listen', '0.0.0.0:0'],
      'loopback',
    ],
    ['metrics on no port', ['--listen', '127.0.0.1:0', '--plain-http', '--metrics-listen', 'x'], '--metrics-listen x'],
    ['no port', ['--listen', '127.0.0.1', '--plain-http'], 'ADDRESS:PORT'],
    [
      'an address of another machine',
      ['--listen', '203.0.113.1:0', '--plain-http', '--allow-remote-plain-http'],
      '203.0.113.1:0 cannot be listened on',
    ],
    ['a port that is none', ['--listen', '127.0.0.1:70000', '--plain-http'], 'ADDRESS:PORT'],
    [
      'a missing configuration',
      ['--listen', '127.0.0.1:0', '--plain-http', '--registry-config', 'none.yaml'],
      'none.yaml',
    ],
  ])('refuses %s', async (_, args, part) => {
    const { code, stdout, stderr } = await plombe(['serve', '--data', join(temporaryFolder(), 'data'), ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(part);
    expect(stderr).toContain('[config/invalid]');
  });

  test('T71 answers metrics on an address of its own, with no name in them', async () => {
    const data = join(temporaryFolder(), 'data');
    const robot = await makeRobot(data, home, 'ci', 'pull,push');
    const server = await startServe(data, { home, args: ['--plain-http', '--metrics-listen', '127.0.0.1:0'] });
    const { url } = JSON.parse(server.stderr().split('\n')[0] ?? '') as { url: string };
    const image = makeImage();
    expect(await push(server.url, robot.authorization, 'team/secret-project', 'v1', image)).toBe(201);
    const bad = `Basic ${Buffer.from('nobody-there:x').toString('base64')}`;
    for (let i = 0; i < 12; i++) await fetch(`${server.url}/v2/`, { headers: { authorization: bad } });
    const text = await (await fetch(url)).text();
    expect(text).toContain('plombe_http_requests_total{route="manifest",method="PUT",status="2xx"} 1\n');
    expect(text).toContain('plombe_throttled_logins_total 2\n');
    expect(text).not.toMatch(/secret-project|v1"|robot|nobody|sha256|127\.0/);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    expect(await server.end('SIGTERM')).toEqual([0, null]);
  });

  test('writes one JSON object per request where asked, without what is secret', async () => {
    const data = join(temporaryFolder(), 'data');
    const robot = await makeRobot(data, home, 'ci', 'pull');
    const server = await startServe(data, { home, env: { PLOMBE_DEBUG: '1' } });
    await fetch(`${server.url}/v2/team/app/tags/list?secret=1`, { headers: { authorization: robot.authorization } });
    await server.end('SIGTERM');
    const lines = server
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ event }) => event === 'request')).toMatchObject({
      level: 'debug',
      method: 'GET',
      path: '/v2/team/app/tags/list',
      status: 404,
      identity: expect.stringContaining('ci') as string,
    });
    expect(server.stderr()).not.toContain('secret');
    expect(server.stderr()).not.toContain(robot.password);
  });
});

describe('plombe registry gc', () => {
  test('removes by rules what no manifest names, while the server runs', async () => {
    const data = join(temporaryFolder(), 'data');
    const config = join(home, 'registry.yaml');
    writeFileSync(
      config,
      `apiVersion: plombe/v1
kind: RegistryConfig
garbageCollection: {grace: 1s}
retention:
  - {repositories: ['**'], tags: ['b*'], keepLast: 1, untaggedAfter: 1s}
`,
    );
    const robot = await makeRobot(data, home, 'ci', 'pull,push');
    const server = await startServe(data, { home });
    const images = [makeImage(), makeImage(), makeImage()];
    for (const [i, image] of images.entries()) {
      expect(await push(server.url, robot.authorization, 'a', `b${i}`, image)).toBe(201);
    }
    await sleep(1500);
    const collect = async (...more: string[]): Promise<Record<string, unknown>> => {
      const run = await plombe(['registry', 'gc', '--data', data, '--registry-config', config, '-o', 'json', ...more]);
      expect([run.code, run.stderr]).toEqual([0, '']);
      return JSON.parse(run.stdout) as Record<string, unknown>;
    };
    expect(await collect('--dry-run')).toMatchObject({ dryRun: true, tags: 2 });
    expect(await collect()).toMatchObject({ dryRun: false, tags: 2, manifests: 2, links: 4, blobs: 6 });
    expect(await readWhole(server.url, robot.authorization, 'a', 'b2')).toBe(images[2]?.digest);
    expect(await readWhole(server.url, robot.authorization, 'a', 'b0')).toBe('404');
    await expect
      .poll(() => layoutIndex(data).map(({ digest }) => digest), { timeout: 20_000 })
      .toEqual([images[2]?.digest]);
    expect(readdirSync(join(data, 'layout/blobs/sha256'))).toHaveLength(3);
  });
});

describe('faults', () => {
  // PLOMBE_KILLS=60 for a long run.
  const kills = Number(process.env['PLOMBE_KILLS'] ?? 5);
  const workers = 8;

  test.each(['a registry', 'a gate'])(
    'kill -9 of %s at any instant loses nothing acknowledged and shows no half image',
    async (kind) => {
      const data = join(temporaryFolder(), 'data');
      const gate = kind === 'a gate' ? await gateFlags() : [];
      const robot = await makeRobot(data, home, 'ci', 'pull,push');
      const { authorization } = robot;
      const acknowledged = new Map<string, string>();
      const rejected = new Set<string>();
      for (let round = 0; round < kills; round++) {
        const server = await startServe(data, { home, args: ['--plain-http', ...gate] });
        // Nobody can go on with an upload in one request.
        expect(readdirSync(join(data, 'uploads'))).toEqual([]);
        const tags = await fetch(`${server.url}/v2/a/tags/list`, { headers: { authorization } });
        const { tags: listed = [] } = (await tags.json()) as { tags?: string[] };
        // A push whose answer was lost may be there, but then as a whole.
        for (const tag of listed) expect(await readWhole(server.url, authorization, 'a', tag)).toMatch(/^sha256:/);
        for (const [tag, digest] of acknowledged)
          expect(await readWhole(server.url, authorization, 'a', tag)).toBe(digest);
        const { status } = await fetch(`${server.url}/v2/judged/tags/list`, { headers: { authorization } });
        expect(status).toBe(404);
        const named = layoutIndex(data);
        expect(
          named
            .flatMap(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] ?? [])
            .filter((name) => !name.includes('@'))
            .sort(),
        ).toEqual(listed.map((tag) => `a:${tag}`).sort());
        for (const { digest, size } of named) {
          const bytes = readFileSync(join(data, 'layout/blobs/sha256', digest.slice(7)));
          expect([bytes.length, digestOf(bytes)]).toEqual([size, digest]);
          expect(rejected).not.toContain(digest);
        }
        const pushing = Array.from({ length: workers }, async (_, worker) => {
          for (let i = 0; ; i++) {
            const image = makeImage(worker * 100_000 + 10);
            const tag = `r${round}-w${worker}-${i}`;
            if (gate.length > 0 && i % 2 === 1) {
              rejected.add(image.digest);
              expect(await push(server.url, authorization, 'judged', tag, image)).toBe(403);
            } else if ((await push(server.url, authorization, 'a', tag, image)) === 201) {
              acknowledged.set(tag, image.digest);
            }
          }
        });
        const settled = Promise.allSettled(pushing);
        const before = acknowledged.size;
        await expect
          .poll(() => acknowledged.size - before, { timeout: 30_000, interval: 5 })
          .toBeGreaterThan(round % 4);
        await sleep((round * 137) % 200);
        await server.end('SIGKILL');
        // Each ends with the connection.
        const ends = await settled;
        expect(ends.map((end) => end.status === 'rejected' && end.reason instanceof TypeError)).toEqual(
          Array(workers).fill(true),
        );
      }
      expect(acknowledged.size).toBeGreaterThanOrEqual(kills);
      if (gate.length === 0) return;
      expect(rejected.size).toBeGreaterThan(0);
      const checked = await plombe(['ledger', 'verify', '--ledger', join(home, 'ledger')]);
      // What it found is part of what is told.
      expect([checked.code, checked.stderr, checked.code === 0 ? '' : checked.stdout]).toEqual([0, '', '']);
    },
    60_000 + kills * 60_000,
  );

  /** A gate that refuses everything in `judged`, and records what it decides. */
  async function gateFlags(): Promise<readonly string[]> {
    const policy = join(home, 'judged.yaml');
    writeFileSync(
      policy,
      'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: judged}\nspec: {select: {repositories: [judged]}, vulnerabilities: {maxSeverity: low}}\n',
    );
    const setUp = async (...args: readonly string[]): Promise<void> => {
      const { code, stderr } = await plombe(args);
      expect(code, stderr).toBe(0);
    };
    await setUp('db', 'build', '--from', writeFeeds(join(home, 'feeds')), '--db', join(home, 'db'));
    await setUp('ledger', 'init', '--ledger', join(home, 'ledger'), '--origin', 'example.com/ledger');
    return ['--policy', policy, '--db', join(home, 'db'), '--ledger', join(home, 'ledger')];
  }

  const mounts = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
  if (!mounts) console.warn('SKIPPED: a full disk (unshare --user --mount is not allowed on this machine)');
  test.skipIf(!mounts)('a full disk is said, stores nothing by half, and is over once there is room', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    mkdirSync(data);
    const script = join(folder, 'small.sh');
    const robotFile = join(folder, 'robot.json');
    // The disk is seen by that process alone, so its robot is made there too.
    writeFileSync(
      script,
      `#!/bin/sh
mount -t tmpfs -o size=12m tmpfs ${data} || exit 9
${launcher} robots create ci --data ${data} --repository '*' --actions pull,push --expires 1h -o json >${robotFile} || exit 9
exec "$@"
`,
      { mode: 0o755 },
    );
    const server = await startServe(data, {
      home,
      through: ['unshare', '--user', '--map-root-user', '--mount', script],
      args: ['--plain-http'],
    });
    const inside = join(`/proc/${server.child.pid ?? 0}/root`, data);
    expect(existsSync(join(inside, 'state.db'))).toBe(true);
    const { username, password } = JSON.parse(readFileSync(robotFile, 'utf8')) as Record<
      'username' | 'password',
      string
    >;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const image = makeImage();
    expect(await push(server.url, authorization, 'a', 'before', image)).toBe(201);
    const large = randomBytes(20 * 2 ** 20);
    const answer = await fetch(`${server.url}/v2/a/blobs/uploads/?digest=${digestOf(large)}`, {
      method: 'POST',
      headers: { authorization },
      body: new Uint8Array(large),
    });
    expect(answer.status).toBe(507);
    expect(await answer.text()).toContain('full');
    expect(readdirSync(join(inside, 'uploads'))).toEqual([]);
    expect(await readWhole(server.url, authorization, 'a', 'before')).toBe(image.digest);
    expect(await push(server.url, authorization, 'a', 'after', makeImage())).toBe(201);
    // Not a byte is left, for the database neither.
    const filler = openSync(join(inside, 'filler'), 'w');
    expect(() => {
      for (;;) writeSync(filler, Buffer.alloc(4096));
    }).toThrow('ENOSPC');
    closeSync(filler);
    const ask = async (method: string, path: string): Promise<number> =>
      (await fetch(`${server.url}${path}`, { method, headers: { authorization } })).status;
    expect(await ask('POST', '/v2/a/blobs/uploads/')).toBe(507);
    expect(await push(server.url, authorization, 'a', 'full', makeImage())).toBe(507);
    expect(await ask('HEAD', `/v2/a/blobs/${digestOf(image.blobs[0] ?? Buffer.alloc(0))}`)).toBe(200);
    expect(await ask('GET', '/auth/token?service=plombe&scope=repository:a:pull')).toBe(200);
    expect(await readWhole(server.url, authorization, 'a', 'before')).toBe(image.digest);
    rmSync(join(inside, 'filler'));
    expect(await ask('GET', '/v2/a/manifests/full')).toBe(404);
    expect(await push(server.url, authorization, 'a', 'again', makeImage())).toBe(201);
  });
});

function openUpload(server: ServeProcess, path: string, authorization: string, length: number): ClientRequest {
  const { hostname, port } = new URL(server.url);
  return request({ hostname, port, path, method: 'POST', headers: { authorization, 'content-length': length } });
}
