// A composer.lock that Composer 2.5 wrote, and what no repository of packages is.
import { expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { composerLockCataloger } from './index.ts';

const project = readFolder(new URL('testing/project/', import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(composerLockCataloger, specs);

it('packages as `composer show --locked` lists them, with what for and from where', () => {
  const result = of(project);
  expect([result.diagnostics, result.complete]).toEqual([[], true]);
  expect(lines(result)).toEqual([
    'acme/a@1.2.3 runtime direct local',
    'acme/b@2.0.1 runtime local',
    'acme/c@3.0.0 development direct local',
    'acme/forked@4.5.6 runtime direct vcs',
    'vendor/four@dev-main development vcs',
    'vendor/one@1.0.0 runtime direct',
    'vendor/three@0.9.0 development direct',
    'vendor/two@v1.4.0 runtime',
  ]);
  expect(result.packages.find(({ name }) => name === 'two')).toMatchObject({
    licences: ['GPL-3.0-or-later OR LGPL-2.1-only'],
    facts: { via: 'vendor/one > vendor/two' },
  });
});

it('without composer.json the lists still say what is for development', () => {
  const result = of({ 'x/composer.lock': textIn(project, 'composer.lock') });
  expect(lines(result)).toContain('vendor/three@0.9.0 development');
  expect(result.packages.every(({ direct }) => direct === undefined)).toBe(true);
});

it('not what a package ships, nor what is no lock file', () => {
  expect(of({ 'node_modules/x/composer.lock': textIn(project, 'composer.lock') }).packages).toEqual([]);
  for (const text of ['{}', '[]', '{"packages":[{"name":"a"}]}', '{"packages":[1]}'])
    expect(of({ 'composer.lock': text }).complete).toBe(false);
});

declaredContract(composerLockCataloger, project);
