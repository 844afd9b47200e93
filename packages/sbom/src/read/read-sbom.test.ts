// Formats, wrappings and gaps: what is read, what is told, and what is refused.
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import type { Inventory } from '@plombe/model';
import { looksLikeSbom, readSbom } from './read-sbom.ts';

const read = (text: string): Inventory => readSbom(Buffer.from(text), 'bom', 'sbom:bom');
const readJson = (document: unknown): Inventory => read(JSON.stringify(document));
const codes = ({ diagnostics }: Inventory): string[] => diagnostics.map(({ code, level }) => `${level} ${code}`);
const messages = ({ diagnostics }: Inventory): string => diagnostics.map(({ message }) => message).join(' ');

function refusal(text: string): string {
  try {
    read(text);
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'read';
}

const purl = 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl';
const cycloneDx = (components: readonly unknown[], more: object = {}): object => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components,
  ...more,
});
const spdx = (packages: readonly unknown[], more: object = {}): object => ({
  spdxVersion: 'SPDX-2.3',
  packages,
  ...more,
});
const purlRef = (referenceLocator: string): object => ({
  referenceCategory: 'PACKAGE-MANAGER',
  referenceType: 'purl',
  referenceLocator,
});

const asCycloneDx = cycloneDx([{ type: 'library', name: 'libssl3', version: '3.0.11-1~deb12u2', purl }]);
const asSpdx = spdx([{ name: 'libssl3', versionInfo: '3.0.11-1~deb12u2', externalRefs: [purlRef(purl)] }]);
const asXml = (version: string): string =>
  `<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/${version}" version="1"><components>
    <component type="library" bom-ref="a"><name>libssl3</name><version>3.0.11-1~deb12u2</version>
    <licenses><license><id>Apache-2.0</id></license><expression>MIT</expression></licenses>
    <purl>${purl.replaceAll('&', '&amp;')}</purl></component></components></bom>`;
const asTagValue = `SPDXVersion: SPDX-2.2\r\nSPDXID: SPDXRef-DOCUMENT\r\n# a comment\r\n\r\nPackageName: libssl3\r\nSPDXID: SPDXRef-a\r\nPackageVersion: 3.0.11-1~deb12u2
PackageComment: <text>two\nlines: of text</text>\nExternalRef: PACKAGE-MANAGER purl ${purl}\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-x\n`;
const spdx3Package = {
  type: 'software_Package',
  spdxId: 'urn:a',
  name: 'libssl3',
  software_packageVersion: '3.0.11-1~deb12u2',
  software_packageUrl: purl,
};
const asSpdx3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { type: 'CreationInfo', '@id': '_:c', specVersion: '3.0.1' },
    spdx3Package,
    { type: 'simplelicensing_LicenseExpression', spdxId: 'urn:l', simplelicensing_licenseExpression: 'MIT AND (ISC)' },
    { type: 'Relationship', spdxId: 'urn:r', from: 'urn:a', relationshipType: 'hasDeclaredLicense', to: ['urn:l'] },
    { type: 'SpdxDocument', spdxId: 'urn:d', rootElement: ['urn:bom'] },
  ],
};
const statement = (predicate: unknown, version = 'v1'): object => ({
  _type: `https://in-toto.io/Statement/${version}`,
  predicateType: 'https://spdx.dev/Document',
  subject: [{ name: 'app', digest: { sha256: 'b'.repeat(64) } }],
  predicate,
});
const envelope = (payload: object): object => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
  signatures: [{ sig: '' }],
});

