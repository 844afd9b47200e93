import { describe, expect, it } from 'vitest';
import { recordOf, type RecordSpec } from '../testing/records.ts';
import { MergedFiles } from './merge.ts';

function merged(...layers: readonly RecordSpec[]): Record<string, string> {
  const files = new MergedFiles('test');
  layers.forEach((layer, index) => files.apply(recordOf(layer), index));
  const found = files.view().files();
  return Object.fromEntries(
    found.map((file) => [file.path, `${new TextDecoder().decode(file.content)}@${file.layerIndex}`]),
  );
}

const base = { files: { 'var/lib/dpkg/status': 'a', 'opt/app/package.json': 'b' } };

describe('merging layers', () => {
  it.each<[string, RecordSpec, Record<string, string>]>([
    [
      'a file is replaced',
      { files: { 'opt/app/package.json': 'c' } },
      { 'opt/app/package.json': 'c@1', 'var/lib/dpkg/status': 'a@0' },
    ],
    ['a file is replaced by one nobody wants', { others: ['opt/app/package.json'] }, { 'var/lib/dpkg/status': 'a@0' }],
    ['a file is replaced by a directory', { directories: ['opt/app/package.json'] }, { 'var/lib/dpkg/status': 'a@0' }],
    ['a directory is replaced by a file', { others: ['opt'] }, { 'var/lib/dpkg/status': 'a@0' }],
    ['a file is whited out', { whiteouts: ['opt/app/package.json'] }, { 'var/lib/dpkg/status': 'a@0' }],
    ['a directory is whited out', { whiteouts: ['var'] }, { 'opt/app/package.json': 'b@0' }],
    ['a directory is opaque', { opaques: ['var/lib'], directories: ['var/lib'] }, { 'opt/app/package.json': 'b@0' }],
    ['the root is opaque', { opaques: [''] }, {}],
    [
      'a sibling is whited out',
      { whiteouts: ['va', 'opt/ap'] },
      { 'opt/app/package.json': 'b@0', 'var/lib/dpkg/status': 'a@0' },
    ],
    [
      'directories are only listed again',
      { directories: ['opt', 'opt/app'] },
      { 'opt/app/package.json': 'b@0', 'var/lib/dpkg/status': 'a@0' },
    ],
  ])('%s', (_, upper, expected) => {
    expect(merged(base, upper)).toEqual(expected);
  });

  it('a whiteout hides only what lies below it, not its own layer', () => {
    expect(merged(base, { whiteouts: ['opt/app'], files: { 'opt/app/package.json': 'new' } })).toEqual({
      'opt/app/package.json': 'new@1',
      'var/lib/dpkg/status': 'a@0',
    });
  });

  it('T11 a package database that was hidden and added again is the one added last', () => {
    const layers = [base, { whiteouts: ['var/lib/dpkg/status'] }, { files: { 'var/lib/dpkg/status': 'old' } }];
    expect(merged(...layers)['var/lib/dpkg/status']).toBe('old@2');
  });

  it('entries of later layers go through symlinked directories of the lower ones', () => {
    const lower = { links: { lib: 'usr/lib' }, files: { 'usr/lib/apk/db/installed': 'a' } };
    expect(merged(lower, { files: { 'lib/apk/db/installed': 'b' } })).toEqual({
      lib: '@0',
      'usr/lib/apk/db/installed': 'b@1',
    });
    expect(merged(lower, { whiteouts: ['lib/apk'] })).toEqual({ lib: '@0' });
  });

  it('a directory in the place of a link ends the link', () => {
    const lower = { links: { lib: 'usr/lib' } };
    const upper = { directories: ['lib'], files: { 'lib/apk/db/installed': 'b' } };
    expect(merged(lower, upper, { files: { 'lib/x': 'c' } })).toEqual({
      'lib/apk/db/installed': 'b@1',
      'lib/x': 'c@2',
    });
  });

  it('T02 links that lead in circles or out of the root lead nowhere', () => {
    const lower = { links: { a: 'b', b: 'a', up: '../../..' } };
    expect(Object.keys(merged(lower, { files: { 'a/x': '1', 'up/etc/os-release': '2' } })).sort()).toEqual([
      'a',
      'a/x',
      'b',
      'etc/os-release',
      'up',
    ]);
  });

  it.each<[string, RecordSpec, RecordSpec, readonly string[]]>([
    [
      'a device in the place of a file, named through a link',
      { links: { lib: 'usr/lib' }, files: { 'usr/lib/apk/db/installed': 'a' } },
      { others: ['lib/apk/db/installed'] },
      ['lib'],
    ],
    [
      'a file in the place of a folder, named through a link',
      { links: { lib: 'usr/lib' }, files: { 'usr/lib/apk/db/installed': 'a' } },
      { others: ['lib/apk'] },
      ['lib'],
    ],
    [
      'a file that only has such a name',
      { links: { lib: 'usr/lib' }, files: { 'usr/lib64/x': 'a', 'usr/lib/x': 'a' } },
      { others: ['lib64/x'] },
      ['lib', 'usr/lib/x', 'usr/lib64/x'],
    ],
    [
      'links two names deep',
      { links: { 'usr/lib64': 'lib' }, files: { 'usr/lib/x/y': 'a' } },
      { others: ['usr/lib64/x/y'] },
      ['usr/lib64'],
    ],
  ])('hides %s', (_, lower, upper, expected) => {
    expect(Object.keys(merged(lower, upper)).sort()).toEqual(expected);
  });

  it('a link ends with the folder it lies in', () => {
    const lower = { links: { 'usr/lib64': 'lib' }, files: { 'usr/lib/x': 'a' } };
    for (const upper of [{ whiteouts: ['usr'] }, { opaques: ['usr'] }, { opaques: [''] }, { others: ['usr'] }]) {
      expect(Object.keys(merged(lower, upper, { files: { 'usr/lib64/y': 'b' } }))).toEqual(['usr/lib64/y']);
    }
  });

  it('a hard link to nothing hides what was at its path and is told, until something else is there', () => {
    const files = new MergedFiles('test');
    files.apply(recordOf(base), 0);
    expect(files.apply(recordOf({ hardlinks: { 'var/lib/dpkg/status': 'nowhere' } }), 1)).toBe(true);
    expect(files.view().get('var/lib/dpkg/status')).toBeUndefined();
    expect(files.lost()).toEqual([{ path: 'var/lib/dpkg/status', target: 'nowhere', layerIndex: 1 }]);
    files.apply(recordOf({ files: { 'var/lib/dpkg/status': 'b' } }), 2);
    expect(files.lost()).toEqual([]);
  });

  it('a hard link finds its target in the layer below', () => {
    expect(merged(base, { hardlinks: { 'srv/package.json': 'opt/app/package.json' } })['srv/package.json']).toBe('b@1');
    expect(merged(base, { hardlinks: { 'srv/package.json': 'nowhere' } })['srv/package.json']).toBeUndefined();
  });

  it('an optional hard link gives what was there before, and nothing where nothing was kept', () => {
    const spec = (target: string): RecordSpec => ({ optionalLinks: { 'srv/package.json': target } });
    const lower = { files: { a: '1' }, others: ['b'], links: { lib: 'usr/lib' } };
    const of = (...specs: readonly RecordSpec[]) => {
      const files = new MergedFiles('test');
      specs.forEach((one, index) => files.apply(recordOf(one), index));
      const raw = files.view().get('srv/package.json');
      return [raw && Buffer.from(raw.content).toString(), files.lost().map(({ target }) => target)];
    };
    expect(of(lower, spec('a'), { whiteouts: ['a'] })).toEqual(['1', []]);
    expect(of(lower, { ...spec('a'), whiteouts: ['a'] })).toEqual(['1', []]);
    expect(of(lower, { ...spec('a'), files: { a: '2' } })).toEqual(['1', []]);
    expect(of(lower, spec('b'))).toEqual([undefined, []]);
    expect(of({ ...lower, others: ['usr/lib/b'] }, spec('lib/b'))).toEqual([undefined, []]);
    expect(of({ files: { 'srv/package.json': '0' } }, spec('c'))).toEqual([undefined, ['c']]);
  });
});
