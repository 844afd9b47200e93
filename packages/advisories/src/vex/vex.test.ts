import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';
import { parseVex } from './read.ts';
import { csafOf, cycloneDxOf, openVexOf, type Said } from '../testing/vex.ts';

const image = 'pkg:oci/app@sha256:1111?repository_url=registry.example.com/team/app';
const said: Said = {
  vulnerability: 'CVE-2024-1001',
  alias: 'GHSA-aaaa-bbbb-cccc',
  product: 'pkg:npm/lodash@4.17.4',
  status: 'not_affected',
  justification: 'vulnerable_code_not_present',
  text: 'the module\nis   not built',
  timestamp: '2026-11-01T00:00:00Z',
};
const product = {
  label: said.product,
  purls: [{ type: 'npm', name: 'lodash', version: '4.17.4' }],
};

describe('a statement is the same in every format', () => {
  it.each([
    ['openvex', openVexOf(said)],
    ['cyclonedx', cycloneDxOf(said)],
    ['csaf', csafOf(said)],
  ])('%s', (format, document) => {
    expect(parseVex(JSON.stringify(document), 'file')).toMatchObject({
      name: 'file',
      format,
      author: 'Security team',
      statements: [
        {
          vulnerability: 'CVE-2024-1001',
          aliases: ['GHSA-aaaa-bbbb-cccc'],
          status: 'not_affected',
          products: [product],
          justification: 'vulnerable_code_not_present',
          statement: 'the module is not built',
          timestamp: '2026-11-01T00:00:00Z',
        },
      ],
    });
  });

  it.each([
    ['openvex', openVexOf({ ...said, image })],
    ['csaf', csafOf({ ...said, image })],
  ])('with a part of an image: %s', (_, document) => {
    const [statement] = parseVex(JSON.stringify(document), 'file').statements;
    expect(statement?.products).toMatchObject([{ purls: [{ type: 'oci', name: 'app' }], parts: [product] }]);
  });
});

/** Format → its published schema, and those that it refers to. */
const schemas = {
  openvex: ['specs/openvex/openvex_json_schema.json'],
  cyclonedx: [
    'specs/cyclonedx/bom-1.6.schema.json',
    'specs/cyclonedx/spdx.schema.json',
    'specs/cyclonedx/jsf-0.82.schema.json',
  ],
  csaf: [
    'specs/csaf/csaf-2.0.json',
    'specs/csaf/cvss-v2.0.json',
    'specs/csaf/cvss-v3.0.json',
    'specs/csaf/cvss-v3.1.json',
  ],
} as const;

it.each([
  ['openvex', openVexOf({ ...said, image })],
  ['cyclonedx', cycloneDxOf(said)],
  ['csaf', csafOf({ ...said, image })],
] as const)('and these documents are valid by the schema of %s', (format, document) => {
  const [own, ...also] = schemas[format].map((path) => sharedPath(path));
  if (own === undefined) return console.warn(`SKIPPED: no schema of ${format} beside the project`);
  const options = { strict: false, validateSchema: false, logger: false } as const;
  const ajv = format === 'cyclonedx' ? new Ajv(options) : new Ajv2020(options);
  (addFormats as unknown as (ajv: Ajv) => void)(ajv as Ajv);
  for (const name of ['iri', 'iri-reference', 'idn-email']) ajv.addFormat(name, true);
  const read = (path: string | undefined): Record<string, unknown> => {
    const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path ?? '', 'utf8')) as Record<string, unknown>;
    return schema;
  };
  // CVSS's schemas are of other drafts and not used by these documents.
  const isDraft = (path: string | undefined): boolean => path?.includes('cvss') === true;
  for (const path of also) {
    if (isDraft(path)) ajv.addSchema({}, `https://www.first.org/cvss/${path?.replace(/^.*\//, '')}`);
    else ajv.addSchema(read(path));
  }
  const validate = ajv.compile(read(own));
  expect([validate(document), validate.errors]).toEqual([true, null]);
});

