// Java archives: what they say of themselves, what was put into them, what they hide, and what is damaged in them.
import { describe, expect, test } from 'vitest';
import { writeZip, type ZipPart } from '@plombe/formats/testing/zip';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, rawFiles } from '../testing/view.ts';
import { fileView } from '../file-view.ts';
import type { CatalogResult } from '../cataloger.ts';
import { javaCataloger } from './index.ts';
import { splitBaseName } from './file-name.ts';
import { parsePom, resolvePom } from './pom.ts';

const properties = (group: string, artifact: string, version: string): ZipPart => ({
  name: `META-INF/maven/${group}/${artifact}/pom.properties`,
  content: `#Created by Apache Maven 3.8.6\r\nversion=${version}\r\ngroupId=${group}\r\nartifactId=${artifact}\r\n`,
  descriptor: 'signed',
});
const pom = (group: string, artifact: string, content: string): ZipPart => ({
  name: `META-INF/maven/${group}/${artifact}/pom.xml`,
  content: `<?xml version="1.0"?><!-- a pom --><project xmlns="http://maven.apache.org/POM/4.0.0">${content}</project>`,
});
const manifest = (...lines: string[]): ZipPart => ({
  name: 'META-INF/MANIFEST.MF',
  content: `Manifest-Version: 1.0\r\n${lines.join('\r\n')}\r\n\r\nName: a/B.class\r\nImplementation-Version: 9\r\n`,
});
const code = (folder: string): ZipPart => ({ name: `${folder}/A.class`, content: 'x'.repeat(40) });
const jar = (...parts: ZipPart[]): Buffer => writeZip(parts);

function catalog(specs: FileSpecs): CatalogResult {
  return javaCataloger.catalog(fileView(rawFiles(specs, javaCataloger)), {});
}
const listOf = ({ packages }: CatalogResult): string[] =>
  packages.map(
    (one) => `${one.namespace ?? ''}:${one.name}:${one.version}${one.weak === true ? ' weak' : ''} ${one.paths[0]}`,
  );

const shaded = jar(
  properties('org.acme', 'tool', '2.0'),
  properties('com.google.guava', 'guava', '31.1-jre'),
  code('org/acme'),
);
const library = jar(properties('org.acme', 'lib', '1.0'), code('org/acme/lib'));

catalogerContract(javaCataloger, {
  'app/tool-2.0.jar': shaded,
  'app/site.war': jar({ name: 'WEB-INF/lib/lib-1.0.jar', content: library, method: 0 }),
  'app/okhttp-4.9.3.jar': jar(code('okhttp3')),
  'srv/exploded/META-INF/maven/org.acme/web/pom.properties': String(properties('org.acme', 'web', '3.1').content),
});

