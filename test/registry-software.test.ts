// Programs of Debian, archives of Maven Central and applications of PyPI, fetched here: a part of what the images of test/binaries.test.ts and test/java.test.ts hold, in seconds.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BinaryPackage, binaryPackages } from '@plombe/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { isPackagedVersion } from './support/packaged-version.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

interface Report {
  readonly packages: readonly {
    readonly type: string;
    readonly namespace?: string;
    readonly name: string;
    readonly version: string;
    readonly cataloger: string;
    readonly facts?: Readonly<Record<string, string>>;
    readonly evidence: readonly { readonly path: string }[];
  }[];
}

const home = temporaryFolder();

async function packagesOf(root: string): Promise<Report['packages']> {
  const { stdout, stderr } = await installed(home)(['scan', `dir:${root}`, '-o', 'json']);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Report).packages;
}

function run(program: string, args: readonly string[], cwd: string): boolean {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 90_000 });
  if (status !== 0) console.warn(`SKIPPED: ${program} ended with ${status}: ${stderr.slice(-300)}`);
  return status === 0;
}

/** Packages that take a second each to unpack are left to the image. */
const maxPackageBytes = 1_000_000;
/** Larger ones that are in most images. */
const everywhere: ReadonlySet<string> = new Set([
  'bash',
  'git',
  'haproxy',
  'nginx',
  'openssl',
  'perl-base',
  'redis-tools',
]);

/** The packages of Debian in the image of binaries that are small or in most images, as apt knows them now. */
function smallPackages(): readonly BinaryPackage[] {
  const known = binaryPackages.filter(({ source }) => source === 'debian');
  const flags = ['show', '--no-all-versions', ...known.map(({ name }) => name)];
  const { stdout } = spawnSync('apt-cache', flags, { encoding: 'utf8', maxBuffer: 64 << 20 });
  const sizes = new Map<string, number>();
  for (const paragraph of stdout.split('\n\n')) {
    const [, name = ''] = /^Package: (.+)$/m.exec(paragraph) ?? [];
    sizes.set(name, Number(/^Size: (\d+)$/m.exec(paragraph)?.[1] ?? Number.POSITIVE_INFINITY));
  }
  return known.filter(({ name }) => (sizes.get(name) ?? maxPackageBytes) < maxPackageBytes || everywhere.has(name));
}

describe.skipIf(!hasProgram('apt-get') || !hasProgram('dpkg-deb'))('programs of Debian', () => {
  it('are found without their package manager, in their own versions', { timeout: 120_000 }, async ({ skip }) => {
    const root = join(home, 'debian');
    const fetched = join(home, 'fetched');
    mkdirSync(fetched, { recursive: true });
    const packages = smallPackages();
    // What this machine has installed must not decide the version.
    const flags = ['-o', 'Dir::State::status=/dev/null', '-o', 'APT::Sandbox::User=root'];
    if (!run('apt-get', [...flags, 'download', ...packages.map(({ name }) => name)], fetched))
      skip('apt has no packages');
    const versions = new Map<string, string>();
    for (const file of readdirSync(fetched)) {
      const [name = '', version = ''] = file.split('_');
      versions.set(name, version.replace('%3a', ':'));
      mkdirSync(join(root, name), { recursive: true });
      expect(run('dpkg-deb', ['--extract', join(fetched, file), join(root, name)], home)).toBe(true);
    }
    expect(versions.size).toBeGreaterThanOrEqual(80);
    const found = (await packagesOf(root)).filter(({ cataloger }) => cataloger === 'binary');
    const lines = found.flatMap(({ name, version, evidence }) =>
      evidence.map(({ path }) => ({ place: path.slice(0, path.indexOf('/')), name, version })),
    );
    for (const one of packages) {
      const here = lines.filter(({ place }) => place === one.name);
      const expected = [...(one.software === undefined ? [] : [one.software]), ...(one.bundled ?? [])];
      expect([...new Set(here.map(({ name }) => name))].sort(), one.name).toEqual(expected.sort());
      for (const { name, version } of here) {
        const packaged = versions.get(one.name) ?? '';
        if (name !== one.software) continue;
        expect(isPackagedVersion(one, version, packaged), `${one.name}: ${version}, packaged as ${packaged}`).toBe(
          true,
        );
      }
    }
  });
});

