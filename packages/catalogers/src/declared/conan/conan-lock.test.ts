// Lock files that Conan 1.66 and 2 wrote for the same recipes.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { conanLockCataloger } from './index.ts';

const one = readFolder(new URL('testing/one/', import.meta.url));
const two = readFolder(new URL('testing/two/', import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(conanLockCataloger, specs);

it.each([
  ['1', one, { user: 'acme', channel: 'stable' }],
  ['2', two, {}],
])('Conan %s', (_name, project, qualifiers) => {
  const result = of(project);
  expect([result.diagnostics, result.complete]).toEqual([[], true]);
  expect(lines(result)).toEqual([
    'cmake@3.22.0 development direct',
    'gtest@1.12.0 runtime direct',
    'openssl@3.0.1 runtime direct',
    'zlib@1.2.11 runtime',
  ]);
  expect(result.packages.find(({ name }) => name === 'gtest')?.qualifiers).toMatchObject({
    ...qualifiers,
    rrev: /^[0-9a-f]{32}$/,
  });
});

it('conanfile.txt alone: exact versions, ranges are open', () => {
  const result = of({
    'conanfile.txt': '[requires]\nzlib/1.2.11 # why\npoco/[>1.0 <1.9]\n[options]\nzlib/*:shared=True\n',
  });
  expect(lines(result)).toEqual(['zlib@1.2.11 runtime direct']);
  expect(result.diagnostics.map(({ code }) => code).sort()).toEqual([
    'package/dependencies-open',
    'package/version-open',
  ]);
});

it('what is no lock file is told', () => {
  for (const text of ['{}', '{"version":"0.5","requires":["zlib"]}'])
    expect(of({ 'conan.lock': text }).complete).toBe(false);
});

declaredContract(conanLockCataloger, two);
