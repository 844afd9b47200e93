// Archives, programs, scripts and statements in an image that are made to break or to persuade a scanner, through the program itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tarHeader, writeTar, type TarEntry } from '@plombe/formats/testing';
import { writeZip } from '@plombe/formats/testing/zip';
import { writeFeeds } from './support/feeds.ts';
import { apkInstalled, npmPackage, osRelease } from './support/images.ts';
import { writeHostile, type HostileLayer, type Piece } from './support/layout.ts';
import { measured, type Measured } from './support/measured.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { bundleOf, digestOf, startRogue } from './support/rogue.ts';
import { openSigningProgram } from './support/signing.ts';

const home = temporaryFolder();
const database = join(home, 'db');
const mebibyte = 1024 * 1024;
const base: readonly TarEntry[] = [
  osRelease,
  { path: 'lib/apk/db/installed', content: apkInstalled({ busybox: '1.36.1-r29', musl: '1.2.5-r0' }) },
  npmPackage('srv/app', 'lodash', '4.17.4'),
];
const good: HostileLayer = { stored: [writeTar(base)] };

interface Report {
  readonly state: string;
  readonly causes: readonly { readonly code: string }[];
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly findings: readonly { readonly vulnerability: string }[];
  readonly diagnostics: readonly { readonly code: string; readonly path?: string }[];
}

let count = 0;
let plain: Measured;

/** The oracle of THREATS.md: at most 256 MiB more than a plain scan, a minute, no file outside the folders of the program. */
async function scan(layers: readonly HostileLayer[], ...flags: readonly string[]): Promise<Report & Measured> {
  const folder = writeHostile(join(home, `image-${count++}`), { layers });
  const outcome = await measured(folder, ['scan', `oci:${folder}`, '--db', database, '-o', 'json', ...flags]);
  expect(outcome.stderr).not.toMatch(/internal\/bug|at .*\.ts:\d+/);
  expect([0, 3], outcome.stderr).toContain(outcome.code);
  expect(outcome.strayFiles).toEqual([]);
  if (plain !== undefined) expect(outcome.peakMiB - plain.peakMiB).toBeLessThan(256);
  return { ...(JSON.parse(outcome.stdout) as Report), ...outcome };
}

const names = ({ packages }: Report): string[] => packages.map(({ name }) => name).sort();
const of = (...entries: readonly TarEntry[]): HostileLayer => ({ stored: [writeTar(entries)] });

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  const built = await installed(home)(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
  expect(built.code, built.stderr).toBe(0);
  await scan([good]);
  plain = await scan([good]);
});

it('T04 owners and modes of a path outside are not those of the path on this machine', async () => {
  const victim = join(home, 'victim');
  writeFileSync(victim, 'x');
  chmodSync(victim, 0o600);
  const before = statSync(victim);
  const up = `${'../'.repeat(30)}${victim.slice(1)}`;
  const report = await scan([
    good,
    of(
      { path: up, content: 'evil', mode: 0o4777, uid: 12_345, gid: 12_345 },
      { path: `/${victim}`, content: 'evil', mode: 0o777 },
      { path: 'link', type: 'symlink', linkTarget: victim },
      { path: 'link', content: 'evil', mode: 0o777, uid: 1 },
      { path: 'hard', type: 'hardlink', linkTarget: up },
      { path: 'hard', type: 'directory', mode: 0o777 },
    ),
  ]);
  const { mode, uid, gid, size, mtimeMs, nlink } = statSync(victim);
  expect([mode, uid, gid, size, mtimeMs, nlink]).toEqual([before.mode, before.uid, before.gid, 1, before.mtimeMs, 1]);
  expect(names(report)).toEqual(names(JSON.parse(plain.stdout) as Report));
});

const coordinates = (version: string) => ({
  name: 'META-INF/maven/org.example/a/pom.properties',
  content: `groupId=org.example\nartifactId=a\nversion=${version}\n`,
});

