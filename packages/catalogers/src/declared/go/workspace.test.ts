// Workspaces of several go.mod: whose replacements hold, against go itself, and uses that lead nowhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogOf, lines } from '../testing/folder.ts';
import { goModCataloger } from './index.ts';

const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(goModCataloger, specs);

/** Folders stand in for all modules, so go needs no network; those that no replacement reaches would make it fail. */
const workspace = {
  'go.work': `go 1.22.0

use (
	./a
	"./b" // quoted
)

replace e.test/one => ./stand/work
`,
  'a/go.mod': `module e.test/a

go 1.22.0

require (
	e.test/one v1.1.0
	e.test/two v1.2.0
	e.test/three v1.3.0
	e.test/b v1.4.0
)

replace e.test/one v1.1.0 => ../stand/a
`,
  'b/go.mod': `module e.test/b

go 1.22.0

require e.test/two v1.1.0

replace e.test/two => ../stand/b

replace e.test/three v1.3.0 => ../stand/three
`,
  'alone/go.mod': 'module e.test/alone\n\ngo 1.22.0\n\nrequire e.test/one v1.1.0\n',
};

describe('a workspace', () => {
  it('its replacements and those of all its modules hold in each, its own first; its modules are of the tree', () => {
    const result = of(workspace);
    const at = (path: string) =>
      result.packages
        .filter(({ paths, type, name }) => paths[0] === path && type === 'golang' && name !== 'stdlib')
        .map(({ name, version, origin, facts }) => [name, version, origin, facts?.['replacedBy']]);
    expect(at('a/go.mod')).toEqual([
      ['b', 'v1.4.0', 'local', undefined],
      ['one', 'v1.1.0', 'local', './stand/work'],
      ['three', 'v1.3.0', 'local', '../stand/three'],
      ['two', 'v1.2.0', 'local', '../stand/b'],
    ]);
    expect(at('alone/go.mod')).toEqual([['one', 'v1.1.0', undefined, undefined]]);
    expect(result.complete).toBe(true);
  });

  it('the nearest go.work decides', () => {
    const inner = { ...workspace, 'a/go.work': 'go 1.22.0\nuse .\n' };
    const found = of(inner).packages.filter(({ paths }) => paths[0] === 'a/go.mod');
    expect(found.find(({ name }) => name === 'one')?.facts).toEqual({ replacedBy: '../stand/a' });
    expect(found.find(({ name }) => name === 'two')?.origin).toBeUndefined();
  });

  it('says the standard library that its toolchain has', () => {
    const found = of({ 'go.work': 'go 1.22.0\ntoolchain go1.23.4\nuse ./a\n', 'a/go.mod': 'module a\ngo 1.21.3\n' });
    expect(lines(found)).toEqual(['stdlib@1.23.4 runtime']);
  });

  it('sums of its go.work.sum are sums of its modules', () => {
    const line = (path: string) => `${path} v1.1.0 h1:${'A'.repeat(43)}=\n`;
    const old = 'module a\ngo 1.16\nrequire (\n\te.test/x v1.1.0\n\te.test/y v1.1.0\n)\n';
    const specs = { 'go.work': 'go 1.18\nuse ./a\n', 'a/go.mod': old, 'a/go.sum': line('e.test/x') };
    expect(of(specs).complete).toBe(false);
    expect(of({ ...specs, 'go.work.sum': line('e.test/y') }).complete).toBe(true);
  });

  it('T25 ends where many workspaces use many modules', () => {
    const uses = `go 1.22.0\n${'use ./m\n'.repeat(3000)}`;
    const works = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${'d/'.repeat(n)}go.work`, uses]));
    const { complete, diagnostics } = of({ ...works, 'm/go.mod': 'module m\ngo 1.20\n' });
    expect(complete).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toContain('archive/limit');
  });

  it('T25 as many replacements as requirements end', () => {
    const count = 20_000;
    const block = (verb: string, line: (n: number) => string) =>
      `${verb} (\n${Array.from({ length: count }, (_, n) => line(n)).join('\n')}\n)\n`;
    const text = `module m\ngo 1.20\n${block('require', (n) => `e.test/m${n} v1.0.0`)}${block('replace', (n) => `e.test/m${n} => ./m${n}`)}`;
    expect(of({ 'go.mod': text }).packages.every(({ origin }) => origin === 'local')).toBe(true);
  });

  it.each([
    ['go 1.22.0\nuse (\n\t./a\n', 'is no go.work that can be read whole'],
    ['go 1.22.0\nuse ./a\nreplace e.test/x\n', 'is no go.work that can be read whole'],
    ['go 1.22.0\nuse (\n\t./a\n\t./gone\n)\n', 'uses modules that are not in this tree (1)'],
    ['go 1.22.0\nuse ../../etc\nuse /etc\n', 'uses modules that are not in this tree (2)'],
  ])('T01 tells what it cannot follow: %j', (work, message) => {
    const { complete, diagnostics } = of({ ...workspace, 'go.work': work });
    expect(complete).toBe(false);
    expect(diagnostics.map((one) => one.message)).toEqual([expect.stringContaining(message)]);
  });
});

const hasGo = spawnSync('go', ['version']).status === 0;

describe.skipIf(!hasGo)('against go list -m all (skipped: no go)', () => {
  it('the same stand-ins', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-go-work-'));
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    try {
      for (const [path, text] of Object.entries(workspace)) put(path, text);
      for (const [name, module] of Object.entries({ work: 'one', a: 'one', b: 'two', three: 'three' }))
        put(`stand/${name}/go.mod`, `module e.test/${module}\n\ngo 1.22.0\n`);
      const template = '{{if .Replace}}{{.Path}} {{.Replace.Dir}}{{end}}';
      const env = { ...process.env, GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local', GOPROXY: 'off', GOWORK: '' };
      // What `b` asks for is known from its folder; `a` asks for a version of it that nobody published, so it is left out.
      put('a/go.mod', workspace['a/go.mod'].replace('\te.test/b v1.4.0\n', ''));
      const said = execFileSync('go', ['list', '-m', '-f', template, 'all'], { cwd: folder, env, encoding: 'utf8' });
      const stand = (dir: string) => dir.slice(dir.lastIndexOf('stand/'));
      const native = said.split('\n').filter((line) => line !== '').map((line) => line.split(' ')); // prettier-ignore
      const ours = of(workspace).packages.filter(
        ({ paths, facts }) => paths[0] === 'a/go.mod' && facts?.['replacedBy'],
      );
      expect(ours.map(({ name, facts }) => [`e.test/${name}`, stand(facts?.['replacedBy'] ?? '')])).toEqual(
        native.map(([path, dir]) => [path, stand(dir ?? '')]),
      );
      expect(native).toHaveLength(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
