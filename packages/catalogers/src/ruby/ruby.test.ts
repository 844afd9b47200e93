// Gems: where they lie, what their specifications say, against what RubyGems itself lists; whole and hostile.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { parseGemspec } from './gemspec.ts';
import { rubyCataloger } from './index.ts';
import { gemPlace, parseFullName } from './names.ts';

const catalog = (specs: FileSpecs) => rubyCataloger.catalog(viewOf(specs, rubyCataloger), {});

const generated = (
  name: string,
  version: string,
  platform = 'ruby',
  licences = '"MIT".freeze',
): string => `# -*- encoding: utf-8 -*-
# stub: ${name} ${version} ${platform} lib

Gem::Specification.new do |s|
  s.name = "${name}".freeze
  s.version = "${version}"
${platform === 'ruby' ? '' : `  s.platform = "${platform}".freeze\n`}
  s.files = [${Array.from({ length: 3000 }, (_, i) => `"lib/${i}.rb".freeze`).join(', ')}]
  s.licenses = [${licences}]
end
`;

const home = 'var/lib/gems/3.1.0/';
const rack = generated('rack', '2.2.3');

catalogerContract(rubyCataloger, {
  [`${home}specifications/rack-2.2.3.gemspec`]: rack,
  [`${home}specifications/default/json-2.6.1.gemspec`]: generated('json', '2.6.1', 'ruby', '"Ruby".freeze'),
  [`${home}specifications/nokogiri-1.15.4-x86_64-linux.gemspec`]: generated('nokogiri', '1.15.4', 'x86_64-linux'),
});

