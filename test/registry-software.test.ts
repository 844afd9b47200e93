// Programs of Debian and archives of Maven Central, fetched here: a few of what the images of test/binaries.test.ts and test/java.test.ts hold, in seconds.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

interface Report {
  readonly packages: readonly {
    readonly type: string;
    readonly namespace?: string;
    readonly name: string;
    readonly version: string;
    readonly cataloger: string;
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

/** Package of Debian → the software that its files are. */
const programs: Readonly<Record<string, string>> = {
  bash: 'bash',
  busybox: 'busybox',
  curl: 'curl',
  git: 'git',
  haproxy: 'haproxy',
  libexpat1: 'expat',
  'libsqlite3-0': 'sqlite',
  memcached: 'memcached',
  nginx: 'nginx',
  openssl: 'openssl',
  'perl-base': 'perl',
  'redis-tools': 'redis',
  rsync: 'rsync',
  sudo: 'sudo',
  wget: 'wget',
};

describe.skipIf(!hasProgram('apt-get') || !hasProgram('dpkg-deb'))('programs of Debian', () => {
  it('are found without their package manager, in their own versions', { timeout: 120_000 }, async ({ skip }) => {
    const root = join(home, 'debian');
    const fetched = join(home, 'fetched');
    mkdirSync(fetched, { recursive: true });
    // What this machine has installed must not decide the version.
    const flags = ['-o', 'Dir::State::status=/dev/null', '-o', 'APT::Sandbox::User=root'];
    if (!run('apt-get', [...flags, 'download', ...Object.keys(programs)], fetched)) skip('apt has no packages');
    const versions = new Map<string, string>();
    for (const file of readdirSync(fetched)) {
      const [name = '', version = ''] = file.split('_');
      // Without epoch, revision, and marks of repacking.
      versions.set(
        name,
        version
          .replace(/^\d+%3a/, '')
          .replace(/-[^-]*$/, '')
          .replace(/[+~].*$/, ''),
      );
      mkdirSync(join(root, name), { recursive: true });
      expect(run('dpkg-deb', ['--extract', join(fetched, file), join(root, name)], home)).toBe(true);
    }
    const found = (await packagesOf(root)).filter(({ cataloger }) => cataloger === 'binary');
    const lines = found.flatMap(({ name, version, evidence }) =>
      evidence.map(({ path }) => `${path.slice(0, path.indexOf('/'))}: ${name}@${version}`),
    );
    expect([...new Set(lines)].sort()).toEqual(
      Object.entries(programs)
        .map(([name, software]) => `${name}: ${software}@${versions.get(name)}`)
        .sort(),
    );
  });
});

/** Built by Maven, Gradle, Ant and sbt; shaded, signed, and with a classifier. */
const artifacts = `
  ch.qos.logback:logback-classic:1.4.11 com.fasterxml.jackson.core:jackson-databind:2.15.2 com.google.guava:guava:32.1.2-jre
  com.squareup.okhttp3:okhttp:4.11.0 commons-collections:commons-collections:3.2.2 io.netty:netty-codec-http:4.1.97.Final
  log4j:log4j:1.2.17 net.minidev:json-smart:2.5.0 org.apache.activemq:activemq-all:5.18.3 org.apache.zookeeper:zookeeper:3.4.6
  org.bouncycastle:bcprov-jdk18on:1.76 org.codehaus.groovy:groovy:3.0.19 org.springframework:spring-web:5.3.29 org.yaml:snakeyaml:2.1
`
  .trim()
  .split(/\s+/);

describe.skipIf(!hasProgram('mvn'))('archives of Maven Central', () => {
  it('are found by the coordinates they were fetched by', { timeout: 120_000 }, async ({ skip }) => {
    const project = join(home, 'project');
    const root = join(home, 'java');
    mkdirSync(project, { recursive: true });
    const dependencies = artifacts.map((coordinates) => {
      const [group, artifact, version] = coordinates.split(':');
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>`;
    });
    writeFileSync(
      join(project, 'pom.xml'),
      `<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`,
    );
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
    if (!run('mvn', ['-q', '-B', plugin, `-DoutputDirectory=${root}`], project)) skip('Maven fetched nothing');
    const found = (await packagesOf(root)).filter(({ type }) => type === 'maven');
    const coordinates = new Set(found.map(({ namespace, name, version }) => `${namespace}:${name}:${version}`));
    expect(artifacts.filter((one) => !coordinates.has(one))).toEqual([]);
    // Nothing without a group, and no archive as two things.
    expect(found.filter(({ namespace }) => namespace === undefined)).toEqual([]);
    expect(readdirSync(root)).toHaveLength(artifacts.length);
    rmSync(root, { recursive: true });
  });
});
