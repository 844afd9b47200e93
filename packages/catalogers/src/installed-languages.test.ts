// Real installations made by R, LuaRocks, Perl, cpanm, mix and zipapp from sources at hand, against what the tools themselves list.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FoundPackage } from '@plombe/model';
import { afterAll, describe, expect, test } from 'vitest';
import { erlangCataloger } from './erlang/index.ts';
import { luaCataloger } from './lua/index.ts';
import { perlCataloger } from './perl/index.ts';
import { pythonCataloger } from './python/index.ts';
import { rCataloger } from './r/index.ts';
import { catalogFolder, run } from './testing/folder.ts';

const home = mkdtempSync(join(tmpdir(), 'plombe-languages-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

const named = ({ type, namespace, name, version }: FoundPackage): string =>
  `${type}/${namespace === undefined ? '' : `${namespace}/`}${name}@${version}`;

const has = (command: string, ...args: readonly string[]): boolean => run(home, command, ...args) !== undefined;
/** Installs and builds take seconds where the machine is busy. */
const timeout = 120_000;

describe.skipIf(!has('Rscript', '--version'))('R CMD INSTALL (skipped: no R)', () => {
  test('the same packages as installed.packages()', { timeout }, () => {
    const library = join(home, 'r', 'library');
    mkdirSync(library, { recursive: true });
    for (const [name, version] of [
      ['plombe.one', '1.0-3'],
      ['plombetwo', '0.0.0.9000'],
    ] as const) {
      write(
        `r-src/${name}/DESCRIPTION`,
        `Package: ${name}\nTitle: Test\nVersion: ${version}\nDescription: A test.\nLicense: MIT + file LICENSE\nAuthor: x\nMaintainer: x <x@example.org>\n`,
      );
      write(`r-src/${name}/NAMESPACE`, '');
      write(`r-src/${name}/LICENSE`, 'YEAR: 2026\n');
      run(join(home, 'r-src'), 'R', 'CMD', 'INSTALL', '-l', library, name);
    }
    const list = `cat(apply(installed.packages("${library}", noCache = TRUE)[, c("Package", "Version")], 1, paste, collapse = "@"), sep = "\\n")`;
    const listed = run(home, 'Rscript', '-e', list)?.trim().split('\n').sort();
    const { packages, diagnostics } = catalogFolder(rCataloger, join(home, 'r'));
    expect(diagnostics).toEqual([]);
    expect(listed).toHaveLength(2);
    expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual(listed);
    expect(packages.map(({ licences }) => licences)).toEqual([['MIT'], ['MIT']]);
  });
});

describe.skipIf(!has('luarocks', '--version'))('luarocks make (skipped: no luarocks)', () => {
  test('the same rocks as luarocks list', { timeout }, () => {
    const tree = join(home, 'lua');
    for (const [name, version] of [
      ['Plombe-Test', '1.2.0-1'],
      ['plombe.scm', 'scm-2'],
    ] as const) {
      const file = `${name.toLowerCase()}-${version}.rockspec`;
      write(
        `lua-src/${file}`,
        `package = "${name}"\nversion = "${version}"\nsource = { url = "git+https://example.org/x.git" }\ndescription = { license = "MIT" }\nbuild = { type = "builtin", modules = { plombe = "plombe.lua" } }\n`,
      );
      write('lua-src/plombe.lua', 'return {}\n');
      run(join(home, 'lua-src'), 'luarocks', '--tree', tree, 'make', file);
    }
    const listed = run(home, 'luarocks', '--tree', tree, 'list', '--porcelain')
      ?.trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, , state, place]) => state === 'installed' && place?.startsWith(tree))
      .map(([name, version]) => `luarocks/${name}@${version}`);
    const { packages, diagnostics } = catalogFolder(luaCataloger, tree);
    expect(diagnostics).toEqual([]);
    expect(listed).toHaveLength(2);
    expect(packages.map(named)).toEqual(listed);
    expect(packages.every(({ weak }) => weak === undefined)).toBe(true);
  });
});

