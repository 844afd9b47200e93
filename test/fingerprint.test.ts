// Fingerprints through the program itself: the file system of a container against the image that was approved.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { builtFixture } from './support/fixtures.ts';
import { hostileText, writeImages } from './support/images.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';
import { pushLayout } from './support/push.ts';
import { openTestRegistry, registryKinds } from './support/registry.ts';

const home = temporaryFolder();
const plombe = installed(home);
const layout = join(home, 'layout');
const image = `oci:${layout}:app`;
const rootfs = join(home, 'rootfs');
const peakModule = fileURLToPath(new URL('support/peak.mjs', import.meta.url));
const isRoot = process.getuid?.() === 0;

const layers: readonly (readonly TarEntry[])[] = [
  [
    { path: 'bin', type: 'directory' },
    { path: 'bin/app', content: 'app 1', mode: 0o755 },
    { path: 'bin/su', content: 'su', mode: 0o4755 },
    { path: 'bin/app-link', type: 'hardlink', linkTarget: 'bin/app' },
    { path: 'etc', type: 'directory' },
    { path: 'etc/passwd', content: 'root:x:0:0\n', uid: 0, gid: 0 },
    { path: 'etc/hosts', content: 'from the image\n' },
    { path: 'etc/old', content: 'old' },
    { path: 'sbin', type: 'symlink', linkTarget: 'bin' },
  ],
  [
    { path: 'etc/old', type: 'whiteout' },
    { path: 'sbin/tool', content: 'tool', mode: 0o755 },
    { path: 'srv/data', content: 'data', uid: 1000, gid: 1000 },
  ],
];

/** What an engine would have on the disk. */
function unpack(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const entries of layers) {
    const plain = entries.filter(({ type }) => type !== 'whiteout');
    execFileSync('tar', ['-xf', '-', '-C', folder, '--keep-directory-symlink', '-p'], { input: writeTar(plain) });
    for (const { path, type } of entries) if (type === 'whiteout') rmSync(join(folder, path), { recursive: true });
  }
  chmodSync(join(folder, 'srv'), 0o755);
}

