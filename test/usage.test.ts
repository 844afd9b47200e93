// What a person sees who asks for help, mistypes or configures: examples first, a remedy each time, exit code 2 for mistakes.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);

describe('help', () => {
  it.each([
    [['--help']],
    [['scan', '--help']],
    [['help', 'sbom']],
    [['db', '--help']],
    [['versions', 'compare', '--help']],
  ])('%j gives examples before usage', async (args) => {
    const { code, stdout, stderr } = await plombe(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Examples:\n  ');
    expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
  });

  it('prints the version alone', async () => {
    expect(await plombe(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});

describe('mistakes end with 2, a reason and nothing on standard output', () => {
  it.each([
    ['no command', [], 'Usage: plombe'],
    ['an unknown command', ['scna', 'dir:/'], "plombe: unknown command 'scna'\n(Did you mean scan?)"],
    ['an unknown flag', ['scan', '--platfrm', 'x', 'dir:/'], '(Did you mean --platform?)'],
    ['no subject', ['scan'], 'Examples:\n  plombe scan registry.example.com/team/app:1.2'],
    ['no subject but flags', ['sbom', '-q'], "plombe: missing required argument 'subject'"],
    ['two subjects', ['scan', 'a', 'b'], 'too many arguments'],
    ['an unknown format', ['scan', 'dir:/', '-o', 'jsonn'], 'There is no output format jsonn. Did you mean json?'],
    ['a format that names no file', ['scan', 'dir:/', '-o', 'json='], 'names no file'],
    ['two outputs in one file', ['scan', 'dir:/', '-o', 'json=x', '-o', 'sarif=x'], 'cannot go to the same file, x'],
    ['a file twice, written otherwise', ['scan', 'dir:/', '-o', 'json=x', '-o', 'sarif=./x'], 'same file, ./x'],
    ['findings in an inventory', ['sbom', 'dir:/', '-o', 'sarif'], 'Choose from: cyclonedx, spdx'],
    ['one platform and all', ['scan', 'dir:/', '--platform', 'linux/amd64', '--all-platforms'], 'exclude each other'],
    ['a platform that is none', ['scan', 'dir:/', '--platform', '///'], '[config/invalid]'],
    ['an unknown state', ['scan', 'dir:/', '--allow', 'fine'], 'partial, stale, unassessable'],
    ['a time that is none', ['scan', 'dir:/', '--timeout', 'soon'], '--timeout must be a number of seconds'],
    ['certificates that are not there', ['scan', 'x', '--ca-file', '/no/ca.pem'], 'named by --ca-file, cannot be read'],
    ['certificates that are none', ['db', 'update', '--ca-file', '/etc/hostname'], 'it holds no PEM certificate'],
    ['a token service that is none', ['scan', 'x', '--realm-allow', 'a'], 'must be a list of REGISTRY=HOST'],
    ['an unknown scheme', ['versions', 'compare', 'debian'], 'Choose from: alpm, apk, composer, conda, cran, deb'],
    ['no folder of feeds', ['db', 'build'], "required option '--from <PATH>'"],
    ['an unknown ecosystem', ['db', 'update', '--ecosystem', 'alpin'], 'There is no ecosystem or feed alpin'],
    ['a shard that nobody publishes', ['db', 'update', '--ecosystem', 'osv-moon'], 'no ecosystem or feed osv-moon'],
    ['an update without network', ['db', 'update', '--offline'], 'db update needs the network'],
    ['no id', ['explain', 'log4shell'], 'is not the id of a vulnerability'],
    ['hostile text (T68)', ['scan', 'a', 'b\u001b[31m\n::set-env name=X::y'], 'b\\u{1b}[31m\\u{a}::set-env'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await plombe(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\u001b|^\s+at /m);
  });
});

it('a variable that names a file that is not there is said by its name, where it matters', async () => {
  const env = { SSL_CERT_FILE: '/no/ca.pem' };
  const { code, stderr } = await plombe(['scan', 'registry:localhost/x'], { env });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /named by the variable SSL_CERT_FILE, cannot be read.*\[config\/invalid\]\n {2}Name a PEM file/s,
  );
  expect((await plombe(['scan', 'purl:pkg:npm/x@1'], { env })).code).toBe(3);
});

it('a variable whose name is almost a setting is a mistake, and one that is nothing of ours is not', async () => {
  const misspelt = await plombe(['scan', 'purl:pkg:npm/x@1'], { env: { PLOMBE_FAILON: 'high' } });
  expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('PLOMBE_FAIL_ON is meant')]);
  expect((await plombe(['config', 'explain'], { env: { PLOMBE_HOME_GROWN: '1' } })).code).toBe(0);
});

it('a registry to speak plain http with is a host, never a URL', async () => {
  const { code, stderr } = await plombe(['scan', 'purl:pkg:npm/x@1', '--plain-http', 'http://registry.example/x']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('host[:port]')]);
});

describe('settings', () => {
  const explained = async (
    options: Parameters<typeof plombe>[1],
    ...flags: string[]
  ): Promise<Record<string, string>> => {
    const { code, stdout } = await plombe(['config', 'explain', ...flags], options);
    expect(code).toBe(0);
    const rows = stdout.trim().split('\n').slice(1);
    return Object.fromEntries(
      rows.map((row) => row.split(/ {2,}/, 3)).map(([key = '', ...rest]) => [key, rest.join(' from ')]),
    );
  };

  it('come from flags before environment before plombe.yaml, and config explain says which', async () => {
    writeFileSync(
      join(home, 'plombe.yaml'),
      'failOn: high\nallow: [stale]\nmaxAgeDays: 9\nplainHttp: [localhost:5000]\n',
    );
    const env = { PLOMBE_FAIL_ON: 'medium', PLOMBE_DB: '/data/db' };
    expect(await explained({ env }, '--fail-on', 'low')).toMatchObject({
      failOn: 'low from flag --fail-on',
      db: '/data/db from PLOMBE_DB',
      allow: 'stale from plombe.yaml',
      maxAgeDays: '9 from plombe.yaml',
      plainHttp: 'localhost:5000 from plombe.yaml',
      output: 'table from default',
    });
  });

  it('outputs of plombe.yaml that a command does not have are not its own', async () => {
    const path = join(home, 'outputs.yaml');
    writeFileSync(path, 'output: [table, sarif=plombe.sarif]\n');
    const env = { PLOMBE_CONFIG: path };
    const { code, stdout } = await plombe(['sbom', 'purl:pkg:npm/x@1'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ bomFormat: 'CycloneDX' });
    expect((await plombe(['db', 'status'], { env })).stdout).toContain('STATE');
    expect((await plombe(['sbom', 'purl:pkg:npm/x@1', '-o', 'table'], { env })).code).toBe(2);
  });

  it('every one is in docs/cli.md', async () => {
    const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
    const { stdout } = await plombe(['config', 'explain'], { env: { PLOMBE_CONFIG: '/dev/null' } });
    for (const row of stdout.trim().split('\n').slice(1)) {
      const [key, , , variable, flag] = row.split(/ {2,}/);
      expect(page).toContain(`| \`${key}\` | \`${variable}\` | ${flag === '-' ? '–' : `\`${flag}\``} |`);
    }
  });

  it.each([
    ['an unknown key', 'failon: high\n', 'there is no setting failon'],
    ['a value that is none', 'failOn: always\n', 'failOn must be one of critical'],
    ['no mapping', '- a\n', 'it is no mapping'],
    ['no YAML', 'a: b: c\n', 'in compact mappings [config/invalid]'],
    ['T54 an alias bomb', bomb(), 'cannot be used'],
    ['T54 lines that are an error each', `db: '${"'\n".repeat(50_000)}`, 'larger than 64 KiB'],
    ['T73 a prototype', '__proto__: {offline: true}\n', 'there is no setting __proto__'],
  ])('%s in plombe.yaml is refused by name', async (_, text, message) => {
    const path = join(home, 'bad.yaml');
    writeFileSync(path, text);
    const { code, stderr } = await plombe(['config', 'explain'], { env: { PLOMBE_CONFIG: path } });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('bad.yaml');
  });
});

it('a cache folder that cannot be made costs the cache, not the command', async () => {
  const env = { XDG_CACHE_HOME: '/proc/plombe' };
  expect((await plombe(['scan', 'purl:pkg:npm/lodash@4.17.4', '-o', 'json'], { env })).code).toBe(3);
});

it('an empty PLOMBE_CONFIG names no file, as an empty variable sets nothing', async () => {
  expect((await plombe(['config', 'explain'], { env: { PLOMBE_CONFIG: '' } })).code).toBe(0);
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let n = 1; n < 9; n++)
    lines.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  return `${lines.join('\n')}\n`;
}

describe('plombe versions', () => {
  const compare = async (scheme: string, stdin: string): Promise<string> => {
    const { code, stdout, stderr } = await plombe(['versions', 'compare', scheme], { stdin });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  it('lists the schemes', async () => {
    const { code, stdout } = await plombe(['versions', 'list']);
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(
      'alpm apk composer conda cran deb ebuild gem go hackage hex maven nuget pep440 pub rpm semver tag'.split(' '),
    );
  });

  it('prints A, B and the order of each pair', async () => {
    expect(await compare('deb', '1.0~rc1\t1.0\n2:1\t1:9\n1.0\t1.0-0\nfoo\n\n1\t2')).toBe(
      '1.0~rc1\t1.0\t-1\n2:1\t1:9\t1\n1.0\t1.0-0\t0\nfoo\terror\n1\t2\t-1\n',
    );
  });

  it('ends lines at LF or CRLF and nowhere else', async () => {
    expect(await compare('deb', '1.0.0\t1.0.1\r\n1.0.0\u2028\t1.0.0\n1.0.0\r2\t1.0.0\n')).toBe(
      '1.0.0\t1.0.1\t-1\n1.0.0\u2028\t1.0.0\terror\n1.0.0\r2\t1.0.0\terror\n',
    );
  });

  it('T57 answers for megabytes of one line and for many lines', async () => {
    const long = '1.'.repeat(1_000_000);
    expect(await compare('rpm', `${long}1\t${long}2\n`)).toMatch(/\t(?:-1|error)\n$/);
    const many = Array.from({ length: 100_000 }, (_, n) => `1.${n}\t1.${n + 1}`);
    expect(await compare('deb', many.join('\n'))).toBe(many.map((line) => `${line}\t-1\n`).join(''));
    expect(await compare('deb', `${'9'.repeat(9_000_000)}\n1\t2\n`)).toBe(`${'9'.repeat(80)}…\terror\n1\t2\t-1\n`);
  });
});

/** A proxy that lets nothing through, and which hosts were asked for. */
async function closedProxy(): Promise<{ readonly url: string; readonly asked: Set<string>; close(): void }> {
  const asked = new Set<string>();
  const server = createServer();
  server.on('connect', (request, socket) => {
    asked.add(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() };
}

it('an update asks the publisher of each ecosystem, feed and shard that is named, in any case', async () => {
  const named = [
    ['DEBIAN', 'security-tracker.debian.org'],
    ['redhat', 'security.access.redhat.com'],
    ['osv-npm', 'osv-vulnerabilities.storage.googleapis.com'],
  ] as const;
  const proxy = await closedProxy();
  const names = named.flatMap(([name]) => ['--ecosystem', name]);
  const { code } = await plombe(['db', 'update', ...names, '--db', temporaryFolder()], {
    env: { HTTPS_PROXY: proxy.url },
  });
  proxy.close();
  expect(code).toBe(3);
  expect([...proxy.asked]).toEqual(expect.arrayContaining(named.map(([, host]) => `${host}:443`)));
});