/** Built by Maven, Gradle, Ant and sbt; shaded, relocated, signed, and with a classifier. */
const artifacts = `
  ch.qos.logback:logback-classic:1.4.11 com.fasterxml.jackson.core:jackson-databind:2.15.2 com.google.guava:guava:32.1.2-jre
  com.google.protobuf:protobuf-java:3.19.1 com.h2database:h2:1.4.200 com.squareup.okhttp3:okhttp:4.11.0 com.zaxxer:HikariCP:4.0.3
  commons-collections:commons-collections:3.2.2 commons-io:commons-io:2.6 io.netty:netty-codec-http:4.1.97.Final
  io.netty:netty-transport-native-epoll:4.1.97.Final:linux-x86_64 io.undertow:undertow-core:2.0.30.Final log4j:log4j:1.2.17
  net.minidev:json-smart:2.5.0 org.apache.activemq:activemq-all:5.18.3 org.apache.curator:curator-client:5.5.0
  org.apache.logging.log4j:log4j-core:2.14.1 org.apache.parquet:parquet-jackson:1.13.1 org.apache.shiro:shiro-core:1.5.2
  org.apache.struts:struts2-core:2.5.20 org.apache.zookeeper:zookeeper:3.4.6 org.bouncycastle:bcprov-jdk18on:1.76
  org.codehaus.groovy:groovy:3.0.19 org.eclipse.jetty:jetty-server:9.4.40.v20210413 org.jboss.logging:jboss-logging:3.4.1.Final
  org.postgresql:postgresql:42.2.14 org.springframework:spring-web:5.3.29 org.yaml:snakeyaml:2.1
`
  .trim()
  .split(/\s+/);
/** What was put into some of them, under other names of classes, as their own builds say. */
const shaded: Readonly<Record<string, readonly string[]>> = {
  'curator-client-5.5.0.jar': ['com.google.guava:failureaccess:1.0.1', 'com.google.guava:listenablefuture:1.0'],
  'parquet-jackson-1.13.1.jar': [
    'com.fasterxml.jackson.core:jackson-annotations:2.13.4',
    'com.fasterxml.jackson.core:jackson-core:2.13.4',
    'com.fasterxml.jackson.core:jackson-databind:2.13.4.2',
  ],
};
const jruby = 'org.jruby:jruby-complete:9.4.8.0';

/** Writes archives of archives: an executable one with a script before it, a web archive in an enterprise archive, one whose pom.xml alone is left. */
const repack = `
import os, sys, zipfile
jars, out = sys.argv[1:]
def jar(name): return os.path.join(jars, name)
with zipfile.ZipFile(os.path.join(out, 'plain.zip'), 'w') as boot:
    boot.write(jar('snakeyaml-2.1.jar'), 'BOOT-INF/lib/snakeyaml-2.1.jar')
    boot.write(jar('spring-web-5.3.29.jar'), 'BOOT-INF/lib/spring-web-5.3.29.jar')
with open(os.path.join(out, 'plain.zip'), 'rb') as plain, open(os.path.join(out, 'boot.jar'), 'wb') as boot:
    boot.write(b'#!/bin/sh\\nexec java -jar "$0" "$@"\\n' + plain.read())
os.remove(os.path.join(out, 'plain.zip'))
with zipfile.ZipFile(os.path.join(out, 'shop.war'), 'w', zipfile.ZIP_DEFLATED) as war:
    war.write(jar('struts2-core-2.5.20.jar'), 'WEB-INF/lib/struts2-core-2.5.20.jar')
    war.write(jar('curator-client-5.5.0.jar'), 'WEB-INF/lib/curator-client-5.5.0.jar')
with zipfile.ZipFile(os.path.join(out, 'shop.ear'), 'w', zipfile.ZIP_DEFLATED) as ear:
    ear.write(os.path.join(out, 'shop.war'), 'shop.war')
os.remove(os.path.join(out, 'shop.war'))
with zipfile.ZipFile(jar('log4j-core-2.14.1.jar')) as whole, zipfile.ZipFile(os.path.join(out, 'logging.jar'), 'w') as rest:
    for name in whole.namelist():
        if not name.endswith('pom.properties') and not name.endswith('MANIFEST.MF'): rest.writestr(name, whole.read(name))
`;

