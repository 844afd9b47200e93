// Software without a package manager, and modules that are compared in two ecosystems: which advisories reach them, and which do not.
import { describe, expect, test } from 'vitest';
import { advisory, vendorDatabase } from '../testing/advisory-feed.ts';
import { packageOf } from '../testing/records.ts';
import type { Package } from '@plombe/model';

const below = (scheme: string, fixed: string) => [{ scheme, events: [{ introduced: '0' }, { fixed }] }];
const at = (path: string): Partial<Package> => ({ evidence: [{ path, layerIndex: 0 }] });

const node = advisory('CVE-2025-1001', [{ ecosystem: 'Node.js', name: 'node', ranges: below('semver', '20.5.1') }]);

async function found(advisories: Parameters<typeof vendorDatabase>[0], ...packages: readonly Package[]) {
  const database = await vendorDatabase(advisories);
  const result = database.match({ packages });
  database.close();
  return result;
}

const ids = (result: Awaited<ReturnType<typeof found>>) => result.findings.map(({ vulnerability }) => vulnerability);

const cpe = (product: string) => `cpe:2.3:a:${product}:20.1.0:*:*:*:*:*:*:*`;

test.each([
  ['pkg:generic/node@20.1.0', ['CVE-2025-1001']],
  ['pkg:generic/node@v20.1.0', ['CVE-2025-1001']],
  ['pkg:generic/nodejs@20.1.0', ['CVE-2025-1001']],
  ['pkg:generic/node@20.5.1', []],
])('%s is compared with what Node.js says', async (purl, expected) => {
  expect(ids(await found([node], packageOf(purl)))).toEqual(expected);
});

test('what nobody speaks of is not assessed, never clean', async () => {
  const result = await found([node], packageOf('pkg:generic/thing@1.0'));
  expect(result.unassessed).toMatchObject([{ cause: { code: 'feed/missing', scope: 'generic' } }]);
  const withCpe = packageOf('pkg:generic/thing@1.0', { cpes: [cpe('acme:thing')] });
  expect((await found([node], withCpe)).unassessed).toMatchObject([{ cause: { code: 'feed/missing', scope: 'NVD' } }]);
});

describe('publisher and NVD', () => {
  const nvd = advisory('CVE-2025-1001', [{ ecosystem: 'NVD', name: 'nodejs:node.js', ranges: below('tag', '20.5.0') }]);
  const zlib = advisory('CVE-2023-45853', [{ ecosystem: 'NVD', name: 'nodejs:node.js', ranges: below('tag', '99') }]);
  const veto = advisory('CVE-2023-45853', [{ ecosystem: 'Node.js', name: 'node', status: 'not_affected' }]);
  const binary = packageOf('pkg:generic/node@20.1.0', { cpes: [cpe('nodejs:node.js')] });

  test('say one finding together', async () => {
    const { findings } = await found([node, nvd], binary);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.fixedVersions).toEqual(['20.5.0', '20.5.1']);
    expect(findings[0]?.advisories.map(({ ecosystem, packageName }) => [ecosystem, packageName])).toEqual([
      ['Node.js', 'node'],
      ['NVD', 'nodejs:node.js'],
    ]);
  });

  test('CVE-2023-45853: what Node.js says does not reach it is taken away from what NVD says', async () => {
    const { findings, suppressed } = await found([zlib, veto], binary);
    expect(findings).toEqual([]);
    expect(suppressed).toMatchObject([{ vulnerability: 'CVE-2023-45853' }]);
    expect(suppressed[0]?.reason).toContain('not affected');
  });

  test('where one of both cannot be compared the other stands for it', async () => {
    const unreadable = [{ scheme: 'unreadable', events: [{ introduced: '0' }, { fixed: '?' }] }];
    const fixed = packageOf('pkg:generic/node@21.0.0', { cpes: [cpe('nodejs:node.js')] });
    const vague = advisory('CVE-2025-1001', [{ ecosystem: 'NVD', name: 'nodejs:node.js', ranges: unreadable }]);
    expect((await found([node, vague], fixed)).unassessed).toEqual([]);
    const other = advisory('CVE-2025-3003', [{ ecosystem: 'NVD', name: 'nodejs:node.js', ranges: unreadable }]);
    expect((await found([node, other], fixed)).unassessed).toMatchObject([
      { cause: { code: 'version/invalid', scope: 'NVD' } },
    ]);
  });

  test('NVD is not asked about packages that a package manager knows', async () => {
    const deb = packageOf('pkg:npm/node@20.1.0', { cpes: [cpe('nodejs:node.js')] });
    expect(ids(await found([nvd, advisory('X-1', [{ ecosystem: 'npm', name: 'other' }])], deb))).toEqual([]);
    // So neither a veto of Alpine's secdb nor its list of rejected CVEs has anything of NVD's to take away.
    const apk = packageOf('pkg:apk/alpine/nodejs@20.1.0-r0?distro=alpine-3.20.0', { cpes: [cpe('nodejs:node.js')] });
    const alpine = advisory('X-2', [{ ecosystem: 'Alpine:v3.20', name: 'other' }]);
    expect(await found([nvd, alpine], apk)).toMatchObject({ findings: [], suppressed: [], unassessed: [] });
  });

  test('what runs beside other software is of less confidence', async () => {
    const beside = { configuration: 'only with apache:tomcat' };
    const parts = [{ ecosystem: 'NVD', name: 'nodejs:node.js', ranges: below('tag', '99'), qualifiers: beside }];
    expect((await found([advisory('CVE-2025-2002', parts)], binary)).findings).toMatchObject([
      { confidence: 'module' },
    ]);
  });
});