describe('formats', () => {
  it.each<[string, string]>([
    ...['1.4', '1.5', '1.6', '1.7'].map((version): [string, string] => [
      `CycloneDX ${version} JSON`,
      JSON.stringify({ ...asCycloneDx, specVersion: version }),
    ]),
    ...['1.2', '1.4', '1.5', '1.6', '1.7'].map((version): [string, string] => [
      `CycloneDX ${version} XML`,
      asXml(version),
    ]),
    [
      'CycloneDX XML with a prefix',
      asXml('1.6')
        .replace('xmlns=', 'xmlns:c=')
        .replaceAll(/<(\/?)(?=[a-z])/g, '<$1c:'),
    ],
    ['SPDX 2.3 JSON', JSON.stringify(asSpdx)],
    ['SPDX 2.2 JSON', JSON.stringify({ ...asSpdx, spdxVersion: 'SPDX-2.2' })],
    ['SPDX tag-value', asTagValue],
    ['SPDX 3.0 JSON-LD', JSON.stringify(asSpdx3)],
    [
      'SPDX 3.0, one element',
      JSON.stringify({ '@context': 'https://spdx.org/rdf/3.0.0/spdx-context.jsonld', ...spdx3Package }),
    ],
    ['a byte order mark', `\ufeff${JSON.stringify(asCycloneDx)}`],
    ['a byte order mark, XML', `\ufeff${asXml('1.6')}`],
    ['an in-toto statement', JSON.stringify(statement(asSpdx))],
    ['a statement of cosign, as Data', JSON.stringify(statement({ Data: JSON.stringify(asSpdx) }, 'v0.1'))],
    ['a signed envelope', JSON.stringify(envelope(statement(asCycloneDx)))],
    ['a Sigstore bundle', JSON.stringify({ mediaType: 'x', dsseEnvelope: envelope(statement(asCycloneDx)) })],
    ["GitHub's answer", JSON.stringify({ sbom: asSpdx })],
    ["docker's answer", JSON.stringify({ SPDX: asSpdx })],
    ["docker's answer about an index", JSON.stringify({ 'linux/arm64/v8': { SPDX: asSpdx } })],
  ])('%s', (_, text) => {
    const inventory = read(text);
    expect(inventory.packages).toMatchObject([
      {
        type: 'deb',
        namespace: 'debian',
        name: 'libssl3',
        version: '3.0.11-1~deb12u2',
        architecture: 'amd64',
        source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
        qualifiers: { distro: 'debian-12' },
      },
    ]);
    expect(inventory).toMatchObject({ distribution: { id: 'debian', versionId: '12' }, complete: true });
    expect(looksLikeSbom(Buffer.from(text))).toBe(true);
  });

  it('reads licences of every format', () => {
    expect(read(asXml('1.6')).packages[0]?.licences).toEqual(['Apache-2.0', 'MIT']);
    expect(readJson(asSpdx3).packages[0]?.licences).toEqual(['MIT', 'ISC']);
    const licensed = (licenseDeclared: string): readonly string[] | undefined =>
      readJson(
        spdx([{ name: 'a', versionInfo: '1', licenseDeclared, externalRefs: [purlRef('pkg:npm/a@1')] }], {
          hasExtractedLicensingInfos: [{ licenseId: 'LicenseRef-1', name: 'Beer', extractedText: 'Buy me a beer' }],
        }),
      ).packages[0]?.licences;
    expect(licensed('MIT AND (Apache-2.0 OR ISC) AND LicenseRef-1')).toEqual(['MIT', 'Apache-2.0 OR ISC', 'Beer']);
    expect(licensed('(MIT AND ISC) OR 0BSD')).toEqual(['(MIT AND ISC) OR 0BSD']);
    expect(licensed('NOASSERTION')).toEqual([]);
  });

  it('gives the subject the digest of its statement, and says that no signature was verified', () => {
    const digest = `sha256:${'b'.repeat(64)}`;
    expect(readJson(statement(asSpdx)).subject.digest).toBe(digest);
    const signed = readJson(envelope(statement(asSpdx)));
    expect([signed.subject.digest, codes(signed)]).toEqual([digest, ['note sbom/not-read']]);
  });
});