describe('finds', () => {
  test('each project once, the own and the shaded ones, with the place inside the archive', () => {
    const result = catalog({ 'app/tool-2.0.jar': shaded });
    expect(listOf(result)).toEqual([
      'org.acme:tool:2.0 app/tool-2.0.jar!/META-INF/maven/org.acme/tool/pom.properties',
      'com.google.guava:guava:31.1-jre app/tool-2.0.jar!/META-INF/maven/com.google.guava/guava/pom.properties',
    ]);
    expect(result.packages.map(({ facts }) => Object.keys(facts ?? {}))).toEqual([
      ['identifiedBy', 'sha1'],
      ['identifiedBy', 'shadedInto'],
    ]);
    expect([result.diagnostics, result.complete]).toEqual([[], true]);
  });

  test('archives in archives in archives, behind a script, relocated or not', () => {
    const boot = writeZip(
      [manifest('Main-Class: x'), { name: 'BOOT-INF/lib/lib-1.0.jar', content: library, method: 0 }],
      {
        prefix: Buffer.from('#!/bin/sh\n'),
      },
    );
    const ear = jar({
      name: 'web.war',
      content: jar({ name: 'WEB-INF/lib/tool-2.0.jar', content: shaded, descriptor: 'signed' }),
    });
    expect(listOf(catalog({ 'srv/app.jar': boot, 'srv/shop.ear': ear }))).toEqual([
      'org.acme:lib:1.0 srv/app.jar!/BOOT-INF/lib/lib-1.0.jar!/META-INF/maven/org.acme/lib/pom.properties',
      'org.acme:tool:2.0 srv/shop.ear!/web.war!/WEB-INF/lib/tool-2.0.jar!/META-INF/maven/org.acme/tool/pom.properties',
      'com.google.guava:guava:31.1-jre srv/shop.ear!/web.war!/WEB-INF/lib/tool-2.0.jar!/META-INF/maven/com.google.guava/guava/pom.properties',
    ]);
  });

  test.each<[string, string, Buffer, string]>([
    [
      'a pom with its parent in the archive',
      'a/x-1.jar',
      jar(
        pom(
          'g',
          'x',
          '<parent><groupId>g</groupId><artifactId>p</artifactId><version>${revision}</version></parent><artifactId>x</artifactId>',
        ),
        pom(
          'g',
          'p',
          '<groupId>g</groupId><artifactId>p</artifactId><version>1</version><properties><revision>1</revision></properties>',
        ),
      ),
      'g:x:1',
    ],
    [
      'Gradle, by a well-known name and folder',
      'a/spring-core-5.3.31.jar',
      jar(manifest('Implementation-Version: 5.3.31'), code('org/springframework/core')),
      'org.springframework:spring-core:5.3.31 weak',
    ],
    [
      'a bundle that names group and artifact',
      'a/reactive-1.0.jar',
      jar(manifest('Bundle-SymbolicName: io.acme.reactive;singleton:=true', 'Bundle-Version: 1.0')),
      'io.acme:reactive:1.0 weak',
    ],
    [
      'the vendor, where the classes agree',
      'a/x-2.jar',
      jar(manifest('Implementation-Vendor-Id: org.acme.y', 'Implementation-Version: 2'), code('org/acme/y/z')),
      'org.acme.y:x:2 weak',
    ],
    [
      'not the vendor, where they do not',
      'a/x-2.jar',
      jar(manifest('Implementation-Vendor-Id: com.sun', 'Implementation-Version: 2'), code('org/acme')),
      ':x:2 weak',
    ],
    [
      "Nebula's title",
      'a/micrometer-core-1.9.17.jar',
      jar(manifest('Implementation-Title: io.micrometer#micrometer-core;1.9.17')),
      'io.micrometer:micrometer-core:1.9.17 weak',
    ],
    [
      'a place in a repository',
      'root/.m2/repository/com/acme/x/y/1.2/y-1.2.jar',
      jar(code('q')),
      'com.acme.x:y:1.2 weak',
    ],
    ["Gradle's cache", 'g/modules-2/files-2.1/com.acme/y/1.2/0a/y-1.2.jar', jar(code('q')), 'com.acme:y:1.2 weak'],
    [
      "Quarkus's folder",
      'app/lib/main/io.smallrye.common.smallrye-common-io-2.1.jar',
      jar(code('io')),
      'io.smallrye.common:smallrye-common-io:2.1 weak',
    ],
    [
      'a library of Tomcat, by the artifact that Maven Central has it as',
      'tomcat/lib/catalina-tribes.jar',
      jar(
        manifest('Bundle-SymbolicName: org.apache.tomcat-tribes', 'Bundle-Version: 9.0.80'),
        code('org/apache/catalina'),
      ),
      'org.apache.tomcat:tomcat-tribes:9.0.80 weak',
    ],
    [
      "one with a specification's classes",
      'tomcat/lib/servlet-api.jar',
      jar(
        manifest('Bundle-SymbolicName: org.apache.tomcat-servlet-api', 'Bundle-Version: 9.0.80'),
        code('javax/servlet'),
      ),
      'org.apache.tomcat:tomcat-servlet-api:9.0.80 weak',
    ],
    [
      'the distribution of Tomcat, and not Bootstrap of the webjars',
      'tomcat/bin/bootstrap.jar',
      jar(
        manifest('Implementation-Title: Apache Tomcat Bootstrap', 'Implementation-Version: 9.0.80'),
        code('org/apache/catalina/startup'),
      ),
      'org.apache.tomcat:tomcat:9.0.80 weak',
    ],
    [
      'no webjar, where it has classes',
      'x/bootstrap.jar',
      jar(manifest('Implementation-Version: 4.6.2'), code('org/acme')),
      ':bootstrap:4.6.2 weak',
    ],
    [
      'a distribution of Cassandra',
      'opt/cassandra/lib/apache-cassandra-4.1.3.jar',
      jar(code('org/apache/cassandra/auth')),
      'org.apache.cassandra:cassandra-all:4.1.3 weak',
    ],
    [
      'ZooKeeper, whatever its manifest of old says',
      'a/zookeeper-3.4.6.jar',
      jar(
        manifest('Bundle-SymbolicName: org.apache.hadoop.zookeeper', 'Bundle-Version: 3.4.6'),
        code('org/apache/zookeeper'),
      ),
      'org.apache.zookeeper:zookeeper:3.4.6 weak',
    ],
    ['a name alone', 'a/legacy-1.0.jar', jar(code('q')), ':legacy:1.0 weak'],
    ['a file renamed', 'a/app.jar', jar(properties('org.acme', 'server', '7')), 'org.acme:server:7'],
  ])('%s', (_, path, content, expected) => {
    expect(
      listOf(catalog({ [path]: content }))[0]
        ?.split(' ')
        .slice(0, -1)
        .join(' '),
    ).toBe(expected);
  });

  test('what a shaded archive without a project of its own is', () => {
    const all = jar(
      properties('com.google.guava', 'guava', '31.1-jre'),
      manifest('Implementation-Vendor-Id: com.google', 'Implementation-Version: 31.1-jre'),
      code('com/google/x'),
    );
    expect(listOf(catalog({ 'a/tool-all-3.0.jar': all })).map((one) => one.split(' ')[0])).toEqual([
      ':tool-all:3.0',
      'com.google.guava:guava:31.1-jre',
    ]);
  });

  test('classifiers and licences', () => {
    const netty = jar(
      properties('io.netty', 'netty-epoll', '4.1.1.Final'),
      pom(
        'io.netty',
        'netty-epoll',
        '<groupId>io.netty</groupId><artifactId>netty-epoll</artifactId><version>4.1.1.Final</version><licenses><license><name>Apache License, Version 2.0</name></license></licenses>',
      ),
    );
    const [found] = catalog({ 'a/netty-epoll-4.1.1.Final-linux-x86_64.jar': netty }).packages;
    expect(found).toMatchObject({ qualifiers: { classifier: 'linux-x86_64' }, licences: ['Apache-2.0'] });
  });
});