describe('systems', () => {
  const windows = advisory('CVE-2025-27210', [
    { ecosystem: 'Node.js', name: 'node', ranges: below('semver', '22.17.1'), qualifiers: { systems: ['windows'] } },
  ]);

  test.each([
    ['usr/local/bin/node', []],
    ['Files/nodejs/node.exe', ['CVE-2025-27210']],
  ])('a flaw of Windows and the program %s', async (path, expected) => {
    expect(ids(await found([windows], packageOf('pkg:generic/node@22.1.0', at(path))))).toEqual(expected);
  });

  test('where the system is not known the flaw stays', async () => {
    expect(ids(await found([windows], packageOf('pkg:generic/node@22.1.0')))).toEqual(['CVE-2025-27210']);
  });

  test.each([
    ['app/server', []],
    ['app/server.exe', ['RUSTSEC-2025-0001']],
    ['src/Cargo.lock', ['RUSTSEC-2025-0001']],
  ])('a crate in %s', async (path, expected) => {
    const parts = [
      { ecosystem: 'crates.io', name: 'a', ranges: below('semver', '2.0.0'), qualifiers: { systems: ['windows'] } },
    ];
    expect(ids(await found([advisory('RUSTSEC-2025-0001', parts)], packageOf('pkg:cargo/a@1.0.0', at(path))))).toEqual(
      expected,
    );
  });
});