describe('archives of applications', () => {
  it('T08 a thousand jars in one another end at a depth, and what was read stays', async () => {
    let nested = writeZip([coordinates('1.0')]);
    for (let at = 0; at < 1000; at++)
      nested = writeZip([
        coordinates(`2.${at}`),
        { name: `x.${['jar', 'war', 'ear'][at % 3]}`, content: nested, method: 0 },
      ]);
    const report = await scan([good, of({ path: 'srv/x.ear', content: nested })]);
    expect([report.code, report.state]).toEqual([3, 'partial']);
    expect(report.causes.map(({ code }) => code)).toContain('archive/limit');
    expect(report.packages.filter(({ name }) => name === 'a').map(({ version }) => version)).toContain('2.999');
    expect(names(report)).toEqual(expect.arrayContaining(['busybox', 'lodash', 'musl']));
  });

  it('T09 an archive that two readers see differently is told, and is no clean one', async () => {
    const twice = writeZip([coordinates('1.0'), coordinates('9.9')]);
    const inComment = writeZip([coordinates('1.0')], { comment: writeZip([coordinates('9.9')]) });
    const traversal = writeZip([coordinates('1.0'), { name: '../../../../etc/cron.d/x', content: 'x' }]);
    const report = await scan([
      good,
      of(
        { path: 'srv/twice.jar', content: twice },
        { path: 'srv/comment.jar', content: inComment },
        { path: 'srv/up.jar', content: traversal },
      ),
    ]);
    expect([report.code, report.state]).toEqual([3, 'partial']);
    const told = report.diagnostics.filter(({ path }) => /twice|comment/.test(path ?? '')).map(({ path }) => path);
    expect(new Set(told)).toEqual(new Set(['srv/comment.jar', 'srv/twice.jar']));
    expect(report.packages.some(({ name, version }) => name === 'a' && version === '1.0')).toBe(true);
  });

  it('T16 the parent of a pom is read from the archive or not at all: nobody is called', async () => {
    let calls = 0;
    const server = createServer((_, response) => {
      calls += 1;
      response.end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const pom = `<?xml version="1.0"?><?xml-stylesheet href="${url}/x.xsl"?>
      <project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${url}/i.xml"/>
      <parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version><relativePath>${url}/pom.xml</relativePath></parent>
      <artifactId>a</artifactId><version>\${v}</version><properties><v>\${v}\${v}</v></properties>
      <repositories><repository><id>r</id><url>${url}/m2</url></repository></repositories></project>`;
    const jar = writeZip([{ name: 'META-INF/maven/g/a/pom.xml', content: pom }]);
    const report = await scan(
      [good, of({ path: 'srv/a-1.jar', content: jar }, { path: 'srv/src/pom.xml', content: pom })],
      '--declared',
      'always',
    );
    expect(calls).toBe(0);
    expect(names(report)).toEqual(expect.arrayContaining(['busybox', 'lodash', 'musl']));
  });
});

it('T12 sections of programs that are larger than any file, or before it', async () => {
  const elf = Buffer.alloc(8192);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeUInt16LE(2, 16);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeBigUInt64LE(0xffff_ffff_ffff_f000n, 40);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(0xffff, 56);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(0xffff, 60);
  elf.fill(0xff, 64, 4096);
  const pe = Buffer.alloc(8192);
  pe.write('MZ');
  pe.writeUInt32LE(128, 60);
  pe.write('PE\0\0', 128);
  pe.fill(0xff, 132, 4096);
  const macho = Buffer.alloc(8192);
  macho.writeUInt32LE(0xfeedfacf);
  macho.fill(0xff, 4, 4096);
  const fat = Buffer.concat([Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(4096, 0xff)]);
  const programs = { elf, pe, macho, fat };
  const entries = Object.entries(programs).flatMap(([name, content]) =>
    ['', '.exe', '.dll', '.so', '.dylib', '.node'].map((end): TarEntry => ({
      path: `usr/bin/${name}${end}`,
      content,
      mode: 0o755,
    })),
  );
  const report = await scan([good, of(...entries)]);
  expect(names(report)).toEqual(expect.arrayContaining(['busybox', 'lodash', 'musl']));
});

/** A file of one line that looks like a hundred thousand secrets, given as it is written. */
function* secrets(path: string, sizeBytes: number, head = ''): Generator<Piece> {
  const line = Buffer.from(
    `a("AKIAIOSFODNN7EXAMPLE","ghp_${'a1B2'.repeat(9)}","password=hunter2","jQuery v","1.0.0");`.padEnd(2000, 'x'),
  );
  const piece = Buffer.concat(Array.from({ length: 500 }, () => line));
  const times = Math.ceil(sizeBytes / piece.length);
  const size = head.length + times * piece.length;
  yield tarHeader({ name: Buffer.from(path), type: '0', sizeBytes: size });
  yield Buffer.from(head);
  for (let at = 0; at < times; at++) yield piece;
  yield Buffer.alloc((512 - (size % 512)) % 512);
}

describe('T17 a line of 200 MB with 100,000 secrets', () => {
  it.each([
    ['a bundle', 'srv/app/bundle.js', '', []],
    ['a library with its banner', 'srv/app/lib.min.js', '/*! jQuery v3.4.1 | (c) */', ['jquery']],
    ['a library by its name', 'srv/app/jquery-3.4.1.min.js', '', ['jquery']],
    ['a package.json', 'srv/app/node_modules/x/package.json', '{"name": "x", "version": "1.0.0", "x": "', []],
    ['a package-lock.json', 'srv/app/package-lock.json', '{"lockfileVersion": 3, "packages": {"', []],
    ['a yarn.lock', 'srv/app/yarn.lock', '# yarn lockfile v1\n', []],
    ['a pnpm-lock.yaml', 'srv/app/pnpm-lock.yaml', "lockfileVersion: '9.0'\n", []],
    ['a bun.lock', 'srv/app/bun.lock', '{"lockfileVersion": 1, "', []],
  ])('%s', async (_, path, head, found) => {
    function* tar(): Generator<Piece> {
      yield* secrets(path, 200 * mebibyte, head);
      yield Buffer.alloc(1024);
    }
    const report = await scan([good, { stored: tar() }], '--declared', 'always');
    expect(names(report)).toEqual(['busybox', ...found, 'lodash', 'musl']);
    // Where it is read for what it holds it is too large, which is told once; a script is no list of packages.
    expect(report.state).toBe(path.endsWith('.js') ? 'assessed' : 'partial');
    expect(report.stdout.length - plain.stdout.length).toBeLessThan(8_000);
    expect(report.stdout + report.stderr).not.toMatch(/AKIA|ghp_|hunter2/);
  });
});

const lodashIds = (report: Report): readonly string[] =>
  report.findings.map(({ vulnerability }) => vulnerability).sort();

/** A statement that nothing in the image is affected, of the vulnerabilities that it has. */
function openVex(ids: readonly string[], product: string): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://evil.example/vex',
    author: 'Nobody',
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
    statements: ids.map((name) => ({
      vulnerability: { name },
      products: [
        { '@id': product, subcomponents: [{ '@id': 'pkg:npm/lodash@4.17.4' }] },
        { '@id': 'pkg:npm/lodash@4.17.4' },
      ],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
    })),
  };
}