test('a gem in full', () => {
  const path = `${home}specifications/nokogiri-1.15.4-x86_64-linux.gemspec`;
  const text = generated('nokogiri', '1.15.4', 'x86_64-linux', '"MIT".freeze, "Apache 2.0".freeze');
  const { packages, diagnostics, complete } = catalog({ [path]: text });
  expect(packages).toEqual([
    {
      type: 'gem',
      name: 'nokogiri',
      version: '1.15.4',
      qualifiers: { platform: 'x86_64-linux' },
      licences: ['Apache-2.0', 'MIT'],
      paths: [path],
    },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  ['rack-2.2.3', { name: 'rack', version: '2.2.3' }],
  ['net-http-0.2.0', { name: 'net-http', version: '0.2.0' }],
  ['nokogiri-1.15.4-x86_64-linux', { name: 'nokogiri', version: '1.15.4', platform: 'x86_64-linux' }],
  ['jruby-openssl-0.14.0-java', { name: 'jruby-openssl', version: '0.14.0', platform: 'java' }],
  ['x-2-1.0', { name: 'x-2', version: '1.0' }],
  ['rails-7.1.0.beta1', { name: 'rails', version: '7.1.0.beta1' }],
  ['rack', undefined],
  ['-1.0', undefined],
])('full name %s', (text, expected) => {
  expect(parseFullName(text)).toEqual(expected);
});

test.each([
  ['specifications/a-1.gemspec', 'installed'],
  ['usr/local/bundle/specifications/a-1.gemspec', 'installed'],
  ['usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec', 'installed'],
  ['app/vendor/bundle/ruby/3.1.0/gems/a-1.0/a.gemspec', 'copy'],
  ['app/vendor/bundle/ruby/3.1.0/bundler/gems/a-0123456789ab/a.gemspec', 'checkout'],
  ['app/a.gemspec', undefined],
  ['app/gems/a-1.0/spec/fixtures/b.gemspec', undefined],
])('%s is %s', (path, kind) => {
  expect(gemPlace(path)?.kind).toBe(kind);
});

test('a gem of Ruby itself says so, and stands beside one installed over it', () => {
  const { packages } = catalog({
    [`${home}specifications/default/json-2.6.1.gemspec`]: generated('json', '2.6.1'),
    [`${home}specifications/json-2.7.0.gemspec`]: generated('json', '2.7.0'),
  });
  expect(packages.map(({ version, facts }) => [version, facts])).toEqual([
    ['2.6.1', { default: 'true' }],
    ['2.7.0', undefined],
  ]);
});

describe('what the file is called and what it says', () => {
  test('content counts, another name is a fact', () => {
    const [found] = catalog({ [`${home}specifications/rack-9.9.9.gemspec`]: rack }).packages;
    expect(found).toMatchObject({ version: '2.2.3', facts: { fileName: 'rack-9.9.9' } });
  });

  test('a hand-written specification that computes its version has that of its file name, as weak evidence', () => {
    const text =
      "Gem::Specification.new do |spec|\n  spec.name = 'own'\n  spec.version = Own::VERSION\n  spec.license = 'MIT'\nend\n";
    const [found] = catalog({ 'srv/specifications/own-1.2.3.gemspec': text }).packages;
    expect(found).toMatchObject({ name: 'own', version: '1.2.3', weak: true, licences: ['MIT'] });
  });

  test('a specification with nothing in it is known by its name', () => {
    const [found] = catalog({ 'srv/specifications/own-1.2.3.gemspec': '' }).packages;
    expect(found).toMatchObject({ name: 'own', version: '1.2.3', weak: true });
  });

  test('neither name nor content: reported, and not complete', () => {
    const { packages, diagnostics, complete } = catalog({ 'srv/specifications/x.gemspec': 'puts 1' });
    expect([packages, diagnostics.map(({ code }) => code), complete]).toEqual([
      [],
      ['package/metadata-invalid'],
      false,
    ]);
  });
});

test("a gem's own copy counts where its specification was removed, in the name of its folder", () => {
  const own = "Gem::Specification.new do |s|\n  s.name = 'other'\n  s.version = '0'\nend\n";
  const { packages } = catalog({
    [`${home}gems/rack-2.2.3/rack.gemspec`]: rack,
    [`${home}gems/lone-1.0.0/lone.gemspec`]: own,
    [`${home}specifications/rack-2.2.3.gemspec`]: rack,
  });
  expect(packages.map(({ name, version, weak, facts }) => [name, version, weak, facts])).toEqual([
    ['lone', '1.0.0', true, { specification: 'missing' }],
    ['rack', '2.2.3', undefined, undefined],
  ]);
});

test('a checkout that bundler made is found, as weak evidence', () => {
  const path = 'app/vendor/bundle/ruby/3.1.0/bundler/gems/rack-0123456789ab/rack.gemspec';
  expect(catalog({ [path]: rack }).packages).toMatchObject([
    { name: 'rack', version: '2.2.3', weak: true, origin: 'vcs', facts: { checkout: 'rack-0123456789ab' } },
  ]);
});

test('T18 hostile lines take linear time and never throw', () => {
  for (const part of ['s.name = "', '"a", ', "'", '# stub: ', '%q{', 'Gem::Version.new(']) {
    parseGemspec(Buffer.from(part.repeat(100_000)));
    parseFullName(part.repeat(100_000));
    gemPlace(`${part.repeat(1000)}.gemspec`);
  }
  parseFullName('1-'.repeat(50_000));
  fc.assert(fc.property(fc.string(), (text) => void [parseGemspec(Buffer.from(text)), parseFullName(text)]));
});

const hasGem = ((): boolean => {
  try {
    return execFileSync('gem', ['--version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasGem)('gem list --local (skipped: no gem)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-gem-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('lists the same gems, built and installed by RubyGems', () => {
    const wanted = [
      ['plombe-one', '1.0.0', ''],
      ['plombe_two', '2.0.0.rc1', ''],
      ['plombe-3-three', '0.3', "s.platform = 'x86_64-linux'"],
    ] as const;
    for (const [name, version, more] of wanted) {
      const source = join(folder, name);
      mkdirSync(join(source, 'lib'), { recursive: true });
      writeFileSync(join(source, 'lib', 'x.rb'), '');
      const fields = `s.name = '${name}'; s.version = '${version}'; s.summary = 'x'; s.authors = ['a']; s.license = 'MIT'; s.files = ['lib/x.rb']; ${more}`;
      writeFileSync(join(source, 'x.gemspec'), `Gem::Specification.new { |s| ${fields} }\n`);
      execFileSync('gem', ['build', 'x.gemspec'], { cwd: source, stdio: 'pipe' });
      const [file] = readdirSync(source).filter((one) => one.endsWith('.gem'));
      const flags = ['--local', '--no-document', '--force', '--install-dir', join(folder, 'home')];
      execFileSync('gem', ['install', ...flags, join(source, file as string)], { stdio: 'pipe' });
    }
    const env = { ...process.env, GEM_HOME: join(folder, 'home'), GEM_PATH: join(folder, 'home') };
    const list = execFileSync('gem', ['list', '--local'], { env, encoding: 'utf8' });
    const told = [...list.matchAll(/^(\S+) \((?!default)([^ ),]+)(?: ([^)]+))?\)$/gm)].map(
      ([, name, version, platform]) => `${name}@${version}${platform === undefined ? '' : ` ${platform}`}`,
    );
    const specs: Record<string, Buffer> = {};
    for (const entry of readdirSync(join(folder, 'home'), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) specs[relative(folder, path)] = readFileSync(path);
    }
    const found = catalog(specs).packages.map(
      ({ name, version, qualifiers }) =>
        `${name}@${version}${qualifiers === undefined ? '' : ` ${qualifiers['platform']}`}`,
    );
    expect(found.sort()).toEqual(['plombe-3-three@0.3 x86_64-linux', 'plombe-one@1.0.0', 'plombe_two@2.0.0.rc1']);
    expect(told.filter((one) => one.startsWith('plombe')).sort()).toEqual(found.sort());
  });
});
