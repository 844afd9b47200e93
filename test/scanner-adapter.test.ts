// `plombe scanner-adapter` and `plombe registry scan-with` through the program itself: a scanner as Harbor uses it, and a scanner that Plombe asks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '@plombe/oci/testing/certificates';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, hostileText, writeImages } from './support/images.ts';
import { installed, launcher, temporaryFolder } from './support/plombe.ts';
import { pushLayout } from './support/push.ts';
import { openTestRegistry } from './support/registry.ts';

const home = temporaryFolder();
const run = installed(home);
const tokenFile = join(home, 'token');
const token = 'a-token-that-is-long-enough';
const shortToken = join(home, 'short');

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  writeFileSync(tokenFile, `# for Harbor\n${token}\n`);
  writeFileSync(shortToken, 'short');
  await writeImages(join(home, 'layout'), alpineImage('good'));
  const built = await run(['db', 'build', '--from', join(home, 'feeds'), '--db', join(home, 'db')]);
  expect(built, built.stderr).toMatchObject({ code: 0 });
});

interface Started {
  readonly url: string;
  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the adapter as a user does and waits until it says that it listens. */
async function startAdapter(...args: readonly string[]): Promise<Started> {
  const plain = args.includes('--tls-cert') ? [] : ['--plain-http'];
  const words = ['scanner-adapter', '--listen', '127.0.0.1:0', ...plain, '--db', join(home, 'db'), ...args];
  const child = spawn(launcher, words, { env: { PATH: process.env['PATH'] ?? '', HOME: home }, cwd: home });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url: line.replace('listening on ', ''),
    stop: async () => {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

function temporary(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder);
  return folder;
}

async function pushGood(): Promise<{ host: string; reference: string; digest: string }> {
  const { host, client } = await openTestRegistry('memory');
  const reference = `${host}/team/app:1`;
  const [digest = ''] = await pushLayout(client, join(home, 'layout'), 'good', reference);
  return { host, reference, digest };
}

describe('plombe scanner-adapter', () => {
  it('scans what Harbor asks for, and ends with 0 when it is asked to', async () => {
    const { host, digest } = await pushGood();
    const adapter = await startAdapter('--registry', `http://${host}`, '--token-file', tokenFile);
    const headers = { authorization: `Bearer ${token}` };
    const type = 'application/vnd.scanner.adapter.scan.request+json; version=1.0';
    const accepted = await fetch(`${adapter.url}/api/v1/scan`, {
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: JSON.stringify({ registry: { url: `http://${host}` }, artifact: { repository: 'team/app', digest } }),
    });
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    let report = new Response(undefined, { status: 302 });
    while (report.status === 302)
      report = await fetch(`${adapter.url}/api/v1/scan/${id}/report`, { headers, redirect: 'manual' });
    expect(await report.json()).toMatchObject({
      severity: 'Critical',
      plombe: { state: 'assessed' },
      vulnerabilities: expect.arrayContaining([expect.objectContaining({ id: 'CVE-2024-6119' })]),
    });
    expect((await fetch(`${adapter.url}/api/v1/metadata`)).status).toBe(401);
    expect(await adapter.stop()).toBe(0);
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      'an address that others reach, without tokens',
      ['--listen', '0.0.0.0:0', '--plain-http', '--allow-remote-plain-http', '--registry', 'https://h'],
      /Without --token-file/,
    ],
    ['plain http that others reach', ['--listen', '0.0.0.0:0', '--plain-http', '--registry', 'https://h'], /loopback/],
    ['no TLS and no word of it', ['--listen', '127.0.0.1:0', '--registry', 'https://h'], /--tls-cert/],
    [
      'a registry with a path',
      ['--listen', '127.0.0.1:0', '--plain-http', '--registry', 'https://h/x'],
      /without path or login/,
    ],
    ['no registry', ['--listen', '127.0.0.1:0', '--plain-http'], /--registry/],
    [
      'a short token',
      ['--listen', '127.0.0.1:0', '--plain-http', '--registry', 'https://h', '--token-file', shortToken],
      /shorter than 16/,
    ],
    [
      'no number',
      ['--listen', '127.0.0.1:0', '--plain-http', '--registry', 'https://h', '--parallel', 'all'],
      /--parallel/,
    ],
  ])('refuses %s', async (_, args, reason) => {
    expect(await run(['scanner-adapter', ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(reason) });
  });

  it('says at once that there is no database', async () => {
    const args = [
      'scanner-adapter',
      '--listen',
      '127.0.0.1:0',
      '--plain-http',
      '--registry',
      'https://h',
      '--db',
      'nowhere',
    ];
    expect(await run(args)).toMatchObject({ code: 4, stderr: expect.stringContaining('database/missing') });
  });
});

describe('plombe registry scan-with', () => {
  it('asks a scanner and shows what it says as its own', async () => {
    const { host, reference, digest } = await pushGood();
    const adapter = await startAdapter('--registry', `http://${host}`, '--token-file', tokenFile);
    const ask = (...args: readonly string[]): ReturnType<typeof run> =>
      run(['registry', 'scan-with', adapter.url, reference, '--plain-http', '--token-file', tokenFile, ...args]);
    const table = await ask();
    expect(table, table.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('reported by Plombe') });
    expect(table.stdout).toContain('not compared by Plombe');
    expect(table.stdout).toMatch(/critical +CVE-2019-10744 +lodash +4\.17\.4 +4\.17\.12/);
    const json = await ask('-o', 'json', '--fail-on', 'high');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      reports: [
        {
          subject: `${host}/team/app@${digest}`,
          scanner: { name: 'Plombe' },
          findings: expect.arrayContaining([expect.objectContaining({ source: 'scanner:Plombe' })]),
        },
      ],
    });
    const unknown = await run(['registry', 'scan-with', adapter.url, reference, '--plain-http']);
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining('registry/unauthorized') });
    const elsewhere = await ask('--registry-url', 'https://other.example');
    expect(elsewhere).toMatchObject({ code: 4, stderr: expect.stringContaining('invalid registry.url') });
    expect(await adapter.stop()).toBe(0);
  });

  it('speaks TLS with both, and trusts nobody who is not named', async () => {
    const folder = temporary('tls');
    const authority = createAuthority(folder);
    const { certificate, key } = authority.issue('adapter', 'IP:127.0.0.1');
    const { host, reference } = await pushGood();
    const adapter = await startAdapter('--registry', `http://${host}`, '--tls-cert', certificate, '--tls-key', key);
    expect(adapter.url).toMatch(/^https:/);
    const words = ['registry', 'scan-with', adapter.url, reference, '--plain-http'];
    const told = await run([...words, '--ca-file', authority.caFile]);
    expect(told, told.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('CVE-2024-6119') });
    expect(await run(words)).toMatchObject({ code: 4, stderr: expect.stringContaining('registry/tls') });
  });

  it('sends the login of the registry only where it is told to, and shows no hostile text (T21, T66)', async () => {
    const { reference, host } = await pushGood();
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const body = Buffer.concat(chunks).toString();
          if (request.url === '/api/v1/metadata') {
            const consumes = ['application/vnd.oci.image.manifest.v1+json'];
            const produces = ['application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'];
            return response.end(
              JSON.stringify({
                scanner: { name: hostileText },
                capabilities: [{ consumes_mime_types: consumes, produces_mime_types: produces }],
              }),
            );
          }
          if (request.url === '/api/v1/scan') {
            seen.push(body);
            return response.writeHead(202).end('{"id":"1"}');
          }
          return response.end(
            JSON.stringify({
              scanner: { name: hostileText },
              vulnerabilities: [
                {
                  id: hostileText,
                  package: hostileText,
                  version: hostileText,
                  description: hostileText,
                  severity: 'High',
                },
              ],
            }),
          );
        });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const login = join(home, 'registry-login');
    writeFileSync(login, 'Basic c2VjcmV0');
    const docker = join(home, 'docker');
    const auths = { [host]: { auth: Buffer.from('jo:hidden-secret').toString('base64') } };
    const authFile = join(home, 'auth.json');
    writeFileSync(authFile, JSON.stringify({ auths }));
    const ask = (...args: readonly string[]): ReturnType<typeof run> =>
      run(
        [
          'registry',
          'scan-with',
          `http://127.0.0.1:${port}`,
          reference,
          '--plain-http',
          '--auth-file',
          authFile,
          ...args,
        ],
        { env: { DOCKER_CONFIG: docker } },
      );
    const first = await ask();
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).not.toMatch(/[\u001b\u202e]/);
    expect(seen[0]).not.toContain('authorization');
    await ask('--registry-authorization-file', login);
    expect(JSON.parse(seen[1] ?? '')).toMatchObject({
      registry: { url: `http://${host}`, authorization: 'Basic c2VjcmV0' },
    });
  });
});