describe('components', () => {
  it('within components, also of the subject', () => {
    const at = (name: string, components: readonly unknown[] = []): object => ({
      type: 'library',
      name,
      purl: `pkg:npm/${name}@1`,
      components,
    });
    const inventory = readJson(
      cycloneDx([at('a', [at('b', [at('c')])])], {
        metadata: { component: { type: 'application', name: 'app', components: [at('d')] } },
      }),
    );
    expect(inventory.packages.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('without a package URL, with one that is none, and without a version are packages that cannot be compared', () => {
    const inventory = readJson(
      cycloneDx([
        { type: 'library', group: 'org', name: 'bare', version: '1' },
        { type: 'library', name: 'broken', version: '1', purl: 'pkg:deb' },
        { type: 'library', name: 'unversioned', purl: 'pkg:npm/unversioned' },
        { type: 'library', name: 'own', version: '2', purl: 'pkg:npm/own' },
        { type: 'file', name: 'a.txt' },
        { type: 'operating-system', name: 'none' },
        {
          type: 'application',
          name: 'package-lock.json',
          properties: [{ name: 'aquasecurity:trivy:Class', value: 'lang-pkgs' }],
        },
      ]),
    );
    expect(inventory.packages.map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual([
      'generic broken 1',
      'generic org/bare 1',
      'generic unversioned ',
      'npm own 2',
    ]);
    expect(codes(inventory)).toEqual([
      'note sbom/not-read',
      ...Array.from({ length: 3 }, () => 'error sbom/package-unknown'),
    ]);
    expect(messages(inventory)).toMatch(/1 component without a package URL cannot be compared: org\/bare\./);
    expect(inventory).toMatchObject({ complete: false });
    expect(inventory.distribution).toBeUndefined();
  });

  it('are kept with their scope', () => {
    const of = (scope: string | undefined): unknown =>
      readJson(cycloneDx([{ type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1', scope }])).packages[0]
        ?.scope;
    expect(['required', 'optional', 'excluded', undefined, 'x'].map(of)).toEqual([
      'runtime',
      'optional',
      'development',
      undefined,
      undefined,
    ]);
  });

  it('a subject that is a package is one; an application at the root is local', () => {
    const root = (type: string, purl: string): Inventory =>
      readJson(cycloneDx([], { metadata: { component: { type, name: 'a', version: '1', purl } } }));
    expect(root('library', 'pkg:npm/a@1').packages).toMatchObject([{ name: 'a' }]);
    expect(root('library', 'pkg:npm/a@1').packages[0]?.origin).toBeUndefined();
    expect(root('application', 'pkg:npm/a@1').packages).toMatchObject([{ origin: 'local' }]);
    expect(root('container', 'pkg:oci/a@sha256:00').packages).toEqual([]);
    expect(root('application', 'pkg:github/o/a@1').packages).toEqual([]);
  });

  it.each<[string, string, Record<string, string>, object]>([
    [
      'epoch of an rpm',
      'pkg:rpm/redhat/openssl@3.0-1.el9?epoch=1&upstream=openssl-3.0-1.el9.src.rpm&distro=rhel-9.4',
      {},
      { version: '1:3.0-1.el9', source: { name: 'openssl', version: '1:3.0-1.el9' } },
    ],
    [
      "Trivy's source in parts",
      'pkg:rpm/redhat/libssl@3.0-1.el9?epoch=1',
      {
        'aquasecurity:trivy:SrcName': 'openssl',
        'aquasecurity:trivy:SrcVersion': '3.0',
        'aquasecurity:trivy:SrcRelease': '1.el9',
        'aquasecurity:trivy:SrcEpoch': '1',
      },
      { source: { name: 'openssl', version: '1:3.0-1.el9' } },
    ],
    [
      "Trivy's module stream",
      'pkg:rpm/redhat/nodejs@1-1',
      { 'aquasecurity:trivy:Modularitylabel': 'nodejs:14:8:abc' },
      { modularity: 'nodejs:14:8:abc' },
    ],
    [
      "Syft's module stream",
      'pkg:rpm/redhat/nodejs@1-1',
      { 'syft:metadata:modularityLabel': 'nodejs:14:8:abc' },
      { modularity: 'nodejs:14:8:abc' },
    ],
    [
      "Syft's source rpm",
      'pkg:rpm/redhat/libssl@3.0-1.el9',
      { 'syft:metadata:sourceRpm': 'openssl-3.0-1.el9.src.rpm' },
      { source: { name: 'openssl', version: '3.0-1.el9' } },
    ],
    [
      "Syft's source of a deb",
      'pkg:deb/debian/libssl3@3.0-1+b2',
      { 'syft:metadata:source': 'openssl' },
      { source: { name: 'openssl', version: '3.0-1' } },
    ],
    [
      "Syft's origin of an apk",
      'pkg:apk/alpine/libssl3@3.0-r1',
      { 'syft:metadata:originPackage': 'openssl' },
      { source: { name: 'openssl', version: '3.0-r1' } },
    ],
    [
      'module stream in the package URL',
      'pkg:rpm/almalinux/nodejs@1-1?rpmmod=nodejs:14',
      {},
      { modularity: 'nodejs:14' },
    ],
  ])('%s', (_, one, properties, expected) => {
    const list = Object.entries(properties).map(([name, value]) => ({ name, value }));
    expect(readJson(cycloneDx([{ type: 'library', name: 'x', purl: one, properties: list }])).packages).toMatchObject([
      expected,
    ]);
  });

  it('in several places are one package with the evidence of all', () => {
    const at = (path: string): object => ({
      type: 'library',
      name: 'a',
      purl: 'pkg:npm/a@1',
      evidence: { occurrences: [{ location: path }] },
    });
    const [item, ...rest] = readJson(cycloneDx([at('/srv/b'), at('./a'), at('')])).packages;
    expect([item?.id, item?.evidence.map(({ path }) => path), rest]).toEqual(['pkg:npm/a@1', ['', 'a', 'srv/b'], []]);
  });

  it('owned by none of the distribution are not believed to be owned', () => {
    const owned = (name: string, owner: string): object => ({
      type: 'library',
      name,
      purl: `pkg:npm/${name}@1`,
      properties: [{ name: 'plombe:ownedBy', value: owner }],
    });
    const system = { type: 'library', name: 's', purl: 'pkg:deb/debian/s@1?distro=debian-12' };
    const { packages } = readJson(
      cycloneDx([
        owned('a', 'pkg:npm/b@1'),
        owned('b', 'pkg:npm/a@1'),
        owned('c', 'pkg:deb/gone@1'),
        owned('d', system.purl),
        system,
      ]),
    );
    expect(packages.flatMap(({ name, ownedBy }) => (ownedBy === undefined ? [] : [name]))).toEqual(['d']);
  });
});

describe('no silent zero', () => {
  it('names a document that says of itself that it is not complete', () => {
    const inventory = readJson({ ...asCycloneDx, compositions: [{ aggregate: 'incomplete', assemblies: ['image'] }] });
    expect([inventory.complete, codes(inventory)]).toEqual([false, ['error sbom/incomplete']]);
  });

  it('names packages of a distribution without source packages, unless the tool would have said them', () => {
    const bare = [{ type: 'library', name: 'libssl3', purl: 'pkg:deb/debian/libssl3@3.0?distro=debian-12' }];
    expect(codes(readJson(cycloneDx(bare)))).toEqual(['error sbom/incomplete']);
    const tools = (name: string): object => ({ metadata: { tools: { components: [{ type: 'application', name }] } } });
    expect(codes(readJson(cycloneDx(bare, tools('syft'))))).toEqual([]);
    expect(codes(readJson(cycloneDx(bare, { metadata: { tools: [{ vendor: 'x', name: 'trivy' }] } })))).toEqual([]);
    expect(codes(readJson(cycloneDx(bare, tools('other'))))).toEqual(['error sbom/incomplete']);
  });

  it('says that an analysis of vulnerabilities was not read', () => {
    const inventory = readJson({
      ...asCycloneDx,
      vulnerabilities: [{ id: 'CVE-2024-1', analysis: { state: 'not_affected' } }],
    });
    expect([inventory.complete, codes(inventory)]).toEqual([true, ['note sbom/not-read']]);
  });

  it('names a version whose schema was not known, and reads the rest', () => {
    const inventory = readJson({ ...asCycloneDx, specVersion: '1.9' });
    expect([inventory.packages.length, codes(inventory)]).toEqual([1, ['error sbom/incomplete']]);
  });

  it('names distributions that differ, in that there is none', () => {
    const system = (version: string): object => ({ type: 'operating-system', name: 'debian', version });
    expect(readJson(cycloneDx([system('11'), system('12')])).distribution).toBeUndefined();
    expect(readJson(cycloneDx([system('12'), system('12')])).distribution).toMatchObject({
      id: 'debian',
      versionId: '12',
    });
  });

  it('says the packages of an image in the words of other tools', () => {
    const ids = ['redhat', 'oracle', 'amazon', 'alma', 'cbl-mariner', 'opensuse.leap'].map(
      (name) => readJson(cycloneDx([{ type: 'operating-system', name, version: '9' }])).distribution?.id,
    );
    expect(ids).toEqual(['rhel', 'ol', 'amzn', 'almalinux', 'mariner', 'opensuse-leap']);
  });
});

describe('refused', () => {
  it.each<[string, RegExp]>([
    ['', /^sbom\/malformed: bom is no SBOM/],
    ['{', /^sbom\/malformed: bom is no JSON, or is cut off/],
    ['{}', /is JSON, but no SBOM/],
    ['[]', /is no SBOM/],
    ['{"schemaVersion":1}', /is a saved report/],
    ['{"SchemaVersion":2}', /another scanner's own format/],
    ['{"bomFormat":"CycloneDX"}', /CycloneDX of no version/],
    ['{"bomFormat":"CycloneDX","specVersion":"2.0"}', /CycloneDX of no version/],
    ['{"bomFormat":"CycloneDX","specVersion":"1.6","spdxVersion":"SPDX-2.3"}', /ambiguous: CycloneDX and SPDX at once/],
    ['{"linux/amd64":{"SPDX":{}},"linux/arm64":{"SPDX":{}}}', /several platforms \(linux\/amd64, linux\/arm64\)/],
    ['{"spdxVersion":"SPDX-4.0"}', /SPDX of no version/],
    ['{"bomFormat":"CycloneDX","specVersion":"1.6","components":[],"components":[]}', /ambiguous: a key appears twice/],
    ['{"bomFormat":"CycloneDX","specVersion":"1.6","components":[],"\\u0063omponents":[]}', /a key appears twice/],
    [JSON.stringify(statement(undefined)), /a statement without a predicate/],
    ['<html/>', /is XML, but no CycloneDX/],
    ['<bom/>', /is XML, but no CycloneDX/],
    ['<rdf:RDF xmlns:rdf="x"/>', /is RDF/],
    [asXml('1.6').slice(0, -20), /ends too early|not well-formed/],
    ['SPDXVersion: SPDX-2.3\nno tag at all\n', /a line is not "Tag: value"/],
    ['SPDXVersion: SPDX-2.3\nPackageComment: <text>open\n', /is cut off/],
    ['PK\u0003\u0004', /is no SBOM/],
  ])('%j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('does not take an archive or a picture for one', () => {
    const heads = ['PK\u0003\u0004', '\u001f\u008b', `{${'\0'.repeat(500)}`, 'etc/', '\u0089PNG', 'image: alpine', ''];
    expect(heads.filter((head) => looksLikeSbom(Buffer.from(head, 'latin1')))).toEqual([]);
  });
});
