// `plombe doctor` on machines that are well and ill.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);

interface Report {
  readonly healthy: boolean;
  readonly examined: readonly {
    readonly subject: string;
    readonly state: string;
    readonly message: string;
    readonly fix?: string;
  }[];
}

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  writeFeeds(join(home, 'old-feeds'), 12);
  for (const name of ['db', 'damaged'])
    expect((await plombe(['db', 'build', '--from', 'feeds', '--db', name])).code).toBe(0);
  expect((await plombe(['db', 'build', '--from', 'old-feeds', '--db', 'old'])).code).toBe(0);
  const shard = readdirSync(join(home, 'damaged'), { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && !entry.name.endsWith('.json'),
  );
  writeFileSync(join(shard?.parentPath ?? '', shard?.name ?? ''), 'x');
  writeFileSync(join(home, 'no.pem'), 'no certificate');
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin', 'docker-credential-there'), '#!/bin/sh\n');
  chmodSync(join(home, 'bin', 'docker-credential-there'), 0o755);
  writeFileSync(
    join(home, 'good-auth.json'),
    JSON.stringify({ auths: { 'a.example': {} }, credHelpers: { x: 'there' } }),
  );
  writeFileSync(join(home, 'bad-auth.json'), JSON.stringify({ credsStore: 'not-there\u001b[31m' }));
  writeFileSync(join(home, 'torn-auth.json'), '{');
});

describe('plombe doctor', () => {
  it('finds nothing wrong where nothing is, without a request', async () => {
    const env = { PATH: `${process.env['PATH'] ?? ''}:${join(home, 'bin')}` };
    const { code, stdout, stderr } = await plombe(['doctor', '--db', 'db', '--auth-file', 'good-auth.json'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/✓ database {6}\d+ shards/);
    expect(stdout).toContain('good-auth.json: 1 registries');
    expect(stdout).toMatch(/Nothing is wrong\.\n$/);
  });

  it.each([
    ['the starter database', [], {}, 'database', 'only the starter database', 'plombe db update'],
    ['old data', ['--db', 'old'], {}, 'database', 'shards stale: ', 'plombe db update'],
    ['a damaged shard', ['--db', 'damaged'], {}, 'database', 'damaged', 'plombe db'],
    ['no database where one was named', ['--db', 'none'], {}, 'database', 'none', 'plombe db'],
    ['a cache that is a file', ['--cache', 'no.pem'], {}, 'cache', 'is no folder', '--cache'],
    [
      'a file of logins that is none',
      ['--auth-file', 'torn-auth.json'],
      {},
      'logins',
      'torn-auth.json cannot be read',
      'log in again',
    ],
    [
      'a file of logins that is not there',
      ['--auth-file', 'x.json'],
      {},
      'logins',
      'there is no x.json',
      '--auth-file',
    ],
    [
      'a helper that is not there',
      ['--auth-file', 'bad-auth.json'],
      {},
      'logins',
      'docker-credential-not-there',
      'Install it',
    ],
    ['authorities that are none', ['--ca-file', 'no.pem'], {}, 'certificates', 'holds no PEM certificate', 'PEM'],
    ['authorities that are not there', [], { SSL_CERT_FILE: '/no/x.pem' }, 'certificates', 'SSL_CERT_FILE', 'unset'],
    ['a proxy that is none', [], { HTTPS_PROXY: 'proxy' }, 'proxy', 'HTTPS_PROXY is no address', 'http://HOST:PORT'],
  ])('tells of %s, and what to do', async (_, flags, env, subject, message, fix) => {
    const outcome = await plombe(['doctor', '-o', 'json', ...flags], { env });
    expect(outcome).toMatchObject({ code: 1, stderr: '' });
    const { healthy, examined } = JSON.parse(outcome.stdout) as Report;
    expect(healthy).toBe(false);
    const problem = examined.find((entry) => entry.subject === subject && entry.state === 'problem');
    expect(problem?.message).toContain(message);
    expect(problem?.fix).toContain(fix);
    for (const entry of examined) if (entry.state === 'problem') expect(entry.fix).toBeTruthy();
    const text = await plombe(['doctor', ...flags], { env });
    expect(text.code).toBe(1);
    expect(text.stdout).not.toContain('\u001b');
    expect(text.stdout).toMatch(/\d problems?\.\n$/);
  });

  it('shows no password of a proxy', async () => {
    const { stdout } = await plombe(['doctor'], { env: { HTTPS_PROXY: 'http://jo:secret@proxy.example:3128' } });
    expect(stdout).toContain('HTTPS_PROXY: proxy.example:3128');
    expect(stdout).not.toContain('secret');
  });

  it('with --online asks each publisher, and says which cannot be reached', async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (bytes: Buffer) => {
          asked.push(bytes.toString('latin1').split('\r\n')[0] ?? '');
          socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
        });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const env = { HTTPS_PROXY: address, HTTP_PROXY: address };
      const { code, stdout } = await plombe(['doctor', '--online', '--db', 'db', '-o', 'json'], { env });
      expect(code).toBe(1);
      const network = (JSON.parse(stdout) as Report).examined.filter(({ subject }) => subject === 'network');
      expect(network.length).toBeGreaterThan(3);
      for (const { state, message, fix } of network) {
        expect({ state, message }).toMatchObject({
          state: 'problem',
          message: expect.stringContaining('cannot be reached') as string,
        });
        expect(fix).toContain('HTTPS_PROXY');
      }
      expect(asked.filter((line) => line.startsWith('CONNECT ')).length).toBeGreaterThanOrEqual(network.length);
    } finally {
      proxy.close();
    }
  });

  it('with --online asks the registries that there are logins for, without the logins', async () => {
    const heads: (string | undefined)[] = [];
    const registry = createHttpServer((request, response) => {
      heads.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'no login'}`);
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    try {
      const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
      const login = { auth: Buffer.from('jo:secret').toString('base64') };
      writeFileSync(join(home, 'logins.json'), JSON.stringify({ auths: { [host]: login, '127.0.0.1:1': login } }));
      const env = {
        PLOMBE_PLAIN_HTTP: `${host},127.0.0.1:1`,
        HTTPS_PROXY: 'http://127.0.0.1:1',
        NO_PROXY: '127.0.0.1',
      };
      const args = ['doctor', '--online', '--db', 'db', '--auth-file', 'logins.json', '-o', 'json'];
      const { stdout } = await plombe(args, { env });
      const messages = (JSON.parse(stdout) as Report).examined.map(({ state, message }) => `${state} ${message}`);
      expect(messages).toContain(`ok ${host} answers`);
      expect(messages).toContainEqual(expect.stringMatching(/^problem 127\.0\.0\.1:1 cannot be reached/));
      expect(heads).toEqual(['HEAD /v2/ no login']);
      expect(stdout).not.toContain('secret');
    } finally {
      registry.close();
    }
  });

  it('online and offline exclude each other', async () => {
    expect(await plombe(['doctor', '--online', '--offline'])).toMatchObject({ code: 2, stdout: '' });
  });
});
