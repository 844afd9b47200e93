// conda's records: fields, channels, owned files; hostile; and an environment that rattler installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { condaCataloger } from './index.ts';

const path = 'opt/conda/conda-meta/django-3.2-pyhd3eb1b0_0.json';
const record = {
  build: 'pyhd3eb1b0_0',
  build_number: 0,
  channel: 'https://repo.anaconda.com/pkgs/main/noarch',
  files: [
    'lib/python3.11/site-packages/Django-3.2.dist-info/METADATA',
    'lib/python3.11/site-packages/django/x.py',
    '../escape/METADATA',
  ],
  fn: 'django-3.2-pyhd3eb1b0_0.conda',
  license: 'BSD-3-Clause',
  name: 'django',
  noarch: 'python',
  subdir: 'noarch',
  version: '3.2',
};
const catalog = (specs: FileSpecs) => condaCataloger.catalog(viewOf(specs, condaCataloger), {});
const text = (changes: object = {}): string => JSON.stringify({ ...record, ...changes }, undefined, 2);

catalogerContract(condaCataloger, { [path]: text() });

test('a package in full', () => {
  expect(catalog({ [path]: text() })).toEqual({
    packages: [
      {
        type: 'conda',
        name: 'django',
        version: '3.2',
        qualifiers: { build: 'pyhd3eb1b0_0', channel: 'main', subdir: 'noarch', type: 'conda' },
        licences: ['BSD-3-Clause'],
        paths: [path],
        facts: { noarch: 'python' },
      },
    ],
    diagnostics: [],
    owners: new Map([['opt/conda/lib/python3.11/site-packages/Django-3.2.dist-info/METADATA', 0]]),
    complete: true,
  });
});

test.each([
  ['https://conda.anaconda.org/conda-forge', 'conda-forge'],
  ['https://conda.anaconda.org/conda-forge/noarch', 'conda-forge'],
  ['https://conda.anaconda.org/t/tk-secret-123/team/noarch', 'team'],
  ['https://user:secret@host.example/conda/team/label/dev/noarch', 'conda/team/label/dev'],
  ['conda-forge', 'conda-forge'],
  ['file:///home/someone/channel', undefined],
  ['', undefined],
])('T24 channel %s is %s', (channel, expected) => {
  const [found] = catalog({ [path]: text({ channel }) }).packages;
  expect(found?.qualifiers?.['channel']).toBe(expected);
  expect(JSON.stringify(found)).not.toContain('secret');
});

test.each([
  'opt/conda/conda-meta/history',
  'opt/conda/my-conda-meta/a.json',
  'opt/conda/conda-meta/a/b.json',
  'opt/conda/pkgs/a/info/index.json',
])('%s is not wanted', (other) => {
  expect(
    condaCataloger.wants({ path: other, type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 }),
  ).toBeUndefined();
});

describe('T15 hostile records', () => {
  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a name with a slash', text({ name: '../x' })],
    ['a version with a space', text({ version: '1 2' })],
    ['a version that is a number', text({ version: 3 })],
    ['a prototype', '{"__proto__":{"name":"x","version":"1"}}'],
    ['deep nesting', '['.repeat(1e6)],
  ])('%s is reported', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({ [path]: broken, 'x/conda-meta/ok.json': text() });
    expect(packages).toHaveLength(1);
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/metadata-invalid');
  });
});

const python = fileURLToPath(new URL('../../../../.plombe/peers/versions/python/bin/python3', import.meta.url));
const hasRattler = existsSync(python) && spawnSync(python, ['-c', 'import rattler'], { stdio: 'ignore' }).status === 0;
if (!hasRattler) console.warn('SKIPPED: no rattler (tools/install-version-judges), no real environment was read');

const script = `
import asyncio, hashlib, io, json, os, sys, tarfile
from rattler import PackageRecord, PrefixRecord, RepoDataRecord, install
base = sys.argv[1]
def build(name, version, files, licence):
    index = {'name': name, 'version': version, 'build': 'h0_1', 'build_number': 1, 'depends': [], 'license': licence, 'subdir': 'linux-64'}
    paths = [{'_path': p, 'path_type': 'hardlink', 'sha256': hashlib.sha256(c).hexdigest(), 'size_in_bytes': len(c)} for p, c in files.items()]
    out = os.path.join(base, f'{name}-{version}-h0_1.tar.bz2')
    with tarfile.open(out, 'w:bz2') as archive:
        for path, data in [('info/index.json', json.dumps(index).encode()), ('info/paths.json', json.dumps({'paths': paths, 'paths_version': 1}).encode()), *files.items()]:
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    described = os.path.join(base, name + '.json')
    with open(described, 'w') as file:
        json.dump(index, file)
    return RepoDataRecord(PackageRecord.from_index_json(described), os.path.basename(out), 'file://' + out, 'https://conda.anaconda.org/conda-forge')
metadata = b'Metadata-Version: 2.1\\nName: Django\\nVersion: 3.2.0\\n\\n'
records = [
    build('django', '3.2.0', {'lib/python3.11/site-packages/Django-3.2.0.dist-info/METADATA': metadata, 'bin/django-admin': b'#!/bin/sh\\n'}, 'BSD-3-Clause'),
    build('openssl', '1!3.0.1', {'lib/libssl.so.3': b'x'}, 'Apache-2.0'),
]
prefix = os.path.join(base, 'root/opt/conda')
os.makedirs(prefix)
asyncio.run(install(records, prefix, show_progress=False))
for name in sorted(os.listdir(prefix + '/conda-meta')):
    if name.endswith('.json'):
        known = PrefixRecord.from_path(prefix + '/conda-meta/' + name)
        print(known.name.normalized, known.version, known.build, known.subdir, sorted(map(str, known.files)))
`;

describe.skipIf(!hasRattler)('an environment that rattler installed', () => {
  const work = mkdtempSync(join(tmpdir(), 'plombe-conda-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test('the packages that rattler knows, and their files', { timeout: 120_000 }, () => {
    writeFileSync(join(work, 'make.py'), script);
    const run = spawnSync(python, [join(work, 'make.py'), work], {
      encoding: 'utf8',
      env: { HOME: work, PATH: '/usr/bin:/bin' },
    });
    expect(run.status, run.stderr).toBe(0);
    const root = join(work, 'root');
    const specs: Record<string, Uint8Array> = {};
    for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
      const full = join(entry.parentPath, entry.name);
      if (entry.isFile()) specs[relative(root, full)] = readFileSync(full);
    }
    const { packages, owners, complete } = catalog(specs);
    expect(complete).toBe(true);
    const said = packages.map(
      ({ name, version, qualifiers }) => `${name} ${version} ${qualifiers?.['build']} ${qualifiers?.['subdir']}`,
    );
    expect(said).toEqual(
      run.stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(0, line.indexOf(' ['))),
    );
    expect(packages.map(({ qualifiers }) => qualifiers?.['channel'])).toEqual(['conda-forge', 'conda-forge']);
    expect(owners?.get('opt/conda/lib/python3.11/site-packages/Django-3.2.0.dist-info/METADATA')).toBe(0);
    expect([...(owners?.keys() ?? [])].every((owned) => owned in specs)).toBe(true);
  });
});