describe('OpenVEX', () => {
  it('of 0.0.x names vulnerability, products and subcomponents as texts', () => {
    const document = {
      '@context': 'https://openvex.dev/ns',
      statements: [
        { vulnerability: 'CVE-2024-1001', products: [image], subcomponents: [said.product], status: 'fixed' },
        { vulnerability: 'CVE-2024-2', products: [said.product], status: 'as good as new' },
        { products: [said.product], status: 'fixed' },
      ],
    };
    expect(parseVex(JSON.stringify(document), 'file').statements).toMatchObject([
      { vulnerability: 'CVE-2024-1001', products: [{ purls: [{ type: 'oci' }], parts: [product] }] },
    ]);
  });

  it('names products by digest and CPE too, and vulnerabilities by their page', () => {
    const component = {
      '@id': 'https://example.com/app',
      hashes: { 'sha-256': 'AB' },
      identifiers: { cpe23: 'cpe:2.3:a:b' },
    };
    const statement = { vulnerability: { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-2024-3' }, status: 'affected' };
    const document = {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      statements: [{ ...statement, products: [component] }],
    };
    const attested = {
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://openvex.dev/ns/v0.2.0',
      predicate: document,
    };
    for (const value of [document, attested]) {
      expect(parseVex(JSON.stringify(value), 'file').statements).toEqual([
        {
          vulnerability: 'CVE-2024-3',
          aliases: [],
          status: 'affected',
          products: [{ label: 'https://example.com/app', purls: [], digests: ['sha256:ab'], cpes: ['cpe:2.3:a:b'] }],
        },
      ]);
    }
  });
});

describe('CycloneDX', () => {
  const statementsOf = (vulnerability: object, more: object = {}) =>
    parseVex(
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...more, vulnerabilities: [vulnerability] }),
      'file',
    ).statements;

  it.each([
    ['resolved', 'fixed'],
    ['resolved_with_pedigree', 'fixed'],
    ['exploitable', 'affected'],
    ['in_triage', 'under_investigation'],
    ['false_positive', 'not_affected'],
    ['not_affected', 'not_affected'],
  ])('%s is %s', (state, status) => {
    expect(statementsOf({ id: 'CVE-1-1', analysis: { state } })).toMatchObject([{ status, products: [] }]);
  });

  it('points at components of another document by their package URL, and keeps a reason that OpenVEX has no word for', () => {
    const ref = 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Flodash%404.17.4';
    const analysis = { state: 'not_affected', justification: 'requires_configuration', detail: 'off by default' };
    expect(statementsOf({ id: 'CVE-1-1', analysis, affects: [{ ref }] })).toMatchObject([
      { products: [{ purls: product.purls }], statement: 'requires configuration: off by default' },
    ]);
  });

  it('takes versions that are named, and none of a range', () => {
    const components = [{ type: 'library', 'bom-ref': 'a', name: 'lodash', purl: 'pkg:npm/lodash' }];
    const affected = (versions: object[]) =>
      statementsOf(
        { id: 'CVE-1-1', analysis: { state: 'resolved' }, affects: [{ ref: 'a', versions }] },
        { components },
      )[0]?.products;
    expect(affected([{ version: '4.17.4' }, { range: 'vers:npm/>4' }])).toMatchObject([{ versions: ['4.17.4'] }]);
    expect(affected([{ range: 'vers:npm/>4' }])).toEqual([]);
  });
});

describe('CSAF', () => {
  it('reads reasons of groups, and no version range as every version', () => {
    const product = (id: string, purl: string, category: string) => ({
      category,
      name: id,
      product: { product_id: id, name: id, product_identification_helper: { purl } },
    });
    const document = {
      document: { csaf_version: '2.0' },
      product_tree: {
        branches: [
          product('a', 'pkg:npm/a@1', 'product_version'),
          product('b', 'pkg:npm/b', 'product_version_range'),
          {
            category: 'product_version',
            name: 'c',
            product: { product_id: 'c', name: 'c', product_identification_helper: { purls: ['pkg:npm/c@1'] } },
          },
        ],
        product_groups: [{ group_id: 'g', product_ids: ['a', 'b'] }],
      },
      vulnerabilities: [
        {
          cve: 'CVE-2024-1001',
          product_status: { known_not_affected: ['a', 'b', 'c', 'absent'], under_investigation: ['c'] },
          flags: [{ label: 'component_not_present', group_ids: ['g'] }],
        },
        { title: 'without an id', product_status: { fixed: ['a'] } },
      ],
    };
    expect(parseVex(JSON.stringify(document), 'file').statements).toMatchObject([
      {
        justification: 'component_not_present',
        products: [{ purls: [{ name: 'a', version: '1' }] }, { label: 'pkg:npm/b', purls: [] }],
      },
      { status: 'not_affected', products: [{ purls: [{ name: 'c' }] }, { label: 'absent', purls: [] }] },
      { status: 'under_investigation' },
    ]);
  });
});

describe('what says nothing is refused', () => {
  it.each([
    ['no', 'it is no JSON'],
    ['[]', 'it is no JSON object'],
    ['{}', 'it is neither OpenVEX, CycloneDX nor CSAF'],
    ['{"bomFormat":"CycloneDX","vulnerabilities":[{"id":"CVE-1-1"}]}', 'no vulnerability of it has an analysis'],
    ['{"@context":"https://openvex.dev/ns/v0.2.0"}', 'it has no statement'],
    ['{"@context":"https://openvex.dev/nsx","statements":[]}', 'it is neither'],
  ])('%s', (text, cause) => {
    expect(() => parseVex(text, 'fi\u001ble')).toThrow(`fi\\u{1b}le is not used as VEX: ${cause}`);
  });

  it('with whatever is in a document of each format', () => {
    const documents = [openVexOf({ ...said, image }), cycloneDxOf(said), csafOf({ ...said, image })];
    const changed = fc.tuple(fc.constantFrom(...documents), fc.nat(), fc.jsonValue()).map(([document, at, value]) => {
      let left = at % 40;
      return JSON.stringify(document, (_, one: unknown) => (left-- === 0 ? value : one)) ?? 'null';
    });
    fc.assert(
      fc.property(changed, (text) => {
        try {
          expect(parseVex(text, 'file').statements.length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(isPlombeError(thrown, 'config/invalid')).toBe(true);
        }
      }),
    );
  });
});
