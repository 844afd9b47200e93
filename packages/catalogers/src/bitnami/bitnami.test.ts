// Bitnami's components: documents as its images have them, the older list, and what is neither.
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { bitnamiCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => bitnamiCataloger.catalog(viewOf(specs, bitnamiCataloger), {});

const reference = (type: string, locator: string) => ({
  referenceCategory: type === 'purl' ? 'PACKAGE-MANAGER' : 'SECURITY',
  referenceType: type,
  referenceLocator: locator,
});
const item = (name: string, versionInfo: string, references: readonly object[], rest: object = {}) => ({
  SPDXID: `SPDXRef-${name}`,
  name,
  versionInfo,
  licenseDeclared: 'BSD-3-Clause',
  externalRefs: references,
  ...rest,
});
const spdx = (...packages: readonly object[]) =>
  JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages });

const redis = item('redis', '7.2.4', [
  reference('cpe23Type', 'cpe:2.3:*:redis:redis:7.2.4:*:*:*:*:*:*:*'),
  reference('purl', 'pkg:bitnami/redis@7.2.4-0?arch=amd64&distro=debian-12'),
]);
const path = 'opt/bitnami/redis/.spdx-redis.spdx';
const list = 'opt/bitnami/.bitnami_components.json';

catalogerContract(bitnamiCataloger, {
  [path]: spdx(redis),
  [list]: JSON.stringify({ gosu: { arch: 'amd64', distro: 'debian-11', type: 'NAMI', version: '1.14.0-8' } }),
});

test('a component in full', () => {
  expect(catalog({ [path]: spdx(redis) })).toEqual({
    packages: [
      {
        type: 'bitnami',
        name: 'redis',
        version: '7.2.4-0',
        architecture: 'amd64',
        qualifiers: { distro: 'debian-12' },
        licences: ['BSD-3-Clause'],
        vendor: 'Bitnami',
        cpes: ['cpe:2.3:a:redis:redis:7.2.4:*:*:*:*:*:*:*'],
        paths: [path],
      },
    ],
    diagnostics: [],
    complete: true,
  });
});

test('only what has a purl of Bitnami is one of its packages; nothing said is no licence', () => {
  const module = item('left-pad', '1.0.0', [reference('purl', 'pkg:npm/left-pad@1.0.0')]);
  const bare = item('gosu', '1.17.0', [reference('purl', 'pkg:bitnami/gosu@1.17.0-1')], {
    licenseDeclared: 'NOASSERTION',
  });
  const { packages } = catalog({ [path]: spdx(redis, module, bare, item('x', '1', [])) });
  expect(packages.map(({ name, version, licences }) => [name, version, licences])).toEqual([
    ['redis', '7.2.4-0', ['BSD-3-Clause']],
    ['gosu', '1.17.0-1', []],
  ]);
});

test('the list of older images counts for what has no document', () => {
  const components = {
    redis: { version: '7.2.4-0' },
    gosu: { arch: 'arm64', distro: 'debian-11', version: '1.14.0-8' },
  };
  const { packages } = catalog({ [path]: spdx(redis), [list]: JSON.stringify(components) });
  expect(packages).toHaveLength(2);
  expect(packages[1]).toMatchObject({
    name: 'gosu',
    version: '1.14.0-8',
    architecture: 'arm64',
    qualifiers: { distro: 'debian-11' },
    paths: [list],
  });
});

test.each([
  ['no JSON', '{'],
  ['no document of SPDX', '{"packages": []}'],
  ['SPDX 3', '{"spdxVersion": "SPDX-3.0"}'],
])('%s is told as missing', (_title, text) => {
  expect(catalog({ [path]: text })).toMatchObject({
    packages: [],
    complete: false,
    diagnostics: [{ code: 'package/metadata-invalid', path }],
  });
});

test('T73 keys of prototypes and hostile names are no components', () => {
  const hostile = { __proto__x: 1, constructor: { version: '1' }, 'a/../b': { version: '1' }, b: { version: 'x y' } };
  const { packages } = catalog({ [list]: JSON.stringify(hostile) });
  expect(packages.map(({ name }) => name)).toEqual(['constructor']);
});

test.each(['opt/bitnami/redis/redis.spdx', 'usr/opt/bitnami/x/.spdx-x.spdx', 'opt/bitnami/redis/bin/redis'])(
  '%s is not looked at',
  (other) => {
    expect(catalog({ [other]: spdx(redis) }).packages).toEqual([]);
  },
);
