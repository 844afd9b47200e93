// Predicate types by name and URI; statements as they are written and read.
import type { Digest } from '@plombe/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isPredicateType, predicateTypeNames, predicateTypeUri } from './predicate-types.ts';
import { buildStatement, parseStatement, subjectWithDigest } from './statement.ts';

const digest = `sha256:${'ab'.repeat(32)}` as Digest;

it.each([
  ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
  ['slsaprovenance', 'https://slsa.dev/provenance/v0.2'],
  ['spdxjson', 'https://spdx.dev/Document'],
  ['cyclonedx', 'https://cyclonedx.org/bom'],
  ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  ['vsa', 'https://slsa.dev/verification_summary/v1'],
  ['svr', 'https://in-toto.io/attestation/svr/v0.2'],
  ['custom', 'https://cosign.sigstore.dev/attestation/v1'],
  ['https://example.com/x', 'https://example.com/x'],
  ['urn:x:y', 'urn:x:y'],
  ['nonsense', undefined],
  ['', undefined],
  ['https://example.com/a b', undefined],
])('%s is the predicate type %s', (name, uri) => {
  expect(predicateTypeUri(name)).toBe(uri);
  if (uri !== undefined) expect(isPredicateType(uri, name)).toBe(true);
});

it('T42 compares predicate types exactly, but for the aliases of the table', () => {
  expect(isPredicateType('https://spdx.dev/Document/v2.3', 'spdxjson')).toBe(true);
  expect(isPredicateType('https://in-toto.io/attestation/svr/v0.1', 'svr')).toBe(true);
  expect(isPredicateType('https://slsa.dev/provenance/v0.2', 'slsaprovenance1')).toBe(false);
  expect(isPredicateType('https://slsa.dev/provenance/v1', 'slsaprovenance')).toBe(false);
  expect(isPredicateType('https://example.com/x/', 'https://example.com/x')).toBe(false);
  expect(isPredicateType('constructor', 'constructor')).toBe(true);
  expect(new Set(predicateTypeNames.map((name) => predicateTypeUri(name))).size).toBe(predicateTypeNames.length);
});

it('reads back what it writes', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.string()),
      fc.option(fc.string({ minLength: 1 })),
      (annotations, name) => {
        const payload = buildStatement({
          digest,
          ...(name === null ? {} : { name }),
          annotations,
          predicateType: 'https://example.com/x',
          predicate: { deep: [1, 'x'] },
        });
        const read = parseStatement(payload);
        if (read.kind !== 'parsed') throw new Error(read.message);
        expect(subjectWithDigest(read.value, digest)).toMatchObject({ annotations });
        expect(subjectWithDigest(read.value, `sha256:${'cd'.repeat(32)}` as Digest)).toBeUndefined();
        expect(read.value.json['predicate']).toEqual({ deep: [1, 'x'] });
      },
    ),
  );
});

it('T48 ends at its limits', () => {
  expect(parseStatement(Buffer.alloc(40 * 1024 * 1024)).kind).toBe('limit');
  const subject = Array.from({ length: 10_001 }, () => ({ digest: { sha256: 'x' } }));
  const many = JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'x:y' });
  expect(parseStatement(Buffer.from(many)).kind).toBe('limit');
});
