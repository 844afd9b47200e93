// SBOMs that want to harm: each gives packages or a problem that is named, in bounded time and memory.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPlombeError, mebibyte } from '@plombe/kit';
import { formatPurl, parsePurl, type Inventory } from '@plombe/model';
import { renderCycloneDx, renderSpdx } from '../index.ts';
import { activeText, hostileInventory, inventoryOf, packageOf } from '../testing/inventories.ts';
import { validateCycloneDx, validateSpdx } from '../testing/schemas.ts';
import { readSbom } from './read-sbom.ts';

const tool = { name: 'plombe', version: '0.0.0' };

/** The inventory, or the code and message of the refusal; anything else that is thrown fails the test. */
function outcome(bytes: Uint8Array | string): Inventory | string {
  try {
    return readSbom(Buffer.from(bytes), 'b\u001b[31mom', 'sbom:bom');
  } catch (thrown) {
    if (isPlombeError(thrown, 'sbom/malformed') || isPlombeError(thrown, 'sbom/limit'))
      return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
}

const read = (document: unknown): Inventory => {
  const found = outcome(JSON.stringify(document));
  if (typeof found === 'string') throw new Error(found);
  return found;
};

const data = [
  'syft-1.57.cyclonedx-1.6.json',
  'syft-1.57.cyclonedx-1.5.xml',
  'syft-1.57.spdx-2.3.json',
  'syft-1.57.spdx-2.2.spdx',
  'trivy-0.74.spdx-2.3.json',
  'trivy-0.74.cyclonedx-1.7.json',
].map((file) => ({ file, text: readFileSync(new URL(`../testing/data/${file}`, import.meta.url), 'utf8') }));
const spdx3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    {
      type: 'software_Package',
      spdxId: 'urn:a',
      name: 'a',
      software_packageUrl: 'pkg:npm/a@1',
      externalIdentifier: [{ externalIdentifierType: 'cpe23', identifier: 'x' }],
    },
    { type: 'software_Package', spdxId: 'urn:o', name: 'debian', software_primaryPurpose: 'operatingSystem' },
    { type: 'Relationship', from: 'urn:a', relationshipType: 'hasDeclaredLicense', to: ['urn:l'] },
    { type: 'simplelicensing_LicenseExpression', spdxId: 'urn:l', simplelicensing_licenseExpression: 'MIT' },
    { type: 'Annotation', subject: 'urn:a', statement: 'plombe:path=x' },
    { type: 'SpdxDocument', spdxId: 'urn:d', rootElement: ['urn:a'] },
  ],
};
const documents = [
  ...data.filter(({ file }) => file.endsWith('json')).map(({ text }) => JSON.parse(text) as object),
  spdx3,
  { _type: 'https://in-toto.io/Statement/v1', subject: [{ digest: { sha256: 'x' } }], predicate: { Data: spdx3 } },
  JSON.parse(
    [
      ...renderCycloneDx(inventoryOf([packageOf({ ownedBy: 'x', cpes: ['cpe:2.3:a:b:c:1:*:*:*:*:*:*:*'] })]), { tool }),
    ].join(''),
  ) as object,
];

