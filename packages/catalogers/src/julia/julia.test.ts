// Packages of Julia in depots and its standard library; whole and hostile.
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { juliaCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => juliaCataloger.catalog(viewOf(specs, juliaCataloger), {});
const uuid = 'cd3eb016-35fb-5094-929b-558a96fad6f3';
const project = (name: string, version: string): string =>
  `name = "${name}"\nuuid = "${uuid}"\nauthors = ["x"]\nversion = "${version}"\n\n[deps]\nBase64 = "2a0f44e3-6c83-55bd-87e4-b1978d98bd5f"\n\n[compat]\njulia = "1.6"\n`;
const depot = 'root/.julia/';

catalogerContract(juliaCataloger, {
  [`${depot}packages/HTTP/sJD5V/Project.toml`]: project('HTTP', '1.10.1'),
  [`${depot}environments/v1.10/Manifest.toml`]: `manifest_format = "2.0"\n[[deps.HTTP]]\nuuid = "${uuid}"\nversion = "1.10.1"\n`,
  'opt/julia/share/julia/stdlib/v1.10/Dates/Project.toml': project('Dates', '1.10.0'),
  'opt/julia/lib/libjulia.so.1.10.4': 'x',
});

test('packages, parts of the standard library, and Julia', () => {
  const path = `${depot}packages/HTTP/sJD5V/Project.toml`;
  const standard = 'opt/julia/share/julia/stdlib/v1.10/Dates/Project.toml';
  const { packages, complete } = catalog({
    'opt/julia/lib/libjulia.so.1.10.4': 'x',
    'opt/julia/share/julia/stdlib/v1.6/Old/Project.toml': 'name = "Old"\nuuid = "x"\n',
    [standard]: project('Dates', '1.10.0'),
    [path]: project('HTTP', '1.10.1'),
  });
  expect(complete).toBe(true);
  const base = { type: 'julia', qualifiers: { uuid }, licences: [] };
  expect(packages).toEqual([
    {
      type: 'generic',
      name: 'julia',
      version: '1.10.4',
      licences: ['MIT'],
      cpes: ['cpe:2.3:a:julialang:julia:1.10.4:*:*:*:*:*:*:*'],
      paths: ['opt/julia/lib/libjulia.so.1.10.4'],
    },
    { ...base, name: 'Dates', version: '1.10.0', paths: [standard], facts: { standardLibrary: 'true' } },
    { ...base, name: 'HTTP', version: '1.10.1', paths: [path] },
  ]);
});

test('T24 a package from a repository says which, without its secrets', () => {
  const { packages } = catalog({
    [`${depot}packages/HTTP/sJD5V/Project.toml`]: project('HTTP', '1.10.1'),
    [`${depot}environments/v1.10/Manifest.toml`]: `[[deps.HTTP]]\nuuid = "${uuid}"\nversion = "1.10.1"\nrepo-url = "https://user:secret@example.org/HTTP.jl.git"\n`,
  });
  expect(packages).toMatchObject([{ origin: 'vcs', facts: { source: 'https://example.org/HTTP.jl.git' } }]);
});

test.each([
  ['a workspace', 'app/Project.toml'],
  ["a package's tests", `${depot}packages/HTTP/sJD5V/test/Project.toml`],
])('%s is not installed', (_title, path) => {
  expect(catalog({ [path]: project('HTTP', '1.0.0') }).packages).toEqual([]);
});

test.each([
  ['T15 no TOML', '= ='],
  ['another name', project('Other', '1.0.0')],
  ['no version', 'name = "HTTP"\n'],
  ['T15 nested deep', `a = ${'['.repeat(1e5)}`],
  ['T73 a prototype', `[__proto__]\nname = "HTTP"\nversion = "1.0.0"\nuuid = "${uuid}"\n`],
])('%s is reported', (_title, content) => {
  const { packages, diagnostics, complete } = catalog({ [`${depot}packages/HTTP/sJD5V/Project.toml`]: content });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid' }]);
  expect(complete).toBe(false);
});