describe.skipIf(!hasProgram('mvn') || !hasProgram('python3'))('archives of Maven Central', () => {
  const root = join(home, 'java');
  let isFetched = false;
  beforeAll(() => {
    const project = join(home, 'project');
    mkdirSync(project, { recursive: true });
    const dependencies = [...artifacts, jruby].map((coordinates) => {
      const [group, artifact, version, classifier = ''] = coordinates.split(':');
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><classifier>${classifier}</classifier><exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>`;
    });
    writeFileSync(
      join(project, 'pom.xml'),
      `<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`,
    );
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
    isFetched = run('mvn', ['-q', '-B', plugin, `-DoutputDirectory=${root}`], project);
    if (!isFetched) return;
    mkdirSync(join(home, 'jruby'));
    renameSync(join(root, 'jruby-complete-9.4.8.0.jar'), join(home, 'jruby/jruby.jar'));
  }, 120_000);

  const coordinatesOf = ({ namespace, name, version }: Report['packages'][number]): string =>
    `${namespace}:${name}:${version}`;

  it(
    'are found by the coordinates they were fetched by, and what is shaded into them',
    { timeout: 120_000 },
    async ({ skip }) => {
      if (!isFetched) skip('Maven fetched nothing');
      const found = (await packagesOf(root)).filter(({ type }) => type === 'maven');
      const coordinates = new Set(found.map(coordinatesOf));
      expect(artifacts.filter((one) => !coordinates.has(one.split(':', 3).join(':')))).toEqual([]);
      // Nothing without a group, and no archive as two things.
      expect(found.filter(({ namespace }) => namespace === undefined)).toEqual([]);
      expect(readdirSync(root)).toHaveLength(artifacts.length);
      for (const [file, inside] of Object.entries(shaded)) {
        const here = found.filter(
          ({ facts, evidence }) => facts?.['shadedInto'] !== undefined && evidence[0]?.path.startsWith(file),
        );
        expect(here.map(coordinatesOf).sort()).toEqual(inside);
      }
    },
  );

  it(
    'are found inside other archives, and by a pom.xml that has its version from its parent',
    { timeout: 120_000 },
    async ({ skip }) => {
      if (!isFetched) skip('Maven fetched nothing');
      const folder = join(home, 'repacked');
      mkdirSync(folder);
      writeFileSync(join(home, 'repack.py'), repack);
      expect(run('python3', [join(home, 'repack.py'), root, folder], home)).toBe(true);
      const found = (await packagesOf(folder)).filter(({ type }) => type === 'maven');
      const lines = found.flatMap((one) =>
        one.evidence.map(({ path }) => `${path.replace(/!\/META-INF\/.*$/, '')} ${coordinatesOf(one)}`),
      );
      const war = 'shop.ear!/shop.war!/WEB-INF/lib/';
      expect(lines.sort()).toEqual([
        'boot.jar!/BOOT-INF/lib/snakeyaml-2.1.jar org.yaml:snakeyaml:2.1',
        'boot.jar!/BOOT-INF/lib/spring-web-5.3.29.jar org.springframework:spring-web:5.3.29',
        'logging.jar org.apache.logging.log4j:log4j-core:2.14.1',
        ...(shaded['curator-client-5.5.0.jar'] ?? []).map((inside) => `${war}curator-client-5.5.0.jar ${inside}`),
        `${war}curator-client-5.5.0.jar org.apache.curator:curator-client:5.5.0`,
        `${war}struts2-core-2.5.20.jar org.apache.struts:struts2-core:2.5.20`,
      ]);
    },
  );

  it('of JRuby hold the gems that JRuby itself lists', { timeout: 120_000 }, async ({ skip }) => {
    if (!isFetched) skip('Maven fetched nothing');
    const script = 'Gem::Specification.each { |gem| puts "#{gem.name}@#{gem.version}" }';
    const flags = ['-XX:TieredStopAtLevel=1', '-jar', join(home, 'jruby/jruby.jar'), '--dev', '-e', script];
    const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home };
    const { stdout } = spawnSync('java', flags, { encoding: 'utf8', env });
    const listed = stdout.trim().split('\n');
    const found = (await packagesOf(join(home, 'jruby'))).filter(({ type }) => type === 'gem');
    expect(listed.length).toBeGreaterThan(70);
    expect(found.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(listed.sort());
  });
});

describe.skipIf(!hasProgram('python3'))('applications in one file of PyPI', () => {
  it('hold what pip lists of them, made by shiv and pex', { timeout: 240_000 }, async ({ skip }) => {
    const tools = join(home, 'python');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--target', tools];
    if (!run('python3', [...pip, 'shiv==1.0.8', 'pex==2.105.2'], home)) skip('pip fetched nothing');
    const root = join(home, 'applications');
    mkdirSync(join(root, 'bin'), { recursive: true });
    const env = [`HOME=${home}`, `PYTHONPATH=${tools}`, 'python3', '-m'];
    const made = (...args: string[]): boolean => run('env', [...env, ...args], home);
    const isMade =
      made('shiv.cli', '--quiet', '-e', 'requests:get', '-o', join(root, 'bin/fetch'), 'requests==2.25.0') &&
      made('pex', '-m', 'jinja2', '-o', join(root, 'bin/render'), 'jinja2==3.1.2');
    if (!isMade) skip('PyPI has no packages');
    const packages = (await packagesOf(root)).filter(({ type }) => type === 'pypi');
    for (const name of ['fetch', 'render']) {
      const unpacked = join(home, `${name}-unpacked`);
      expect(run('python3', ['-m', 'zipfile', '-e', join(root, 'bin', name), unpacked], home)).toBe(true);
      const wheels = name === 'fetch' ? [] : readdirSync(join(unpacked, '.deps'), { withFileTypes: true });
      const folders =
        name === 'fetch' ? [join(unpacked, 'site-packages')] : wheels.map((one) => join(unpacked, '.deps', one.name));
      const flags = ['-m', 'pip', 'list', '--disable-pip-version-check', '--format', 'json'];
      const paths = folders.flatMap((folder) => ['--path', folder]);
      const { stdout } = spawnSync('python3', [...flags, ...paths], { encoding: 'utf8' });
      const listed = (JSON.parse(stdout) as { name: string; version: string }[]).map(
        (one) => `${one.name.toLowerCase().replaceAll(/[-_.]+/g, '-')}@${one.version}`,
      );
      const found = packages.filter(({ evidence }) => evidence.some(({ path }) => path.startsWith(`bin/${name}!/`)));
      expect(listed.length).toBeGreaterThanOrEqual(2);
      expect(found.map((one) => `${one.name}@${one.version}`).sort()).toEqual(listed.sort());
    }
  });
});
