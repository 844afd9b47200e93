// Terminals and pipes: colour and progress only where a person looks, a closed pipe is no error, a signal ends with a message.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, writeImages } from './support/images.ts';
import { hasProgram, installed, launcher, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const database = join(home, 'db');
const image = `oci:${join(home, 'layout')}:app`;
const env = { PATH: process.env['PATH'] ?? '', HOME: home };

beforeAll(async () => {
  await writeImages(join(home, 'layout'), alpineImage('app'));
  await plombe(['db', 'build', '--from', writeFeeds(join(home, 'feeds')), '--db', database]);
});

describe.skipIf(!hasProgram('script'))('on a terminal', () => {
  const onTerminal = async (command: string, more: Record<string, string> = {}): Promise<string> => {
    const run = promisify(execFile);
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], { env: { ...env, TERM: 'xterm', ...more } });
    return stdout;
  };

  it('colours severities, and not with NO_COLOR', async () => {
    const command = `stty cols 100; ${launcher} scan ${image} --db ${database}`;
    const coloured = await onTerminal(command);
    expect(coloured).toContain('\u001b[1m\u001b[31m');
    const rows = coloured.replaceAll(/\u001b\[\d+m/g, '').split(/\r?\n/);
    for (const row of rows.filter((line) => /CVE-/.test(line))) expect(row.length).toBeLessThanOrEqual(100);
    expect(await onTerminal(command, { NO_COLOR: '1' })).not.toContain('\u001b[');
    expect(await onTerminal(command, { TERM: 'dumb' })).not.toContain('\u001b[');
  });

  it('shows progress of what takes over a second, takes it away again, and not with --quiet', async () => {
    const { address, close } = await dripRegistry(join(home, 'layout'));
    const cache = `--cache ${join(home, 'drip')}`;
    const command = `${launcher} scan ${address}/app:1 --plain-http ${address} --db ${database}`;
    const text = await onTerminal(`${command} ${cache}1`);
    expect(text).toMatch(/\r\u001b\[2K━+─* +\d+% \d\.\d of \d\.\d MiB · \d done · layer \d/);
    expect(text).toMatch(/\r\u001b\[2K(?:\u001b\[1m)?127\.0\.0\.1/);
    expect(await onTerminal(`${command} ${cache}2 --quiet`)).not.toContain('\r\u001b[2K');
    expect(await onTerminal(`${command} ${cache}3 2>&1 | cat`)).not.toContain('\u001b');
    close();
  });
});

describe('in a pipe', () => {
  it('a reader that goes away ends the program silently', () => {
    for (const command of [
      'versions list',
      `scan ${image} --db ${database}`,
      'config explain',
      `db status --db ${database}`,
    ]) {
      const { stderr, stdout } = spawnSync('sh', ['-c', `${launcher} ${command} | head -n 1`], {
        env,
        encoding: 'utf8',
      });
      expect({ stderr, lines: stdout.trim().split('\n').length }).toEqual({ stderr: '', lines: 1 });
    }
  });

  it('an endless input whose answers nobody reads ends too', () => {
    const command = `yes "$(printf '1\\t2')" | ${launcher} versions compare deb | head -n 1`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { env, encoding: 'utf8', timeout: 20_000 });
    expect({ stdout, stderr }).toEqual({ stdout: '1\t2\t-1\n', stderr: '' });
  });
});

describe('signals and deadlines', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the scan with a message and without a report', async (signal) => {
    const slow = await slowRegistry();
    const child = spawn(launcher, ['scan', `${slow.address}/app:1`, '--plain-http', slow.address, '--db', database], {
      env,
    });
    const output: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await slow.asked;
    await sleep(50);
    child.kill(signal);
    expect(await ended).toBe(4);
    slow.close();
    expect(output.join('')).toBe(
      `plombe: Ended by ${signal}. [operation/cancelled]\n  Run it again; what was kept in the cache is not read twice.\n`,
    );
  });

  it('T35 --timeout ends a registry that never answers', async () => {
    const slow = await slowRegistry();
    const args = ['scan', `${slow.address}/app:1`, '--plain-http', slow.address, '--db', database, '--timeout', '1'];
    const { code, stderr, stdout } = await plombe(args);
    slow.close();
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('Not finished after 1 seconds');
  });
});

