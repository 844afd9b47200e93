// Modules that go itself wrote for one project, before and after Go 1.17, and the grammar of the files.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { parseGoMod } from './go-mod.ts';
import { goModCataloger } from './index.ts';

const project = (name: string) => readFolder(new URL(`testing/${name}/`, import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(goModCataloger, specs);

describe('one project', () => {
  it('since Go 1.17 go.mod and vendor/modules.txt list the same', () => {
    const result = of(project('new'));
    const by = (file: string) =>
      result.packages
        .filter(({ paths }) => paths[0] === file)
        .map(({ namespace, name, version }) => `${namespace}/${name}@${version}`);
    expect(by('go.mod')).toHaveLength(20);
    expect(by('vendor/modules.txt')).toEqual(by('go.mod'));
    expect(lines(result).filter((one) => one.includes('direct'))).toEqual([
      'github.com/gin-gonic/gin@v1.7.7 runtime direct',
      'github.com/stretchr/testify@v1.8.0 runtime direct',
      'golang.org/x/text@v0.4.0 runtime direct',
    ]);
    expect(result.packages.find(({ name }) => name === 'crypto')).toMatchObject({
      version: 'v0.1.0',
      facts: { replaces: 'golang.org/x/crypto@v0.0.0-20210921155107-089bfa567519' },
    });
  });

  it('before, go.sum says the rest, as weaker evidence', () => {
    const { packages, complete } = of(project('old'));
    const names = (all: typeof packages) =>
      new Set(all.map(({ namespace, name, version }) => `${namespace}/${name}@${version}`));
    const found = names(packages);
    for (const one of names(of(project('new')).packages)) expect([...found]).toContain(one);
    expect(packages.filter(({ paths }) => paths[0] === 'go.mod')).toHaveLength(3);
    expect(packages.filter(({ paths }) => paths[0] === 'go.sum').every(({ weak }) => weak === true)).toBe(true);
    expect(complete).toBe(true);
    expect(of({ 'go.mod': textIn(project('old'), 'go.mod') }).complete).toBe(false);
  });
});

describe('a file that was cut off, or is none', () => {
  it('a go.mod of before Go 1.17 has all its modules in go.sum', () => {
    const specs = project('old');
    const sum = textIn(specs, 'go.sum').split('\n');
    for (const text of ['', '<html>404</html>\n', sum.slice(0, sum.length / 3).join('\n')])
      expect(of({ ...specs, 'go.sum': text }).diagnostics.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^go\.sum names packages and does not hold them, as if it were cut off: /),
      );
    const [line = ''] = sum;
    expect(of({ ...specs, 'go.sum': `${sum.join('\n')}\n${line.slice(0, -3)}` }).complete).toBe(false);
  });

  it('a block ends', () => {
    const text = 'module m\n\ngo 1.22\n\nrequire (\n\texample.com/b v1.1.0\n';
    expect(of({ 'go.mod': text }).complete).toBe(false);
    expect(of({ 'go.mod': `${text})\n` }).complete).toBe(true);
  });
});

describe('go.mod', () => {
  it('reads every form of a directive', () => {
    expect(
      parseGoMod(`module "example.com/m" // comment
go 1.22.3
toolchain go1.22.5
require example.com/a v1.0.0 // indirect; why
require (
	example.com/b v1.1.0
	"example.com/c" v1.2.0+incompatible // indirect
)
exclude example.com/d v1.0.0
replace example.com/a => ../a
replace (
	example.com/b v1.1.0 => example.com/fork v1.1.1
)
retract [v1.0.0, v1.1.0]
tool example.com/t
`),
    ).toEqual({
      module: 'example.com/m',
      goVersion: '1.22.3',
      toolchain: 'go1.22.5',
      requirements: [
        { path: 'example.com/a', version: 'v1.0.0', indirect: true },
        { path: 'example.com/b', version: 'v1.1.0', indirect: false },
        { path: 'example.com/c', version: 'v1.2.0+incompatible', indirect: true },
      ],
      replacements: [
        { path: 'example.com/a', by: '../a' },
        { path: 'example.com/b', version: 'v1.1.0', by: 'example.com/fork', byVersion: 'v1.1.1' },
      ],
      odd: 0,
    });
  });

  it.each([
    ['go 1.21', undefined],
    ['go 1.21.3', 'stdlib@1.21.3'],
    ['go 1.22\ntoolchain go1.22.5', 'stdlib@1.22.5'],
  ])('says the standard library where it names a release: %s', (text, expected) => {
    const found = of({ 'go.mod': `module m\n${text}\n` }).packages;
    expect(found.map(({ name, version, weak }) => [`${name}@${version}`, weak])).toEqual(
      expected === undefined ? [] : [[expected, true]],
    );
  });

  it('marks what a folder stands in for as a part of the tree', () => {
    expect(lines(of({ 'go.mod': 'module m\ngo 1.20\nrequire e.test/a v1.0.0\nreplace e.test/a => ./a\n' }))).toEqual([
      'e.test/a@v1.0.0 runtime direct local',
    ]);
  });

  it('T25 a million lines end', () => {
    const text = `module m\ngo 1.20\nrequire (\n${Array.from({ length: 60_000 }, (_, n) => `e.test/m${n} v1.0.0`).join('\n')}\n)\n`;
    expect(of({ 'go.mod': text }).packages).toHaveLength(60_000);
  });
});

const hasGo = (() => {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).startsWith('go version');
  } catch {
    return false;
  }
})();

describe.skipIf(!hasGo)('against go mod edit -json (skipped: no go)', () => {
  it('the same requirements and replacements', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-go-mod-'));
    try {
      for (const name of ['new', 'old']) {
        const text = textIn(project(name), 'go.mod');
        writeFileSync(join(folder, 'go.mod'), text);
        const said = JSON.parse(execFileSync('go', ['mod', 'edit', '-json'], { cwd: folder, encoding: 'utf8' })) as {
          readonly Go: string;
          readonly Require: readonly { readonly Path: string; readonly Version: string; readonly Indirect?: boolean }[];
          readonly Replace: readonly {
            readonly Old: { readonly Path: string };
            readonly New: { readonly Path: string; readonly Version: string };
          }[];
        };
        const parsed = parseGoMod(text);
        expect(parsed.goVersion).toBe(said.Go);
        expect(parsed.requirements).toEqual(
          said.Require.map(({ Path, Version, Indirect }) => ({
            path: Path,
            version: Version,
            indirect: Indirect === true,
          })),
        );
        expect(parsed.replacements).toEqual(
          said.Replace.map(({ Old, New }) => ({ path: Old.Path, by: New.Path, byVersion: New.Version })),
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

declaredContract(
  goModCataloger,
  Object.fromEntries(
    ['new', 'old'].flatMap((name) =>
      Object.entries(project(name)).map(([path, content]) => [`${name}/${path}`, content]),
    ),
  ),
);