test('gems in an archive: what JRuby installed, its default ones, and what an application was packed with', () => {
  const gemspec = (path: string, name: string, version: string, platform = 'ruby'): ZipPart => ({
    name: path,
    content: `# stub: ${name} ${version} ${platform} lib\nGem::Specification.new do |s|\n  s.name = "${name}".freeze\n  s.licenses = ["MIT".freeze]\n  s.files = ["${'x'.repeat(9000)}"]\nend\n`,
  });
  const gems = 'META-INF/jruby.home/lib/ruby/gems/shared/';
  const jruby = jar(
    properties('org.jruby', 'jruby-complete', '9.4.8.0'),
    gemspec(`${gems}specifications/rake-13.0.6.gemspec`, 'rake', '13.0.6'),
    gemspec(`${gems}specifications/default/json-2.7.1-java.gemspec`, 'json', '2.7.1', 'java'),
    gemspec(`${gems}gems/rake-13.0.6/rake.gemspec`, 'rake', '13.0.6'),
    gemspec('doc/example.gemspec', 'example', '1.0'),
  );
  const site = jar(
    { name: 'WEB-INF/lib/jruby.jar', content: jruby, method: 0 },
    gemspec('WEB-INF/gems/specifications/rack-2.2.3.gemspec', 'rack', '2.2.3'),
  );
  const { packages, complete, diagnostics } = catalog({ 'srv/site.war': site });
  expect([complete, diagnostics.filter(({ level }) => level !== 'note')]).toEqual([true, []]);
  expect(packages.filter(({ type }) => type === 'gem')).toEqual([
    {
      type: 'gem',
      name: 'rack',
      version: '2.2.3',
      licences: ['MIT'],
      paths: ['srv/site.war!/WEB-INF/gems/specifications/rack-2.2.3.gemspec'],
      facts: { packedIn: 'site.war' },
    },
    {
      type: 'gem',
      name: 'rake',
      version: '13.0.6',
      licences: ['MIT'],
      paths: [`srv/site.war!/WEB-INF/lib/jruby.jar!/${gems}specifications/rake-13.0.6.gemspec`],
      facts: { packedIn: 'jruby.jar' },
    },
    {
      type: 'gem',
      name: 'json',
      version: '2.7.1',
      qualifiers: { platform: 'java' },
      licences: ['MIT'],
      paths: [`srv/site.war!/WEB-INF/lib/jruby.jar!/${gems}specifications/default/json-2.7.1-java.gemspec`],
      facts: { default: 'true', packedIn: 'jruby.jar' },
    },
  ]);
});

