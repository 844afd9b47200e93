import { describe, expect, it } from 'vitest';
import { parseVex, type VexDocument } from '@plombe/advisories';
import type { Digest, Inventory, Package, Purl } from '@plombe/model';
import { leftOutBy } from '../scan/leave-out.ts';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { applyVex } from './apply.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const place = (path: string): Pick<Package, 'evidence'> => ({ evidence: [{ path, layerIndex: 0 }] });
const of = (purl: string, overrides: Partial<Package>): Package =>
  packageOf(overrides.name ?? '', { id: purl, purl: purl as Purl, ...overrides });

const libssl = of('pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl', {
  name: 'libssl3',
  version: '3.0.11-1',
  source: { name: 'openssl', version: '3.0.11-1' },
});
const openssl = of('pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=debian-12', {
  name: 'openssl',
  version: '3.0.11-1',
});
const kernel = of('pkg:rpm/redhat/kernel@5.14.0-1.el9?arch=x86_64&epoch=1', {
  type: 'rpm',
  namespace: 'redhat',
  name: 'kernel',
  version: '1:5.14.0-1.el9',
});
const app = of('pkg:golang/example.com/app@v1.2.0', {
  type: 'golang',
  name: 'app',
  version: 'v1.2.0',
  ...place('usr/bin/app'),
});
const net = of('pkg:golang/golang.org/x/net@v0.1.0', {
  type: 'golang',
  namespace: 'golang.org/x',
  name: 'net',
  version: 'v0.1.0',
  ...place('usr/bin/app'),
});
const other = of('pkg:golang/golang.org/x/net@v0.1.0|usr/bin/other', {
  type: 'golang',
  namespace: 'golang.org/x',
  name: 'net',
  version: 'v0.1.0',
  purl: net.purl,
  ...place('usr/bin/other'),
});
const py = of('pkg:pypi/ruamel.yaml@0.17', { type: 'pypi', name: 'ruamel.yaml', version: '0.17' });
const packages = [libssl, openssl, kernel, app, net, other, py];
const findings = packages.map((found) => findingOf('CVE-2024-1', found, { aliases: ['GHSA-a-b'] }));
const subject: Inventory['subject'] = {
  name: 'registry.example.com/team/app:1.2',
  source: 'registry',
  reference: 'registry.example.com/team/app:1.2',
  digest: digest as Digest,
  platform: { os: 'linux', architecture: 'amd64' },
};
const result = resultOf(packages, findings);
const inventory: Inventory = {
  ...result.inventory,
  subject,
  distribution: {
    id: 'rhel',
    versionId: '9.4',
    cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos',
    evidencePath: 'etc/os-release',
  },
};

interface Statement {
  readonly products: readonly (string | object)[];
  readonly vulnerability?: string;
  readonly status?: string;
  readonly timestamp?: string;
}