it.runIf(existsSync('/dev/full'))(
  'says that standard output cannot be written, and takes no place for a bug',
  async () => {
    const through = ['sh', '-c', 'exec "$@" > /dev/full', 'sh'];
    const { code, stderr } = await plombe(['scan', image, '--db', database], { through });
    expect(code).toBe(4);
    expect(stderr).toContain('Standard output cannot be written');
    expect(stderr).toContain('[report/write]\n  Check the path and free space.');
  },
);

describe('the network', () => {
  const isolated = spawnSync('unshare', ['-rn', 'true']).status === 0;
  if (!isolated)
    console.warn('SKIPPED: unshare cannot make a network namespace here, so nothing proves that no network is used');

  it.skipIf(!isolated)('is not needed for anything on this machine', async () => {
    const through = ['unshare', '-rn'];
    // At most the table's title: no route leads anywhere.
    const routes = execFileSync('unshare', ['-rn', 'cat', '/proc/net/route'], { encoding: 'utf8' });
    expect(routes.trim().split('\n').length).toBe(1);
    for (const [args, code] of [
      [['scan', image, '--db', database], 0],
      [['sbom', image], 0],
      [['explain', 'CVE-2024-6119', image, '--db', database], 1],
      [['db', 'verify', '--db', database], 0],
      [['db', 'build', '--from', join(home, 'feeds'), '--db', join(home, 'db2')], 0],
    ] as const) {
      expect(await plombe(args, { through })).toMatchObject({ code, stderr: '' });
    }
  });

  it('is not used by a scan of local files, seen from every proxy variable', async () => {
    const slow = await slowRegistry();
    const proxy = `http://${slow.address}`;
    const proxies = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy, ALL_PROXY: proxy };
    expect((await plombe(['scan', image, '--db', database], { env: proxies })).code).toBe(0);
    expect(slow.count()).toBe(0);
    slow.close();
  });

  it('an update that reaches nothing leaves the starter database in use', async () => {
    const fresh = installed(temporaryFolder());
    const proxies = { HTTPS_PROXY: 'http://127.0.0.1:1' };
    const update = await fresh(['db', 'update', '--ecosystem', 'npm'], { env: proxies });
    expect(update.code).toBe(3);
    expect(update.stdout).toMatch(/^0 of \d+ shards in /m);
    const status = await fresh(['db', 'status']);
    expect(status.stderr).toContain('This is the starter database');
    expect(status.stdout).toContain('osv-ghsa-derived-npm');
    expect((await fresh(['scan', 'purl:pkg:npm/lodash@4.17.4'])).stdout).toContain('starter database, oldest data of');
  });

  it('--offline asks no registry', async () => {
    const slow = await slowRegistry();
    const { code, stderr } = await plombe([
      'scan',
      `registry:${slow.address}/app:1`,
      '--offline',
      '--plain-http',
      slow.address,
    ]);
    expect(code).toBe(4);
    expect(stderr).toContain('The network is off (--offline), so no registry was asked');
    expect(slow.count()).toBe(0);
    slow.close();
  });
});

/** A registry of one image that sends the second half of each layer 1.3 seconds after the first. */
async function dripRegistry(layout: string): Promise<{ readonly address: string; readonly close: () => void }> {
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    manifests: readonly { readonly digest: string; readonly mediaType: string }[];
  };
  const manifest = manifests[0];
  const server = createHttpServer((request, response) => {
    const [, kind = '', name = ''] = /\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    if (kind === '') return void response.end('{}');
    const digest = kind === 'manifests' ? (manifest?.digest ?? '') : name;
    const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    if (kind === 'manifests') return void response.writeHead(200, { 'content-type': manifest?.mediaType }).end(bytes);
    if (bytes[0] === 0x7b) return void response.end(bytes);
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
    setTimeout(() => response.end(bytes.subarray(bytes.length / 2)), 1300);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { address, close };
}

/** A server that takes connections and never answers. */
async function slowRegistry() {
  let connections = 0;
  let noted: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (noted = resolve));
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).on('data', () => noted());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, asked, count: () => connections, close: () => server.close() };
}