describe('says what it could not read', () => {
  const noted = (specs: FileSpecs): unknown[] => {
    const result = catalog(specs);
    return [result.complete, ...result.diagnostics.map(({ code: id, level }) => `${id} ${level}`)];
  };
  test.each<[string, FileSpecs, unknown[]]>([
    ['cut off', { 'a/x-1.jar': shaded.subarray(0, -40) }, [false, 'archive/corrupt warning']],
    [
      'two projects of one name',
      { 'a/x-1.jar': jar(properties('a', 'x', '1'), { ...properties('a', 'x', '2') }) },
      [false, 'archive/corrupt warning'],
    ],
    [
      'a project without a version',
      { 'a/x.jar': jar({ ...properties('a', 'x', '${revision}') }) },
      [false, 'package/metadata-invalid warning'],
    ],
    ['no archive', { 'a/x-1.jar': 'version https://git-lfs.github.com/spec/v1' }, [true, 'archive/unsupported note']],
    ['nothing that names it', { 'a/app.jar': jar(code('q')) }, [true, 'package/metadata-invalid note']],
    ['nothing at all', { 'a/app.jar': '' }, [true]],
  ])('%s', (_, specs, expected) => {
    expect(noted(specs)).toEqual(expected);
  });

  test('T08 a thousand archives in one another', () => {
    let nested = library;
    for (let i = 0; i < 1000; i++) nested = jar({ name: 'x.war', content: nested, method: 0 });
    expect(noted({ 'a/x.ear': nested })).toEqual([false, 'archive/limit warning']);
  });
});

test.each([
  ['guava-31.1-jre', 'guava 31.1-jre'],
  ['log4j-1.2-api-2.14.1', 'log4j-1.2-api 2.14.1'],
  ['postgresql-9.4-1201-jdbc4', 'postgresql 9.4-1201-jdbc4'],
  ['google-api-services-storage-v1-rev20220705-2.0.0', 'google-api-services-storage-v1-rev20220705 2.0.0'],
  ['foo-1.0-20200101.120000-3', 'foo 1.0-20200101.120000-3'],
  ['foo-1.0-sources', 'foo 1.0 sources'],
  ['netty-tcnative-2.0.50.Final-linux-x86_64', 'netty-tcnative 2.0.50.Final linux-x86_64'],
  ['app', undefined],
])('%s is split into %s', (base, expected) => {
  const split = splitBaseName(base);
  expect(split && [split.artifact, split.version, split.classifier].filter(Boolean).join(' ')).toBe(expected);
});

describe('T16 poms', () => {
  test('properties that name themselves and parents in a circle end', () => {
    const one = parsePom(
      '<project><parent><groupId>g</groupId><artifactId>b</artifactId><version>1</version></parent><artifactId>a</artifactId><version>${x}</version><properties><x>${y}${y}</y></x><y>${x}</y></properties></project>',
    );
    expect(one).toBeUndefined();
    const a = parsePom(
      '<project><parent><groupId>g</groupId><artifactId>b</artifactId><version>1</version></parent><artifactId>a</artifactId><version>${x}</version><properties><x>${y}${y}</x><y>${x}${x}</y></properties></project>',
    );
    const b = parsePom(
      '<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version></parent><artifactId>b</artifactId></project>',
    );
    expect(a && b && resolvePom(a, [a, b])).toBeUndefined();
    expect(a && b && resolvePom(b, [a, b])).toMatchObject({ group: 'g', artifact: 'b', version: '1' });
  });

  test.each([
    '<project>'.repeat(20_000),
    '<![CDATA['.repeat(20_000),
    '<a<'.repeat(80_000),
    '<!['.repeat(80_000),
    '&#x'.repeat(80_000),
    '<!DOCTYPE x [<!ENTITY a "b">]><project><artifactId>&a;</artifactId></project>',
  ])('hostile text %# ends at once', (text) => {
    expect(parsePom(text)?.artifact ?? '&a;').toBe('&a;');
  });
});