/** Writes a distribution, and returns its archive made by `make dist`. */
function perlDistribution(module: string, version: string): string {
  const name = module.replaceAll('::', '-');
  write(
    `perl-src/${name}/lib/${module.replaceAll('::', '/')}.pm`,
    `package ${module};\nour $VERSION = '${version}';\n1;\n`,
  );
  write(
    `perl-src/${name}/Makefile.PL`,
    `use ExtUtils::MakeMaker;\nWriteMakefile(NAME => '${module}', VERSION_FROM => 'lib/${module.replaceAll('::', '/')}.pm', LICENSE => 'perl');\n`,
  );
  const folder = join(home, 'perl-src', name);
  run(folder, 'perl', 'Makefile.PL');
  run(folder, 'make', 'manifest');
  run(folder, 'make', 'dist');
  return join(folder, `${name}-${version}.tar.gz`);
}

const hasPerl = has('perl', '-MExtUtils::MakeMaker', '-MExtUtils::Installed', '-e', '1') && has('make', '--version');

describe.skipIf(!hasPerl)('make install of a Perl distribution (skipped: no perl or make)', () => {
  test('the same modules as ExtUtils::Installed', { timeout }, () => {
    perlDistribution('Plombe::Old', '1.10');
    const base = join(home, 'perl');
    const folder = join(home, 'perl-src', 'Plombe-Old');
    run(folder, 'perl', 'Makefile.PL', `INSTALL_BASE=${base}`);
    run(folder, 'make', 'install');
    const list = `my $i = ExtUtils::Installed->new(inc_override => [glob("${base}/lib/perl5/*"), "${base}/lib/perl5"]); print map { "$_\\n" } grep { $_ ne "Perl" } $i->modules`;
    const listed = run(home, 'perl', '-MExtUtils::Installed', '-e', list)?.trim();
    const { packages, diagnostics } = catalogFolder(perlCataloger, base);
    expect(diagnostics).toEqual([]);
    expect(listed).toBe('Plombe::Old');
    expect(packages.map(named)).toEqual(['cpan/Plombe-Old@1.10']);
  });
});

describe.skipIf(!hasPerl || !has('cpanm', '--version'))('cpanm from a mirror (skipped: no cpanm, perl or make)', () => {
  test('the distribution, its author and its licence', { timeout }, () => {
    const archive = perlDistribution('Plombe::New', '2.30');
    const author = join(home, 'mirror/authors/id/P/PL/PLOMBE');
    mkdirSync(author, { recursive: true });
    run(home, 'cp', archive, author);
    const index =
      'File: 02packages.details.txt\nLine-Count: 1\n\nPlombe::New 2.30 P/PL/PLOMBE/Plombe-New-2.30.tar.gz\n';
    write('mirror/modules/02packages.details.txt.gz', gzipSync(index));
    const target = join(home, 'cpanm');
    const flags = [
      '--quiet',
      '--local-lib-contained',
      target,
      '--mirror',
      `file://${join(home, 'mirror')}`,
      '--mirror-only',
    ];
    run(home, 'env', `PERL_CPANM_HOME=${join(home, '.cpanm')}`, 'cpanm', ...flags, 'Plombe::New');
    const { packages, diagnostics } = catalogFolder(perlCataloger, target);
    expect(diagnostics).toEqual([]);
    expect(packages.map(named)).toEqual(['cpan/PLOMBE/Plombe-New@2.30']);
    expect(packages[0]?.licences).toEqual(['Artistic-1.0-Perl OR GPL-1.0-or-later']);
  });
});