describe('T56 documents', () => {
  it.each(data)('$file, cut off anywhere', ({ text }) => {
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        const found = outcome(text.slice(0, length));
        // A list of tags that ends early may end between two packages; every other format says that it is cut off.
        if (!text.startsWith('SPDXVersion') && length < text.trimEnd().length)
          expect(found).toMatch(/^sbom\/malformed/);
      }),
      { numRuns: 150 },
    );
  });

  it.each(data)('$file, any bytes in any place', ({ text }) => {
    const bytes = Buffer.from(text);
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      by: fc.uint8Array({ minLength: 1, maxLength: 6 }),
      insert: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        let changed: Uint8Array = bytes;
        for (const { at, by, insert } of changes)
          changed = Buffer.concat([changed.subarray(0, at), by, changed.subarray(at + (insert ? 0 : by.length))]);
        outcome(changed);
      }),
      { numRuns: 150 },
    );
  });

  it('with values of any kind in any place give packages that every format can render, or a problem', () => {
    const places = documents.flatMap((document, index) => placesOf(document).map((path) => ({ index, path })));
    const values = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        {},
        [],
        [null],
        [[]],
        '',
        '\u001b[2J',
        'x'.repeat(5000),
        -1,
        1e300,
        true,
        { constructor: 1 },
        'pkg:deb',
        'pkg:npm/%ff',
        '__proto__',
        'sha256:x',
        { components: [{}] },
      ),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const mutation = fc.record({ place: fc.constantFrom(...places), value: values });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const { index } = (mutations[0] as (typeof mutations)[0]).place;
        const document = structuredClone(documents[index]) as object;
        for (const { place, value } of mutations) if (place.index === index) put(document, place.path, value);
        const found = outcome(JSON.stringify(document));
        if (typeof found === 'string') return;
        renderBoth(found);
      }),
      { numRuns: 1500 },
    );
  });

  it('of 200 MiB', () => {
    expect(outcome(Buffer.alloc(200 * mebibyte, '{'))).toMatch(/^sbom\/limit .*larger than/);
  });

  it.each([
    [
      'JSON',
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
    ],
    ['open JSON', `{"a":${'{"a":'.repeat(100_000)}`],
    [
      'components',
      `{"bomFormat":"CycloneDX","specVersion":"1.6",${'"components":[{'.repeat(10_000)}${'}]'.repeat(10_000)}}`,
    ],
    ['XML', `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">${'<components><component>'.repeat(10_000)}`],
    ['in-toto statements', wrapped(20)],
  ])('nested without end: %s', (_, text) => {
    expect(outcome(text)).toMatch(/^sbom\/(?:limit|malformed) /);
  });

  it('nested as deep as no real one is still gives every component', () => {
    let inner: object = { type: 'library', name: 'x', purl: 'pkg:npm/x@0' };
    for (let depth = 1; depth < 50; depth++)
      inner = { type: 'library', name: 'x', purl: `pkg:npm/x@${depth}`, components: [inner] };
    expect(read({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [inner] }).packages).toHaveLength(50);
  });

  it('of nine million values', () => {
    expect(
      outcome(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${'{},'.repeat(5_000_000)}{}]}`),
    ).toMatch(/^sbom\/limit .*values/);
  });

  it('of a hundred thousand components, all with one reference, in a circle', () => {
    const components = Array.from({ length: 100_000 }, (_, at) => ({
      type: 'library',
      'bom-ref': 'same',
      name: `p${at}`,
      purl: `pkg:npm/p${at}@1`,
    }));
    const dependencies = [
      { ref: 'same', dependsOn: ['same', 'other'] },
      { ref: 'other', dependsOn: ['same'] },
    ];
    const { packages } = read({ bomFormat: 'CycloneDX', specVersion: '1.6', components, dependencies });
    expect(packages).toHaveLength(100_000);
  });

  it('of SPDX that contain one another in a circle', () => {
    const packages = ['a', 'b'].map((name) => ({
      SPDXID: `SPDXRef-${name}`,
      name,
      externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:npm/${name}@1` }],
    }));
    const relation = (from: string, to: string, relationshipType: string): object => ({
      spdxElementId: `SPDXRef-${from}`,
      relatedSpdxElement: `SPDXRef-${to}`,
      relationshipType,
    });
    const relationships = [
      relation('a', 'b', 'CONTAINS'),
      relation('b', 'a', 'CONTAINS'),
      relation('a', 'a', 'DESCRIBES'),
    ];
    const inventory = read({ spdxVersion: 'SPDX-2.3', packages, relationships });
    expect(inventory.packages.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    ['10 MB', `pkg:deb/${'a'.repeat(10_000_000)}@1`],
    ['escape codes', 'pkg:npm/a%1b%5B31m@1'],
    ['bytes that are no text', 'pkg:npm/%ff@1'],
    ['a prototype', 'pkg:npm/__proto__@1?__proto__=1&constructor=2'],
    ['a path', 'pkg:generic/..%2F..%2Fetc/passwd@1'],
  ])('a package URL of %s', (_, purl) => {
    const inventory = read({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'x', version: '1', purl }],
    });
    expect(inventory.packages).toHaveLength(1);
    expect(inventory.packages[0]?.purl).toMatch(/^pkg:[\x21-\x7e]{1,4200}$/);
    expect(inventory.diagnostics.map(({ message }) => message.length < 400 && !activeText.test(message))).not.toContain(
      false,
    );
  });
});