describe('T23 statements by nobody that is trusted', () => {
  it('VEX and attestations that lie in the image change nothing', async () => {
    const ids = lodashIds(JSON.parse(plain.stdout) as Report);
    expect(ids.length).toBeGreaterThan(0);
    const vex = JSON.stringify(openVex(ids, 'pkg:oci/x'));
    const cdx = JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      vulnerabilities: ids.map((id) => ({
        id,
        analysis: { state: 'not_affected' },
        affects: [{ ref: 'pkg:npm/lodash@4.17.4' }],
      })),
    });
    const paths = [
      'vex.json',
      '.vex/x.openvex.json',
      'usr/share/vex/x.json',
      'srv/app/vex.json',
      'bom.json',
      'var/lib/db/sbom/x.vex.json',
    ];
    const ignores = [
      '.trivyignore',
      '.grype.yaml',
      '.snyk',
      'osv-scanner.toml',
      'plombe.yaml',
      'srv/app/plombe.yaml',
      '.plombe/exceptions.yaml',
    ];
    const report = await scan([
      good,
      of(
        ...paths.map((path) => ({ path, content: path.includes('bom') ? cdx : vex })),
        ...ignores.map((path) => ({ path, content: ids.join('\n') })),
        {
          path: 'srv/app/attestation.intoto.jsonl',
          content: JSON.stringify({ predicateType: 'https://openvex.dev/ns/v0.2.0', predicate: openVex(ids, 'x') }),
        },
      ),
    ]);
    expect([lodashIds(report), report.state]).toEqual([ids, 'assessed']);
  });

  it('those that stand beside it in a registry, signed by somebody, change nothing either', async () => {
    const { home: keys, keyPair } = openSigningProgram();
    await keyPair('nobody');
    const world = await startRogue();
    const tar = writeTar(base);
    const config = {
      ...world.put({
        architecture: 'amd64',
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
        config: {},
      }),
      mediaType: 'application/vnd.oci.image.config.v1+json',
    };
    const image = world.put(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config,
        layers: [{ ...world.put(tar), mediaType: 'application/vnd.oci.image.layer.v1.tar' }],
      },
      '1',
    );
    const ids = lodashIds(JSON.parse(plain.stdout) as Report);
    const vex = await bundleOf(
      join(keys, 'nobody'),
      image.digest,
      'https://openvex.dev/ns/v0.2.0',
      openVex(ids, 'pkg:oci/app'),
    );
    const sbom = await bundleOf(join(keys, 'nobody'), image.digest, 'https://cyclonedx.org/bom', {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [],
    });
    const referrers = [world.referrer(image, vex), world.referrer(image, sbom)];
    world.list(
      image,
      referrers.map((one) => ({ ...one, artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' })),
    );
    mkdirSync(join(home, 'registry'));
    const outcome = await measured(join(home, 'registry'), [
      'scan',
      `${world.host}/app:1`,
      '--plain-http',
      '--db',
      database,
      '-o',
      'json',
    ]);
    const report = JSON.parse(outcome.stdout) as Report;
    expect([lodashIds(report), names(report)]).toEqual([ids, names(JSON.parse(plain.stdout) as Report)]);
  });
});
