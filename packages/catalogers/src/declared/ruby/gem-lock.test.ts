// A Gemfile.lock that bundler 2.3 wrote, and groups of a Gemfile where they are certain.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { developmentGems } from './gemfile.ts';
import { gemLockCataloger } from './index.ts';

const folder = new URL('testing/project/', import.meta.url);
const project = readFolder(folder);
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(gemLockCataloger, specs);

it('gems of all sources and platforms', () => {
  const result = of(project);
  expect([result.diagnostics, result.complete]).toEqual([[], true]);
  expect(lines(result)).toEqual([
    'diff-lcs@1.5.0 development',
    'forked@2.0.0 runtime direct vcs',
    'mustermann@1.1.1 runtime',
    'nokogiri@1.13.0 runtime direct',
    'nokogiri@1.13.0 runtime direct',
    'part@0.1.0 runtime direct local',
    'puma@5.6.0 development direct',
    'rack@2.2.3 runtime',
    'rspecx@3.10.0 development direct',
    'sinatra@2.1.0 runtime direct',
  ]);
  expect(result.packages.filter(({ name }) => name === 'nokogiri').map(({ qualifiers }) => qualifiers)).toEqual([
    { platform: 'java' },
    { platform: 'x86_64-linux' },
  ]);
  expect(result.packages.find(({ name }) => name === 'forked')?.facts).toMatchObject({
    resolved: 'https://git.example/forked.git',
  });
});

const reader = `l = Bundler::LockfileParser.new(File.read(ARGV[0]))
l.specs.each { |s| puts [s.name, s.version, s.platform, s.source.class.name.split('::').last].join(' ') }`;
const parsed = ((): string | undefined => {
  try {
    const args = ['-rbundler', '-e', reader, fileURLToPath(new URL('Gemfile.lock', folder))];
    return execFileSync('ruby', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: fileURLToPath(folder),
    });
  } catch {
    return undefined;
  }
})();

it.skipIf(parsed === undefined)('the same gems as bundler itself reads (skipped without ruby and bundler)', () => {
  const own = of(project).packages.map(({ name, version, qualifiers, origin }) => {
    const source = origin === 'vcs' ? 'Git' : origin === 'local' ? 'Path' : 'Rubygems';
    return [name, version, qualifiers?.['platform'] ?? 'ruby', source].join(' ');
  });
  expect(own.sort()).toEqual((parsed ?? '').trim().split('\n').sort());
});

describe('what is for development', () => {
  it('is told where every line says it', () => {
    const groups = (text: string) => [...developmentGems(text)].sort();
    expect(
      groups("gem 'a', group: :test\ngem 'b', groups: [:development, :test]\ngem 'c', :group => :production\n"),
    ).toEqual(['a', 'b']);
    expect(groups("group :development do\n  gem 'a'\nend\ngem 'a'\ngem 'b', groups: %i[test ci]\n")).toEqual(['b']);
    expect(groups("group :development, :production do\n  gem 'a'\nend\n")).toEqual([]);
    expect(groups("group :test do\n  platforms :ruby do\n    gem 'a'\n  end\nend\n")).toEqual(['a']);
  });

  it('is not guessed where a Gemfile is not plain', () => {
    for (const text of [
      "group :test do\n gem 'a'\n",
      "end\ngem 'a', group: :test\n",
      "group(:test) { gem 'a' }\n",
      "x = <<A\ngem 'a', group: :test\nA\n",
    ])
      expect([...developmentGems(text)]).toEqual([]);
  });
});

it('a merge that was left, a lock file of something else and lines that name no gem are told', () => {
  for (const text of ['<<<<<<< HEAD\nGEM\n', 'hello', 'GEM\n  specs:\n    a (x)\n'])
    expect(of({ 'Gemfile.lock': text }).complete).toBe(false);
  expect(lines(of({ 'gems.locked': 'GEM\n  remote: https://gems.example/\n  specs:\n    a (1.0.0.pre1)\n' }))).toEqual([
    'a@1.0.0.pre1 runtime',
  ]);
});

declaredContract(gemLockCataloger, project);