describe('Kubernetes', () => {
  const about = (id: string, name: string) =>
    advisory(id, [{ ecosystem: 'kubernetes', name, ranges: below('semver', '1.28.4') }]);
  const advisories = [
    about('CVE-2023-5528', 'k8s.io/kubelet'),
    about('CVE-2023-2727', 'k8s.io/apiserver'),
    about('CVE-2020-8564', 'k8s.io/kubernetes'),
    about('CVE-2024-7646', 'k8s.io/ingress-nginx'),
    advisory('GO-1', [{ ecosystem: 'Go', name: 'k8s.io/other' }]),
  ];
  const kubernetes = 'pkg:golang/k8s.io/kubernetes@v1.28.1';

  test.each([
    ['a program by its name', kubernetes, 'usr/bin/kubelet', ['CVE-2020-8564', 'CVE-2023-5528']],
    ['a program no advisory is about', kubernetes, 'usr/bin/kube-scheduler', ['CVE-2020-8564']],
    ['all programs in one', kubernetes, 'hyperkube', ['CVE-2020-8564', 'CVE-2023-2727', 'CVE-2023-5528']],
    ['a version with the fix', 'pkg:golang/k8s.io/kubernetes@v1.28.4', 'usr/bin/kubelet', []],
    ['a library, which numbers otherwise', 'pkg:golang/k8s.io/apiserver@v0.27.0', 'app', []],
    [
      'a product with the module of its name',
      'pkg:golang/k8s.io/ingress-nginx@v1.1.0',
      'nginx-ingress',
      ['CVE-2024-7646'],
    ],
    [
      'a program without build information',
      'pkg:generic/kubelet@1.27.0',
      'kubelet',
      ['CVE-2020-8564', 'CVE-2023-5528'],
    ],
  ])('%s', async (_title, purl, path, expected) => {
    expect(ids(await found(advisories, packageOf(purl, at(path)))).sort()).toEqual(expected);
  });

  test('a module is covered where Go is, whatever Kubernetes says', async () => {
    const { unassessed, findings } = await found(advisories.slice(0, 3), packageOf(kubernetes, at('kubelet')));
    expect(findings).toHaveLength(2);
    expect(unassessed).toMatchObject([{ cause: { code: 'feed/missing', scope: 'Go' } }]);
  });
});

describe('CPython: a record that names commits alone', () => {
  const range = (scheme: string) => ({ scheme, events: [{ introduced: '0' }, { fixed: '?' }] });
  const about = (id: string, cve: string) =>
    advisory(id, [{ ecosystem: 'CPython', name: 'python', ranges: [range('commits')] }], { aliases: [cve] });
  const python = packageOf('pkg:generic/python@3.8.1', { cpes: ['cpe:2.3:a:python:python:3.8.1:*:*:*:*:*:*:*'] });
  const nvd = advisory('CVE-2007-4965', [
    {
      ecosystem: 'NVD',
      name: 'python:python',
      ranges: [{ scheme: 'tag', events: [{ introduced: '0' }, { lastAffected: '2.5.1' }] }],
    },
  ]);

  test('is no version that is wrong: what is missing are versions, and NVD has them', async () => {
    const { findings, unassessed } = await found(
      [about('PSF-2007-1', 'CVE-2007-4965'), about('PSF-2010-1', 'CVE-2010-1634')],
      python,
    );
    expect(findings).toEqual([]);
    expect(unassessed).toHaveLength(1);
    expect(unassessed[0]?.cause).toMatchObject({
      code: 'feed/missing',
      scope: 'CPython',
      message: expect.stringContaining('python 3.8.1 (PSF-2007-1), python 3.8.1 (PSF-2010-1)') as string,
      remedy: expect.stringContaining('plombe db update') as string,
    });
  });

  test('is settled where NVD knows the same CVE by version', async () => {
    expect(await found([about('PSF-2007-1', 'CVE-2007-4965'), nvd], python)).toMatchObject({
      findings: [],
      unassessed: [],
    });
    const old = packageOf('pkg:generic/python@2.5.1', { cpes: ['cpe:2.3:a:python:python:2.5.1:*:*:*:*:*:*:*'] });
    const { findings, unassessed } = await found([about('PSF-2007-1', 'CVE-2007-4965'), nvd], old);
    expect([findings.map(({ vulnerability }) => vulnerability), unassessed]).toEqual([['CVE-2007-4965'], []]);
  });

  test('is not read into tags, which an exporter lists and which count', async () => {
    const tags = advisory('PSF-2024-1', [{ ecosystem: 'CPython', name: 'python', versions: ['v3.8.0', 'v3.8.1'] }]);
    expect(ids(await found([tags], python))).toEqual(['PSF-2024-1']);
    expect(await found([tags], packageOf('pkg:generic/python@3.8.2'))).toMatchObject({ findings: [], unassessed: [] });
  });
});