describe.skipIf(!has('mix', '--version'))('mix release (skipped: no Elixir)', () => {
  test('the applications that the release lists', { timeout }, () => {
    const project = (name: string, dependencies: string): string =>
      `defmodule ${name[0]?.toUpperCase()}${name.slice(1)}.MixProject do\n  use Mix.Project\n  def project, do: [app: :${name}, version: "0.1.0", deps: ${dependencies}]\n  def application, do: [extra_applications: [:ssl]]\nend\n`;
    write('mix/dep/mix.exs', project('dep', '[]'));
    write('mix/dep/lib/dep.ex', 'defmodule Dep do\nend\n');
    write('mix/own/mix.exs', project('own', '[{:dep, path: "../dep"}]'));
    write('mix/own/lib/own.ex', 'defmodule Own do\nend\n');
    run(join(home, 'mix/own'), 'env', 'MIX_ENV=prod', 'mix', 'release', '--quiet');
    const release = join(home, 'mix/own/_build/prod/rel/own');
    const read = `{ok, [{release, _, _, Apps}]} = file:consult("${release}/releases/0.1.0/own.rel"), [io:format("~s@~s~n", [element(1, A), element(2, A)]) || A <- Apps], halt().`;
    const listed = run(home, 'erl', '-noshell', '-eval', read)?.trim().split('\n').sort();
    const { packages, diagnostics } = catalogFolder(erlangCataloger, release);
    expect(diagnostics).toEqual([]);
    expect(listed?.length).toBeGreaterThan(5);
    expect(packages.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(listed);
    expect(
      packages
        .filter(({ qualifiers }) => qualifiers === undefined)
        .map(named)
        .sort(),
    ).toEqual(['hex/dep@0.1.0', 'otp/own@0.1.0']);
  });
});

describe.skipIf(!has('python3', '-c', 'import pip, zipapp'))('zipapp of what pip installed (skipped: no pip)', () => {
  test('the same distributions as pip list', { timeout }, () => {
    for (const name of ['plombe_one', 'plombe_two']) {
      const script = `import zipfile\nwith zipfile.ZipFile('${name}-1.0-py3-none-any.whl', 'w') as wheel:\n  wheel.writestr('${name}-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: ${name}\\nVersion: 1.0\\n')\n  wheel.writestr('${name}-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n  wheel.writestr('${name}-1.0.dist-info/RECORD', '')\n`;
      mkdirSync(join(home, 'wheels'), { recursive: true });
      run(join(home, 'wheels'), 'python3', '-c', script);
      const wheel = join(home, 'wheels', `${name}-1.0-py3-none-any.whl`);
      const flags = ['--no-deps', '--no-index', '--quiet', '--target', join(home, 'app/site-packages')];
      run(home, 'python3', '-m', 'pip', 'install', ...flags, wheel);
    }
    write('app/__main__.py', 'print(1)\n');
    const site = join(home, 'app/site-packages');
    const output = run(home, 'python3', '-m', 'pip', 'list', '--path', site, '--format', 'json') ?? '[]';
    const listed = (JSON.parse(output) as { name: string; version: string }[]).map(
      ({ name, version }) => `pypi/${name.replaceAll('_', '-')}@${version}`,
    );
    mkdirSync(join(home, 'bin'), { recursive: true });
    run(home, 'python3', '-m', 'zipapp', 'app', '-c', '-p', '/usr/bin/env python3', '-o', 'bin/tool.pyz');
    const { packages, diagnostics } = catalogFolder(pythonCataloger, join(home, 'bin'));
    expect(diagnostics).toEqual([]);
    expect(listed).toHaveLength(2);
    expect(packages.map(named).sort()).toEqual(listed.sort());
    expect(packages.every(({ facts }) => facts?.['packedIn'] === 'tool.pyz')).toBe(true);
    const atRest = catalogFolder(pythonCataloger, join(home, 'wheels')).packages;
    expect(atRest.map(named).sort()).toEqual(listed);
    expect(atRest.every(({ facts, weak }) => facts?.['embedded'] === 'true' && weak)).toBe(true);
  });
});