beforeAll(async () => {
  await writeImages(layout, {
    name: 'app',
    platform: { os: 'linux', architecture: 'amd64' },
    layers: layers.map((entries) => ({ tar: [writeTar(entries)], createdBy: 'COPY' })),
  });
  const { code, stderr } = await plombe(['fingerprint', image, '--file', 'app.fingerprint']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

interface Report {
  readonly verdict: string;
  readonly fingerprint: string;
  readonly subject: { readonly name: string; readonly digest?: string };
  readonly of: { readonly digest?: string };
  readonly differences: readonly { path: string; kind: string; fields: string[] }[];
  readonly causes: readonly { code: string; message: string }[];
  readonly notCompared: readonly string[];
  readonly ignored: number;
}

async function compare(subject: string, ...flags: string[]): Promise<{ code: number | undefined; report: Report }> {
  const run = await plombe(['fingerprint', 'compare', 'app.fingerprint', subject, '-o', 'json', ...flags]);
  if (run.stdout === '') throw new Error(run.stderr);
  return { code: run.code, report: JSON.parse(run.stdout) as Report };
}

const changes = ({ report }: { report: Report }): readonly string[] =>
  report.differences.map(({ kind, path, fields }) => `${kind} ${path}${fields.length > 0 ? `: ${fields.join()}` : ''}`);

describe('plombe fingerprint', () => {
  it('writes a document that is the same each time, and prints its digest', async () => {
    const { stdout } = await plombe(['fingerprint', image, '--file', 'again', '-o', 'json']);
    const bytes = readFileSync(join(home, 'app.fingerprint'));
    expect(readFileSync(join(home, 'again'))).toEqual(bytes);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const summary = JSON.parse(stdout) as Record<string, unknown>;
    expect(summary).toMatchObject({
      state: 'complete',
      entries: 11,
      files: 7,
      subject: { digest: expect.stringMatching(/^sha256:/) as string, platform: 'linux/amd64' },
      layers: [
        { entries: 9, complete: true },
        { entries: 3, complete: true },
      ],
      document: { digest, sizeBytes: bytes.length },
    });
    const text = await plombe(['fingerprint', image]);
    expect(text.stdout).toContain(`Fingerprint ${digest}\n`);
    const lines = bytes.toString().split('\n');
    expect(lines).toHaveLength(13);
    expect(lines.slice(1, -1).map((line) => (JSON.parse(line) as { path: string }).path)).toEqual([
      'bin',
      'bin/app',
      'bin/app-link',
      'bin/su',
      'bin/tool',
      'etc',
      'etc/hosts',
      'etc/passwd',
      'sbin',
      'srv',
      'srv/data',
    ]);
  });

  it('says what it cannot take', async () => {
    const cases: readonly [readonly string[], number, string][] = [
      [['fingerprint', 'purls:-'], 2, 'config/invalid'],
      [['fingerprint', `oci:${layout}:none`], 4, 'source/not-found'],
      [['fingerprint', image, '-o', 'sarif'], 2, 'config/invalid'],
      [['fingerprint', image, '--file', join(home, 'no/folder')], 4, 'report/write'],
      [['fingerprint', 'compare', 'none', image], 4, 'source/not-found'],
      [['fingerprint', 'compare', 'bad', image], 4, 'fingerprint/invalid'],
      [['fingerprint', 'compare', 'cut', image], 4, 'fingerprint/invalid'],
      [['fingerprint', 'compare', 'app.fingerprint', `dir:${home}/none`], 4, 'source/not-found'],
    ];
    writeFileSync(join(home, 'bad'), 'hello\n');
    writeFileSync(join(home, 'cut'), readFileSync(join(home, 'app.fingerprint')).subarray(0, -40));
    for (const [args, code, error] of cases) {
      const outcome = await plombe(args);
      expect([outcome.code, outcome.stdout], outcome.stderr).toEqual([code, '']);
      expect(outcome.stderr).toContain(`[${error}]`);
    }
    expect((await plombe(['fingerprint', 'compare', 'app.fingerprint'])).code).toBe(2);
  });
});

describe('plombe fingerprint compare', () => {
  it('an image is the same as itself, and as another with the same content', async () => {
    const same = await compare(image);
    expect([same.code, same.report.verdict, same.report.differences]).toEqual([0, 'same', []]);
    expect(same.report.subject.digest).toBe(same.report.of.digest);
    writeFileSync(join(home, 'flat.tar'), writeTar(flat()));
    const tar = await compare(`tar:${join(home, 'flat.tar')}`);
    expect([tar.code, changes(tar)]).toEqual([0, []]);
  });

  it.skipIf(!isRoot)('a root file system on disk is the same, until somebody changes it', async () => {
    unpack(rootfs);
    const same = await compare(`dir:${rootfs}`);
    expect([same.code, changes(same), same.report.notCompared]).toEqual([0, [], ['capabilities']]);
    // What an engine makes, and what it must not.
    for (const path of ['proc/1/status', 'dev/null', 'run/x.pid', 'etc/resolv.conf', 'etc/hostname', '.dockerenv']) {
      mkdirSync(join(rootfs, dirname(path)), { recursive: true });
      writeFileSync(join(rootfs, path), 'x');
    }
    writeFileSync(join(rootfs, 'etc/hosts'), '127.0.0.1 localhost\n');
    const running = await compare(`dir:${rootfs}`);
    expect([running.code, changes(running)]).toEqual([0, []]);
    expect(running.report.ignored).toBeGreaterThan(6);
    const strict = await compare(`dir:${rootfs}`, '--no-default-ignores');
    expect([strict.code, changes(strict)]).toEqual([
      1,
      [
        'added .dockerenv',
        'added dev',
        'added dev/null',
        'added etc/hostname',
        'changed etc/hosts: content',
        'added etc/resolv.conf',
        'added proc',
        'added proc/1',
        'added proc/1/status',
        'added run',
        'added run/x.pid',
      ],
    ]);

    appendFileSync(join(rootfs, 'etc/passwd'), 'evil::0:0\n');
    chmodSync(join(rootfs, 'bin/tool'), 0o4755);
    chownSync(join(rootfs, 'srv/data'), 0, 0);
    writeFileSync(join(rootfs, 'bin/evil'), hostileText);
    unlinkSync(join(rootfs, 'bin/su'));
    unlinkSync(join(rootfs, 'sbin'));
    symlinkSync('/tmp', join(rootfs, 'sbin'));
    const changed = await compare(`dir:${rootfs}`, '--ignore', 'srv/**');
    expect([changed.code, changes(changed)]).toEqual([
      1,
      [
        'added bin/evil',
        'removed bin/su',
        'changed bin/tool: mode',
        'changed etc/passwd: content',
        'changed sbin: linkTarget',
      ],
    ]);
    const text = await plombe(['fingerprint', 'compare', 'app.fingerprint', `dir:${rootfs}`]);
    expect(text.stdout).toContain('changed  bin/tool: mode 0755 → 4755\n');
    expect(text.stdout).toContain('changed  srv/data: owner 1000:1000 → 0:0\n');
    expect(text.code).toBe(1);
  });

  it.skipIf(!isRoot)('T02 what is outside of the folder is never read', async () => {
    const folder = join(home, 'linked');
    unpack(folder);
    rmSync(join(folder, 'bin'), { recursive: true });
    symlinkSync('/bin', join(folder, 'bin'));
    const outcome = changes(await compare(`dir:${folder}`));
    expect(outcome).toContain('changed bin: type');
    expect(outcome).toContain('removed bin/app');
    expect(outcome.some((text) => text.startsWith('added'))).toBe(false);
  });

  it.skipIf(!isRoot)('what could not be read is no difference, and not the same either', async () => {
    const folder = join(home, 'closed');
    unpack(folder);
    chmodSync(home, 0o755);
    const dot = join(folder, 'srv');
    chmodSync(dot, 0o700);
    // As a user who may not enter `srv`.
    const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const run = installed('/tmp');
    const args = ['fingerprint', 'compare', join(home, 'app.fingerprint'), `dir:${folder}`, '-o', 'json'];
    const outcome: Outcome = await run([...args, '--ignore', 'srv'], { through: as, cwd: home });
    expect(outcome).toMatchObject({ code: 3 });
    const report = JSON.parse(outcome.stdout) as Report;
    expect([report.verdict, report.differences]).toEqual(['undecidable', []]);
    expect(report.causes[0]?.message).toContain('EACCES');
  });

  it('T21 T68 hostile names cannot write to the terminal', async () => {
    const tar = writeTar([...flat(), { path: `srv/${hostileText.replaceAll('/', '')}`, content: 'x' }]);
    writeFileSync(join(home, 'hostile.tar'), tar);
    const { code, stdout } = await plombe(['fingerprint', 'compare', 'app.fingerprint', `tar:${home}/hostile.tar`]);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout.split('\n').filter((line) => line.startsWith('::'))).toEqual([]);
    const { report } = await compare(`tar:${home}/hostile.tar`);
    expect(report.differences).toHaveLength(1);
  });
});

/** The image as one archive. */
function flat(): readonly TarEntry[] {
  return [
    ...(layers[0] ?? []).filter(({ path }) => path !== 'etc/old'),
    { path: 'bin/tool', content: 'tool', mode: 0o755 },
    { path: 'srv', type: 'directory' },
    { path: 'srv/data', content: 'data', uid: 1000, gid: 1000 },
  ];
}

describe.each(registryKinds)('attesting a fingerprint in %s', (kind) => {
  it('is bound to the digest and found again', async () => {
    const { host, client } = await openTestRegistry(kind);
    const [digest] = await pushLayout(client, layout, 'app', `${host}/team/app:1`);
    const http = ['--plain-http', host];
    const env = { PLOMBE_KEY_PASSWORD: '' };
    const reference = `${host}/team/app:1`;
    if (!existsSync(join(home, 'k.key'))) await plombe(['keys', 'generate', '--out', 'k'], { env });
    const made = await plombe(['fingerprint', reference, '--file', 'reg.fp', '-o', 'json=reg.json', ...http]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(home, 'reg.fp'))).toEqual(readFileSync(join(home, 'app.fingerprint')));
    const type = 'https://plombe.dev/fingerprint/v1';
    const attest = ['attest', reference, '--key', 'k.key', '--type', type, '--predicate', 'reg.json', '--plain-http'];
    expect(await plombe(attest, { env })).toMatchObject({ code: 0 });
    const verify = ['verify-attestation', reference, '--type', type, '--key', 'k.pub', '--plain-http', '-o', 'json'];
    const { code, stdout } = await plombe(verify);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      attestations: { statement: { subject: unknown; predicate: { document: { digest: string } } } }[];
    };
    const statement = report.attestations[0]?.statement;
    const sha256 = createHash('sha256')
      .update(readFileSync(join(home, 'reg.fp')))
      .digest('hex');
    expect(statement?.predicate).toMatchObject({ document: { digest: `sha256:${sha256}` }, state: 'complete' });
    expect(JSON.stringify(statement?.subject)).toContain(digest?.slice('sha256:'.length));
    const compared = await plombe(['fingerprint', 'compare', 'reg.fp', reference, '--plain-http']);
    expect(compared).toMatchObject({ code: 0 });
  });
});