describe('T54 XML', () => {
  const bom = (inner: string): string =>
    `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>${inner}</components></bom>`;
  it.each([
    [
      'entities that grow',
      `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>${bom('<component type="library"><name>&b;</name></component>')}`,
    ],
    ['an entity of a file', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${bom('')}`],
    ['an entity that is not declared', bom('<component type="library"><name>&a;</name></component>')],
    ['a document type that never ends', `<!DOCTYPE x [${'<!ENTITY a "b">'.repeat(200_000)}`],
    [
      'two package URLs',
      bom('<component type="library"><name>a</name><purl>pkg:npm/a@1</purl><purl>pkg:npm/b@1</purl></component>'),
    ],
  ])('%s', (_, text) => {
    expect(outcome(text)).toMatch(/^sbom\/malformed /);
  });

  it('reads what stands in CDATA', () => {
    const found = outcome(
      bom(
        '<component type="library"><name><![CDATA[a]]></name><purl><![CDATA[pkg:npm/a@1?x=1&y=2]]></purl></component>',
      ),
    );
    expect(found).toMatchObject({ packages: [{ name: 'a', version: '1', qualifiers: { x: '1', y: '2' } }] });
  });
});

describe('T73 prototypes', () => {
  it('are keys and names like any', () => {
    const text = `{"bomFormat":"CycloneDX","specVersion":"1.6","__proto__":{"components":[{}]},"components":[
      {"type":"library","name":"__proto__","version":"1","purl":"pkg:npm/__proto__@1","properties":[{"name":"__proto__","value":"x"},{"name":"plombe:fact:__proto__","value":"y"},{"name":"constructor","value":"z"}]},
      {"type":"library","name":"constructor","version":"1","__proto__":{"purl":"pkg:npm/stolen@1"}}]}`;
    const found = outcome(text) as Inventory;
    expect(found.packages.map(({ type, name }) => `${type} ${name}`)).toEqual(['generic constructor', 'npm __proto__']);
    const tags = `SPDXVersion: SPDX-2.3\n__proto__: x\n`;
    expect(outcome(tags)).toMatch(/^sbom\/malformed/);
    expect(outcome('SPDXVersion: SPDX-2.3\nconstructor: x\nPackageName: a\ntoString: b\n')).toMatchObject({
      packages: [{ name: 'a' }],
    });
    expect(({} as Record<string, unknown>)['purl']).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

it('T24 logins in package URLs and properties of others are no part of what is read', () => {
  const property = (name: string, value: string) => ({ name, value });
  const inventory = read({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: {
      component: {
        type: 'container',
        name: 'app',
        properties: [
          property('plombe:layer:0:mediaType', 'application/vnd.oci.image.layer.v1.tar'),
          property('plombe:layer:0:createdBy', 'RUN TOKEN=canary https://user:canary@x.example/a'),
        ],
      },
    },
    components: [
      {
        type: 'library',
        name: 'a',
        version: '1',
        purl: 'pkg:npm/a@1?vcs_url=git%2Bhttps://user:canary%40x.example/a.git',
        properties: [property('plombe:fact:resolved', 'https://user:canary@x.example/a.tgz?token=canary')],
      },
    ],
  });
  expect(JSON.stringify(inventory)).not.toContain('canary');
  expect(inventory.packages).toMatchObject([{ qualifiers: { vcs_url: 'git+https://x.example/a.git' } }]);
  expect(inventory.layers).toMatchObject([{ createdBy: 'RUN TOKEN=*** https://***@x.example/a' }]);
});

describe('T21 T68 text', () => {
  it('is inert in every message, the name of the file too', () => {
    const evil = '\u001b[2J\u202e::set-env name=A::b\nx';
    expect(outcome('x')).not.toMatch(activeText);
    const inventory = read({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: evil, version: evil }, { type: 'library', name: evil, purl: evil }, 7],
    });
    expect(inventory.diagnostics.length).toBeGreaterThan(2);
    for (const { message } of inventory.diagnostics) expect(message).not.toMatch(activeText);
  });

  it('of any inventory comes back from what Plombe writes: the same packages, or the same in visible letters', () => {
    fc.assert(
      fc.property(hostileInventory, (inventory) => {
        for (const text of [
          [...renderCycloneDx(inventory, { tool })].join(''),
          [...renderSpdx(inventory, { tool })].join(''),
        ]) {
          const again = outcome(text) as Inventory;
          const known = new Set<string>(again.packages.map(({ purl }) => purl));
          // A name with a slash in it has a package URL that nobody can read: it is told.
          const legible = inventory.packages.filter(({ purl }) => {
            const parts = parsePurl(purl);
            return parts?.version !== undefined && formatPurl(parts) === purl;
          });
          expect(legible.filter(({ purl }) => !known.has(purl))).toEqual([]);
          if (inventory.packages.some(({ purl }) => parsePurl(purl) === undefined))
            expect(again.diagnostics.map(({ code }) => code)).toContain('sbom/package-unknown');
          renderBoth(again);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Every path into a document, to its leaves. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, entry]) => placesOf(entry, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function put(document: object, path: readonly (string | number)[], value: unknown): void {
  let holder = document as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = holder[step];
    if (typeof next !== 'object' || next === null) return;
    holder = next as Record<string, unknown>;
  }
  holder[String(path.at(-1))] = value;
}

function wrapped(times: number): string {
  let document: object = spdx3;
  for (let count = 0; count < times; count++)
    document = { _type: 'https://in-toto.io/Statement/v1', predicate: document };
  return JSON.stringify(document);
}

function renderBoth(inventory: Inventory): void {
  const cycloneDx = JSON.parse([...renderCycloneDx(inventory, { tool })].join('')) as unknown;
  expect(validateCycloneDx?.(cycloneDx) ?? true, JSON.stringify(validateCycloneDx?.errors)).toBe(true);
  const spdx = JSON.parse([...renderSpdx(inventory, { tool })].join('')) as unknown;
  expect(validateSpdx?.(spdx) ?? true, JSON.stringify(validateSpdx?.errors)).toBe(true);
}
