// Lock files that the tools themselves wrote for one project, requirements files, and what only hostile or rare ones hold.
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { pythonLockCataloger } from './index.ts';

const project = (tool: string) => readFolder(new URL(`testing/${tool}/`, import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(pythonLockCataloger, specs);

const whole = [
  'click@8.0.0 runtime direct',
  'colorama@0.4.6 runtime',
  'iniconfig@2.0.0 development direct',
  'itsdangerous@2.0.1 optional direct',
];

describe('one project, as each tool locks it', () => {
  it.each<[string, readonly string[]]>([
    ['poetry', whole],
    ['poetry1', whole],
    ['pdm', whole],
    ['uv', [...whole, 'whole@1.2.3 runtime local']],
    // pipenv locks for the machine at hand.
    ['pipenv', ['click@8.0.0 runtime direct', 'iniconfig@2.0.0 development direct']],
    ['pylock', ['click@8.0.0 runtime direct', 'colorama@0.4.6 runtime', 'itsdangerous@2.0.1 runtime direct']],
    [
      'requirements',
      ['click@8.0.0 runtime', 'colorama@0.4.6 runtime', 'iniconfig@2.0.0 development', 'itsdangerous@2.0.1 runtime'],
    ],
  ])('%s', (tool, expected) => {
    const result = of(project(tool));
    expect([lines(result), result.diagnostics, result.complete]).toEqual([expected, [], true]);
  });

  it('says by which way a package came', () => {
    for (const tool of ['poetry', 'pdm', 'uv'])
      expect(of(project(tool)).packages.find(({ name }) => name === 'colorama')?.facts).toMatchObject({
        via: 'click > colorama',
      });
  });

  it('tells development from the graph where a poetry.lock 2.0 says neither groups nor categories', () => {
    const specs = project('poetry1');
    const lock = textIn(specs, 'poetry.lock').replaceAll(/^category = .*\n/gm, '');
    expect(lines(of({ ...specs, 'poetry.lock': lock }))).toEqual(whole);
  });
});

describe('a file that was cut off, or is none', () => {
  it.each([
    ['poetry', 'poetry.lock'],
    ['poetry1', 'poetry.lock'],
    ['uv', 'uv.lock'],
    ['pylock', 'pylock.toml'],
    ['pipenv', 'Pipfile.lock'],
  ])('%s', (tool, name) => {
    const specs = project(tool);
    const written = textIn(specs, name).split('\n');
    // The project itself is no loss.
    const countOf = ({ packages }: ReturnType<typeof of>) => packages.filter(({ origin }) => origin !== 'local').length;
    const count = countOf(of(specs));
    for (let kept = 0; kept < written.length; kept++) {
      const result = of({ ...specs, [name]: written.slice(0, kept).join('\n') });
      if (countOf(result) < count && (tool !== 'pylock' || kept < 3))
        expect([kept, result.complete]).toEqual([kept, false]);
    }
  });

  it('an empty pdm.lock', () => {
    expect(of({ ...project('pdm'), 'pdm.lock': '' }).complete).toBe(false);
  });

  it.each(['<html><body>404</body></html>\n', '\u0000\u0001\ufffd\n', 'requests 2.0\n', 'zope.interface 5.0\n'])(
    'requirements: %j',
    (text) => {
      expect(of({ 'requirements.txt': text }).diagnostics.map(({ message }) => message)).toEqual([
        'requirements.txt has lines that are no requirements.',
      ]);
    },
  );
});

describe('pyproject.toml without a lock file', () => {
  it('is told in a note, unless a file says the versions', () => {
    const toml = '[project]\ndependencies = ["a>=1", "b"]\n';
    const alone = of({ 'pyproject.toml': toml });
    expect([alone.complete, alone.diagnostics.map(({ level, code }) => [level, code])]).toEqual([
      true,
      [['note', 'package/version-open']],
    ]);
    expect(of({ 'x/pyproject.toml': toml, 'requirements.txt': 'a==1.0\n' }).diagnostics).toEqual([]);
  });
});

describe('pylock.toml, PEP 751', () => {
  it('reads groups and extras out of markers, and places', () => {
    const result = of({
      'pylock.dev.toml': `lock-version = "1.0"
created-by = "x"
default-groups = ["default"]
[[packages]]
name = "A.b"
version = "1.0"
marker = '"default" in dependency_groups or "dev" in dependency_groups'
[[packages]]
name = "dev"
version = "1.0"
marker = '"dev" in dependency_groups'
[[packages]]
name = "extra"
version = "1.0"
marker = '"x" in extras'
[[packages]]
name = "commit"
vcs = { type = "git", url = "https://e.test/x.git", commit-id = "0123456789abcdef" }
[[packages]]
name = "file"
version = "2.0"
archive = { url = "https://e.test/file-2.0.tar.gz" }
[[packages]]
name = "folder"
directory = { path = "." }
`,
    });
    expect(lines(result)).toEqual([
      'a-b@1.0 runtime',
      'commit@0123456789abcdef runtime vcs',
      'dev@1.0 development',
      'extra@1.0 optional',
      'file@2.0 runtime archive',
    ]);
    expect(result.complete).toBe(true);
  });
});

describe('requirements files', () => {
  const read = (text: string, more = {}) => of({ 'requirements.txt': text, ...more });

  it('lists what says its version exactly', () => {
    const result = read(`# comment
Flask_Babel[x, y] == 1.0 ; python_version < "4"  # why
zope.interface===5.0.post1
a==1.0,!=1.1 --hash=sha256:00
b == 2!1.0rc1 \\
    --hash=sha256:11 \\
    --hash=sha256:22
--index-url https://e.test/simple
c (==3.0)
d @ https://e.test/d-4.0-py3-none-any.whl
e @ git+https://e.test/e.git@0123456789
-e git+https://e.test/f.git@v1.0#egg=f
https://e.test/g-5.0.tar.gz
-e .
./folder
`);
    expect(lines(result)).toEqual([
      'a@1.0 runtime',
      'b@2!1.0rc1 runtime',
      'c@3.0 runtime',
      'd@4.0 runtime direct archive',
      'e@0123456789 runtime direct vcs',
      'f@v1.0 runtime direct vcs',
      'flask-babel@1.0 runtime',
      'g@5.0 runtime direct archive',
      'zope-interface@5.0.post1 runtime',
    ]);
    expect([result.diagnostics, result.complete]).toEqual([[], true]);
  });

  it('invents no version, and names what it does not know', () => {
    const result = read('a>=1.0\nb\nc~=1.0\nd==1.*\ne==1.0\n');
    expect(lines(result)).toEqual(['e@1.0 runtime']);
    expect(result.complete).toBe(false);
    expect(result.diagnostics).toMatchObject([
      { code: 'package/version-open', message: expect.stringContaining('a>=1.0, b, c~=1.0, d==1.*') as string },
    ]);
  });

  it('takes versions of constraints, and of another file of the project', () => {
    const constrained = read('-c constraints.txt\na>=1\nb\n', {
      'constraints.txt': 'a==1.5\nz==9\n',
      'uv.lock': '[[package]]\nname = "b"\nversion = "2.0"\n',
    });
    expect(lines(constrained)).toEqual(['a@1.5 runtime', 'b@2.0 runtime']);
    expect(constrained.complete).toBe(true);
  });

  it('follows includes in the tree, in the scope of the file that includes', () => {
    const result = of({
      'requirements/prod.txt': '-r base.txt\n-r "test.txt"\n',
      'requirements/base.txt': 'a==1\n-r prod.txt\n',
      'requirements/test.txt': 'b==2\n',
      'requirements/dev.txt': 'c==3\n',
    });
    expect(lines(result)).toEqual(['a@1 runtime', 'b@2 runtime', 'c@3 development']);
    expect(result.packages.find(({ name }) => name === 'b')?.paths).toEqual(['requirements/test.txt']);
    expect(result.complete).toBe(true);
  });

  it('T01 includes nothing from outside the tree, and says so', () => {
    for (const path of ['../../etc/requirements.txt', '/etc/passwd', 'C:\\x.txt', 'https://e.test/x.txt', 'none.txt']) {
      const result = read(`-r ${path}\n`);
      expect([result.complete, result.packages]).toEqual([false, []]);
      expect(result.diagnostics[0]?.message).toContain('was not read');
    }
  });

  it('T07 files that include each other many times end', () => {
    const files: Record<string, string> = {};
    for (let n = 0; n < 200; n++)
      files[`requirements/${n}.txt`] = `-r ${(n + 1) % 200}.txt\n-r ${(n + 7) % 200}.txt\np${n}==1\n`;
    expect(new Set(lines(of(files))).size).toBe(200);
  });

  it('reads UTF-16, as PowerShell writes it', () => {
    const text = Buffer.from('\ufeffa==1.0\r\nb==2.0\r\n', 'utf16le');
    expect(lines(of({ 'requirements.txt': text }))).toEqual(['a@1.0 runtime', 'b@2.0 runtime']);
  });
});

describe('what is of no registry is listed and marked', () => {
  it.each<[string, Parameters<typeof of>[0], readonly string[]]>([
    [
      'poetry.lock',
      {
        'poetry.lock': ['git', 'url', 'file', 'directory', 'legacy']
          .map(
            (type) => `[[package]]\nname = "${type}"\nversion = "1.0"\n[package.source]\ntype = "${type}"\nurl = "x"\n`,
          )
          .join('\n'),
      },
      [
        'directory@1.0 runtime local',
        'file@1.0 runtime archive',
        'git@1.0 runtime vcs',
        'legacy@1.0 runtime',
        'url@1.0 runtime archive',
      ],
    ],
    [
      'uv.lock',
      {
        'uv.lock': ['git', 'url', 'path', 'directory', 'registry']
          .map((kind) => `[[package]]\nname = "${kind}"\nversion = "1.0"\nsource = { ${kind} = "x" }\n`)
          .join('\n'),
      },
      [
        'directory@1.0 runtime local',
        'git@1.0 runtime vcs',
        'path@1.0 runtime archive',
        'registry@1.0 runtime',
        'url@1.0 runtime archive',
      ],
    ],
    [
      'Pipfile.lock',
      {
        'Pipfile.lock': JSON.stringify({
          default: {
            a: { git: 'https://e.test/a.git', ref: '0123' },
            b: { file: 'https://e.test/b-1.0.tar.gz', version: '==1.0' },
            c: { path: '.', editable: true },
          },
          docs: { d: { version: '==2.0' } },
        }),
      },
      ['a@0123 runtime vcs', 'b@1.0 runtime archive', 'd@2.0 runtime'],
    ],
  ])('%s', (_, specs, expected) => {
    const result = of(specs);
    expect(lines(result)).toEqual(expected);
  });
});

describe('hostile', () => {
  it('T15 a name that many entries have costs no more than theirs', () => {
    const entries = Array.from(
      { length: 20_000 },
      (_, n) =>
        `[[package]]\nname = "a"\nversion = "${n}"\nsource = { registry = "x" }\ndependencies = [{ name = "a" }]\n`,
    );
    const member =
      '[[package]]\nname = "m"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n';
    expect(of({ 'uv.lock': entries.join('') + member }).packages).toHaveLength(20_001);
  });
});

declaredContract(
  pythonLockCataloger,
  Object.fromEntries(
    ['poetry', 'pdm', 'uv', 'pipenv', 'pylock', 'requirements'].flatMap((tool) =>
      Object.entries(project(tool)).map(([path, content]) => [`${tool}/${path}`, content]),
    ),
  ),
);
