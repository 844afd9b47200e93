// A Maven project against Maven itself, Gradle's and sbt's files, and what only hostile ones hold.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { isExact, scopeOfConfigurations } from './coordinates.ts';
import { javaLockCataloger } from './index.ts';

const maven = new URL('testing/maven/', import.meta.url);
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(javaLockCataloger, specs);
const pom = (body: string): string =>
  `<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version>${body}</project>`;
const dependency = (artifact: string, version = '', more = ''): string =>
  `<dependency><groupId>d</groupId><artifactId>${artifact}</artifactId>${version === '' ? '' : `<version>${version}</version>`}${more}</dependency>`;

describe('a project of Maven', () => {
  const result = of(readFolder(maven));
  const own = (path: string): readonly string[] =>
    lines({ packages: result.packages.filter(({ paths }) => paths[0] === path) });

  it('properties, parents and managed versions of the tree, the nearest first', () => {
    expect(own('core/pom.xml')).toEqual([
      'com.example:core@1.2.3 runtime local',
      'junit:junit@4.12 development direct',
      'org.apache.commons:commons-lang3@3.9 runtime direct',
      'org.slf4j:slf4j-api@1.7.30 runtime direct',
    ]);
    expect(own('web/pom.xml')).toEqual([
      'com.example:core@1.2.3 runtime local',
      'com.example:web@1.2.3 runtime local',
      'javax.servlet:javax.servlet-api@4.0.1 runtime direct',
      'org.apache.commons:commons-lang3@3.8.1 runtime direct',
      'org.slf4j:slf4j-api@1.7.30 runtime direct',
    ]);
    expect(result.packages.find(({ name }) => name === 'javax.servlet-api')?.facts).toEqual({ mavenScope: 'provided' });
  });

  it('says that it does not know what those need', () => {
    expect(result.complete).toBe(false);
    expect(new Set(result.diagnostics.map(({ code }) => code))).toEqual(new Set(['package/dependencies-open']));
  });

  const repository = join(
    process.env['HOME'] ?? '/root',
    '.m2/repository/org/apache/maven/plugins/maven-dependency-plugin',
  );
  it.skipIf(!existsSync(repository))(
    'the same as mvn dependency:list (skipped: no Maven with its plug-in at hand)',
    { timeout: 120_000 },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'plombe-maven-'));
      try {
        cpSync(fileURLToPath(maven), folder, { recursive: true });
        const output = join(folder, 'list.txt');
        const flags = [
          '-o',
          '-q',
          '-B',
          'compile',
          'dependency:list',
          '-DexcludeTransitive=true',
          `-DoutputFile=${output}`,
          '-DappendOutput=true',
        ];
        execFileSync('mvn', flags, { cwd: folder, stdio: 'ignore' });
        const listed = new Set<string>();
        for (const [, group, artifact, version] of readFileSync(output, 'utf8').matchAll(
          /^ +([\w.-]+):([\w.-]+):jar:([\w.-]+):\w+/gm,
        ))
          listed.add(`${group}:${artifact}@${version}`);
        const found = result.packages.map(({ namespace, name, version }) => `${namespace}:${name}@${version}`);
        expect(listed.size).toBeGreaterThan(4);
        expect(found).toEqual(expect.arrayContaining([...listed]));
        const ours = new Set(['com.example:whole@1.2.3', 'com.example:web@1.2.3']);
        for (const one of found) if (!ours.has(one)) expect([...listed]).toContain(one);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('pom.xml', () => {
  const read = (body: string, more = {}) => of({ 'pom.xml': pom(body), ...more });
  const deps = (...list: readonly string[]): string => `<dependencies>${list.join('')}</dependencies>`;

  it('names what has no exact version, and invents none', () => {
    const result = read(
      deps(
        dependency('managed'),
        dependency('range', '[1,2)'),
        dependency('latest', 'LATEST'),
        dependency('open', '${none}'),
        dependency('exact', '1.0'),
      ),
    );
    expect(lines(result)).toEqual(['d:exact@1.0 runtime direct', 'g:a@1 runtime local']);
    expect(result.diagnostics.find(({ code }) => code === 'package/version-open')?.message).toBe(
      'pom.xml asks for packages without an exact version: d:latest:LATEST, d:managed, d:open:${none}, d:range:[1,2).',
    );
  });

  it('takes versions of lists that are imported from the tree', () => {
    const imported = `<dependencyManagement>${deps('<dependency><groupId>g</groupId><artifactId>bom</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency>')}</dependencyManagement>`;
    const bom = pom(
      `<properties><v>2.0</v></properties><dependencyManagement>${deps(dependency('x', '${v}'))}</dependencyManagement>`,
    ).replace('<artifactId>a<', '<artifactId>bom<');
    expect(lines(read(`${imported}${deps(dependency('x'))}`, { 'bom/pom.xml': bom }))).toContain(
      'd:x@2.0 runtime direct',
    );
  });

  it('takes no parent from outside the tree', () => {
    const child = `<parent><groupId>p</groupId><artifactId>p</artifactId><version>1</version><relativePath>../../etc/pom.xml</relativePath></parent>${deps(dependency('x'))}`;
    expect(read(child).diagnostics.map(({ code }) => code)).toContain('package/version-open');
  });

  it('T15 parents, lists and properties that lead to themselves end', () => {
    const parent =
      '<parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent>';
    const self = `<dependencyManagement>${deps('<dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency>')}</dependencyManagement>`;
    const result = read(
      `${parent}${self}<properties><x>\${y}\${y}</x><y>\${x}\${x}</y></properties>${deps(dependency('x', '${x}'))}`,
    );
    expect(result.diagnostics.map(({ code }) => code)).toContain('package/version-open');
  });

  it('T07 many children of a large parent end, and that is told', () => {
    const parent = '<parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version></parent>';
    const many = deps(...Array.from({ length: 10_000 }, (_, n) => dependency(`d${n}`, '1')));
    const children = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [
        `c${n}/pom.xml`,
        `<project>${parent}<artifactId>c${n}</artifactId></project>`,
      ]),
    );
    const result = read(many, children);
    expect(result.diagnostics.map(({ code }) => code)).toContain('archive/limit');
    expect(result.complete).toBe(false);
  });

  it('T54 refuses a document type with entities', () => {
    const result = of({
      'pom.xml': `<!DOCTYPE project [<!ENTITY x SYSTEM "file:///etc/passwd">]>${pom(deps(dependency('x', '&x;')))}`,
    });
    expect([result.packages, result.complete]).toEqual([[], false]);
  });
});