const minimal = builtFixture('debian-minimal');

describe.skipIf(minimal === undefined || !isRoot)('a real image', () => {
  it('is on disk what its fingerprint says, each layer applied by GNU tar', async () => {
    const folder = join(home, 'debian');
    mkdirSync(folder);
    const blob = (digest: string): Buffer => readFileSync(join(minimal ?? '', 'blobs', digest.replace(':', '/')));
    const index = JSON.parse(readFileSync(join(minimal ?? '', 'index.json'), 'utf8')) as {
      manifests: { digest: string }[];
    };
    const manifest = JSON.parse(blob(index.manifests[0]?.digest ?? '').toString()) as {
      layers: { digest: string; mediaType: string }[];
    };
    expect(manifest.layers).toHaveLength(1);
    for (const { digest, mediaType } of manifest.layers) {
      const bytes = blob(digest);
      const input = mediaType.endsWith('zstd') ? zstdDecompressSync(bytes) : bytes;
      const flags = mediaType.endsWith('gzip') ? '-xzpf' : '-xpf';
      execFileSync('tar', [flags, '-', '-C', folder, '--exclude=./dev/*', '--exclude=dev/*'], { input });
    }
    const made = await plombe(['fingerprint', `oci:${minimal}`, '--file', 'debian.fp']);
    expect(made.code).toBe(0);
    const args = ['fingerprint', 'compare', 'debian.fp', `dir:${folder}`, '-o', 'json'];
    const same = await plombe([...args, '--no-default-ignores', '--ignore', 'dev']);
    const report = JSON.parse(same.stdout) as Report & { compared: number };
    expect([changes({ report }), same.code, report.compared > 5000]).toEqual([[], 0, true]);
    cpSync(join(folder, 'bin/ls'), join(folder, 'bin/cat'));
    const other = JSON.parse((await plombe(args)).stdout) as Report;
    expect(changes({ report: other })).toEqual(['changed usr/bin/cat: content']);
  });
});

const millions = builtFixture('empty-files-3m');

describe.skipIf(millions === undefined)('T07 three million files', () => {
  it('end as partial, within the memory that a scan may take', async () => {
    const peakFile = join(home, 'peak');
    const env = { PEAK_FILE: peakFile, NODE_OPTIONS: `--import=${peakModule}` };
    const { code, stdout } = await plombe(['fingerprint', `oci:${millions}`, '-o', 'json'], { env });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'partial', causes: [{ code: 'archive/limit' }] });
    // 256 MiB beside the program itself.
    expect(Number(readFileSync(peakFile, 'utf8')) / 1024).toBeLessThan(256 + 60);
  });
});