function document(...statements: readonly Statement[]): VexDocument {
  const list = statements.map(({ vulnerability = 'CVE-2024-1', status = 'not_affected', products, ...more }) => ({
    vulnerability: { name: vulnerability },
    status,
    products: products.map((product) => (typeof product === 'string' ? { '@id': product } : product)),
    ...more,
  }));
  return parseVex(JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', statements: list }), 'app (1).json');
}

const gone = (...documents: readonly VexDocument[]): readonly string[] => {
  const { match } = applyVex(result.match, inventory, documents);
  const left = new Set(match.findings.flatMap(({ packages: ids }) => ids));
  return packages
    .filter(({ id }) => !left.has(id))
    .map(({ name, evidence }) => `${name} ${evidence[0]?.path ?? ''}`.split(' var/')[0] ?? '');
};

const image = `pkg:oci/app@${digest}?repository_url=registry.example.com/team/app`;
const everything = [
  'libssl3',
  'openssl',
  'kernel',
  'app usr/bin/app',
  'net usr/bin/app',
  'net usr/bin/other',
  'ruamel.yaml',
];

describe('a product is', () => {
  it.each<[string, string | object, readonly string[]]>([
    ['a package by its URL', 'pkg:deb/debian/libssl3@3.0.11-1', ['libssl3']],
    ['of every version without one', 'pkg:deb/debian/libssl3', ['libssl3']],
    ['not another version', 'pkg:deb/debian/libssl3@3.0.11-2', []],
    ['not another vendor', 'pkg:deb/ubuntu/libssl3@3.0.11-1', []],
    ['the source and all that is built from it', 'pkg:deb/debian/openssl@3.0.11-1', ['libssl3', 'openssl']],
    ['the source alone where it says so', 'pkg:deb/debian/openssl@3.0.11-1?arch=source', ['libssl3']],
    ['of its architecture', 'pkg:deb/debian/libssl3@3.0.11-1?arch=arm64', []],
    ['of its distribution', 'pkg:deb/debian/libssl3?distro=debian-12&arch=amd64', ['libssl3']],
    ['of no other distribution', 'pkg:deb/debian/libssl3?distro=debian-11', []],
    ['a package of rpm with its epoch', 'pkg:rpm/redhat/kernel@5.14.0-1.el9?epoch=1', ['kernel']],
    ['not one of another epoch', 'pkg:rpm/redhat/kernel@5.14.0-1.el9?epoch=2', []],
    ["Go's versions with and without v", 'pkg:golang/golang.org/x/net@0.1.0', ['net usr/bin/app', 'net usr/bin/other']],
    ["Python's names however written", 'pkg:pypi/ruamel-yaml@0.17', ['ruamel.yaml']],
    ['the image by its digest', image, everything],
    ['the image by its digest in any registry', `pkg:oci/mirror@${digest}?repository_url=ghcr.io/x/mirror`, everything],
    ['the image of this architecture', `${image}&arch=arm64`, []],
    ['no other image', image.replace('@sha256:a', '@sha256:b'), []],
    ['the image by name and tag', 'pkg:oci/app?repository_url=registry.example.com/team/app&tag=1.2', everything],
    ['not another tag', 'pkg:oci/app?repository_url=registry.example.com/team/app&tag=1.3', []],
    ['not another repository', 'pkg:oci/app?repository_url=registry.example.com/other/app', []],
    ['the image by its hash', { '@id': 'https://example.com/app', hashes: { 'sha-256': 'a'.repeat(64) } }, everything],
    ['a part of the image', { '@id': image, subcomponents: [{ '@id': 'pkg:deb/debian/libssl3' }] }, ['libssl3']],
    [
      'no part of another image',
      { '@id': 'pkg:oci/x@sha256:b', subcomponents: [{ '@id': 'pkg:deb/debian/libssl3' }] },
      [],
    ],
    [
      'a part of a program, in the file of that program',
      { '@id': 'pkg:golang/example.com/app@v1.2.0', subcomponents: [{ '@id': 'pkg:golang/golang.org/x/net' }] },
      ['net usr/bin/app'],
    ],
    [
      'what the distribution has, by its CPE',
      {
        identifiers: { cpe22: 'cpe:/o:redhat:enterprise_linux:9' },
        subcomponents: [{ '@id': 'pkg:rpm/redhat/kernel' }],
      },
      ['kernel'],
    ],
    [
      'nothing of another release',
      {
        identifiers: { cpe23: 'cpe:2.3:o:redhat:enterprise_linux:8:*:*:*:*:*:*:*' },
        subcomponents: [{ '@id': 'pkg:rpm/redhat/kernel' }],
      },
      [],
    ],
    ['nothing where only a name is told', { '@id': 'registry.example.com/team/app' }, []],
  ])('%s', (_, product, names) => {
    expect(gone(document({ products: [product] }))).toEqual(names);
  });
});

it('the latest statement holds, and of two at the same time the one given last', () => {
  const products = ['pkg:deb/debian/libssl3'];
  const say = (status: string, timestamp?: string): Statement => ({
    status,
    products,
    ...(timestamp && { timestamp }),
  });
  expect(gone(document(say('not_affected', '2026-01-02T00:00:00Z'), say('affected', '2026-01-01T00:00:00Z')))).toEqual([
    'libssl3',
  ]);
  expect(gone(document(say('not_affected', '2026-01-01T00:00:00Z'), say('affected', '2026-01-02T00:00:00Z')))).toEqual(
    [],
  );
  expect(gone(document(say('not_affected')), document(say('under_investigation')))).toEqual([]);
  expect(gone(document(say('under_investigation')), document(say('fixed')))).toEqual(['libssl3']);
});

it('an id may be that of an alias, and takes away only the packages that are named', () => {
  const both = findingOf('CVE-2024-1', libssl, { aliases: ['GHSA-a-b'], packages: [libssl.id, openssl.id] });
  const known = resultOf(packages, [both]);
  const vex = document({ vulnerability: 'ghsa-A-B', products: ['pkg:deb/debian/libssl3'] });
  const { match } = applyVex(known.match, inventory, [vex]);
  expect(match.findings).toMatchObject([{ vulnerability: 'CVE-2024-1', packages: [openssl.id] }]);
  expect(match.suppressed).toMatchObject([
    {
      vulnerability: 'CVE-2024-1',
      packages: [libssl.id],
      reason: 'not affected (--vex app 1 .json)',
      vex: { status: 'not_affected' },
      finding: { packageName: 'libssl3', severity: { word: 'high' } },
    },
  ]);
  expect(match.suppressed.map(leftOutBy)).toEqual(['--vex']);
});

it('what a document says in vain is told', () => {
  const vex = document(
    { products: [image] },
    { vulnerability: 'CVE-2024-2', products: ['pkg:deb/debian/libssl3'] },
    { vulnerability: 'CVE-2024-3\u001b', products: ['pkg:npm/left-pad@1'] },
    { vulnerability: 'CVE-2024-4', products: [] },
  );
  const { notes } = applyVex(result.match, inventory, [vex, document({ products: [image] })]);
  expect(notes).toEqual([
    {
      code: 'vex/unmatched',
      level: 'note',
      message:
        '--vex app (1).json: 3 of 4 statements came to nothing: 2 about nothing that is here (CVE-2024-3\\u{1b} of pkg:npm/left-pad@1, CVE-2024-4), 1 about no finding.',
    },
  ]);
});