describe('Gradle', () => {
  const lock = `# This is a Gradle generated file for dependency locking.
com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath,testRuntimeClasspath
junit:junit:4.13.2=testCompileClasspath,testRuntimeClasspath
org.projectlombok:lombok:1.18.24=annotationProcessor
org.slf4j:slf4j-api:1.7.36=releaseRuntimeClasspath
empty=testAnnotationProcessor
`;

  it('lock files by configuration, of the build script and of old', () => {
    const result = of({
      'gradle.lockfile': lock,
      'buildscript-gradle.lockfile': 'com.example:plugin:1.0=classpath\nempty=\n',
      'old/gradle/dependency-locks/compileClasspath.lockfile': 'a:b:1.0\n',
      'old/gradle/dependency-locks/testCompileClasspath.lockfile': 'c:d:2.0\n',
    });
    expect(lines(result)).toEqual([
      'a:b@1.0 runtime',
      'c:d@2.0 development',
      'com.example:plugin@1.0 development',
      'com.google.guava:guava@31.1-jre runtime',
      'junit:junit@4.13.2 development',
      'org.projectlombok:lombok@1.18.24 development',
      'org.slf4j:slf4j-api@1.7.36 runtime',
    ]);
    expect([result.complete, result.diagnostics]).toEqual([true, []]);
  });

  it('a lock file that was cut off is told', () => {
    const { complete, diagnostics } = of({ 'gradle.lockfile': lock.slice(0, lock.indexOf('org.slf4j')) });
    expect([complete, diagnostics.map(({ message }) => message)]).toEqual([
      false,
      ['gradle.lockfile was cut off: it has no line that begins with "empty=".'],
    ]);
  });

  const catalog = `[versions]
guava = "31.1-jre"
rich = { strictly = "[1.0, 2.0[", prefer = "1.5" }
[libraries]
guava = { module = "com.google.guava:guava", version.ref = "guava" }
rich = { group = "x", name = "rich", version.ref = "rich" }
short = "x:short:2.0"
open = { module = "x:open" }
[plugins]
shadow = { id = "com.example.shadow", version = "7.0" }
`;

  it('version catalogs, as weak evidence', () => {
    const result = of({ 'gradle/libs.versions.toml': catalog });
    expect(lines(result)).toEqual([
      'com.example.shadow:com.example.shadow.gradle.plugin@7.0 development direct',
      'com.google.guava:guava@31.1-jre runtime direct',
      'x:rich@1.5 runtime direct',
      'x:short@2.0 runtime direct',
    ]);
    expect(result.packages.every(({ weak }) => weak === true)).toBe(true);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['package/dependencies-open', 'package/version-open']);
  });

  const verification = `<?xml version="1.0" encoding="UTF-8"?>
<verification-metadata xmlns="https://schema.gradle.org/dependency-verification">
  <configuration><verify-metadata>true</verify-metadata></configuration>
  <components>
    <component group="x" name="code" version="1.0"><artifact name="code-1.0.jar"><sha256 value="00"/></artifact></component>
    <component group="x" name="parent" version="2.0"><artifact name="parent-2.0.pom"><sha256 value="00"/></artifact></component>
  </components>
</verification-metadata>
`;

  it('verification metadata where there is code, both only without lock files', () => {
    expect(lines(of({ 'gradle/verification-metadata.xml': verification }))).toEqual(['x:code@1.0 runtime']);
    expect(
      lines(
        of({
          'gradle/verification-metadata.xml': verification,
          'gradle/libs.versions.toml': catalog,
          'app/gradle.lockfile': 'a:b:1=runtimeClasspath\nempty=\n',
        }),
      ),
    ).toEqual(['a:b@1 runtime']);
  });

  it.each<[readonly string[], string]>([
    [['testCompileClasspath'], 'development'],
    [['compileClasspath', 'testCompileClasspath'], 'runtime'],
    [['debugAndroidTestRuntimeClasspath'], 'development'],
    [['classpath'], 'development'],
    [['kaptDebug', 'lintChecks'], 'development'],
    [['somethingElse'], 'runtime'],
    [[], 'runtime'],
  ])('configurations %j are for %s', (names, expected) => {
    expect(scopeOfConfigurations(names)).toBe(expected);
  });

  it.each(['1.0', '1.0.0+build.5', '2021-01-01', 'v1'])('%s is a version', (version) =>
    expect(isExact(version)).toBe(true),
  );
  it.each(['', '1.+', '+', '[1,2)', 'LATEST', 'latest.release', '${v}', '1.0,2.0'])('%s is none', (version) =>
    expect(isExact(version)).toBe(false),
  );
});

describe('sbt', () => {
  it('build.sbt.lock by configuration', () => {
    const dependencies = [
      {
        org: 'org.typelevel',
        name: 'cats-core_2.13',
        version: '2.8.0',
        artifacts: [],
        configurations: ['compile', 'runtime', 'test'],
      },
      { org: 'org.scalatest', name: 'scalatest_2.13', version: '3.2.12', artifacts: [], configurations: ['test'] },
    ];
    expect(
      lines(of({ 'build.sbt.lock': JSON.stringify({ lockVersion: 1, configurations: ['compile'], dependencies }) })),
    ).toEqual(['org.scalatest:scalatest_2.13@3.2.12 development', 'org.typelevel:cats-core_2.13@2.8.0 runtime']);
  });
});

declaredContract(javaLockCataloger, {
  ...readFolder(maven),
  'g/gradle.lockfile': 'a:b:1=runtimeClasspath\nempty=\n',
  'v/gradle/libs.versions.toml': '[libraries]\nx = "a:b:1"\n',
  's/build.sbt.lock': '{"dependencies":[{"org":"a","name":"b","version":"1"}]}',
});
