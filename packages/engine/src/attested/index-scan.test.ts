// Scan evidence of an index: never better than any of its images, and what it says of one of them is what that one's own says.
import { objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { AttestationResult, Digest, Finding, Package, ScanResult, State } from '@plombe/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingOf, hostileText, packageOf, resultOf } from '../testing/results.ts';
import { cycloneDxType } from './attest.ts';
import { indexBom, indexVulnsPredicate, type IndexScanFacts } from './index-attest.ts';
import { indexRecords } from './index-records.ts';
import { openIndexScan, type IndexScan } from './index-scan.ts';
import { attestedPart, withParts } from './part.ts';
import { vulnsPredicate, vulnsPredicateType } from './vulns.ts';

const digestOf = (n: number) => `sha256:${String(n).padStart(64, '0')}` as Digest;
const states: readonly State[] = ['assessed', 'stale', 'partial', 'unassessable'];
const facts: IndexScanFacts = {
  digest: digestOf(999),
  reference: { registry: 'example.com', repository: 'team/app' },
  startedAt: '2026-11-24T00:00:00.000Z',
  version: '0.1.0',
  database: { summary: () => ({ digest: digestOf(7), kind: 'built', oldestData: '2026-08-21' }) },
};
const finished = '2026-11-24T00:00:01.000Z';
const openssl = packageOf('openssl');
const other = packageOf('openssl', { id: 'pkg:deb/debian/openssl@1.0?arch=arm64' });
const assessed: Partial<ScanResult> = { assessment: { state: 'assessed', causes: [] } };
const linux = (architecture: string) => ({ os: 'linux', architecture });

function scanOf(n: number, packages: readonly Package[], findings: readonly Finding[], more = assessed): ScanResult {
  const result = resultOf(packages, findings, more);
  const subject = { ...result.inventory.subject, digest: digestOf(n), platform: linux(n === 1 ? 'amd64' : 'arm64') };
  return { ...result, inventory: { ...result.inventory, subject } };
}

function gathered(...results: readonly ScanResult[]): IndexScan {
  const scan = openIndexScan();
  results.forEach((result, n) => scan.add({ digest: digestOf(n + 1), platforms: [] }, result));
  return scan;
}

const predicateOf = (scan: IndexScan, detail: 'packages' | 'names' = 'packages'): JsonObject =>
  JSON.parse(JSON.stringify(indexVulnsPredicate(scan, facts, finished, detail))) as JsonObject;

const stateOf = (predicate: JsonObject) => textField(objectField(predicate, 'assessment') ?? {}, 'state');
const resultsOf = (predicate: JsonObject) => objectsField(objectField(predicate, 'scanner') ?? {}, 'result');

function attestation(predicateType: string, predicate: JsonObject): AttestationResult {
  const statement = { predicateType, predicate };
  return { format: 'bundle', verdict: 'verified', annotations: {}, checks: [], predicateType, statement };
}

const partOf = (predicate: JsonObject, n: number, type = vulnsPredicateType): JsonObject | undefined => {
  const part = attestedPart(attestation(type, predicate), digestOf(n));
  return part === undefined ? undefined : objectField(part.statement ?? {}, 'predicate');
};

describe('the statement of an index', () => {
  const scan = gathered(
    scanOf(1, [openssl], [findingOf('CVE-2026-1', openssl), findingOf('CVE-2026-2', openssl)]),
    scanOf(2, [other], [findingOf('CVE-2026-1', other)]),
  );

  it('names each image with its platform, and each finding with the images that have it', () => {
    const predicate = predicateOf(scan);
    expect(predicate).toMatchObject({
      scanner: {
        db: { version: digestOf(7), lastUpdate: '2026-08-21T00:00:00Z' },
        result: [
          {
            id: 'CVE-2026-1',
            annotations: [
              { package: 'openssl', packages: [openssl.id], images: [digestOf(1)] },
              { package: 'openssl', packages: [other.id], images: [digestOf(2)] },
            ],
          },
          { id: 'CVE-2026-2', annotations: [{ images: [digestOf(1)] }] },
        ],
      },
      assessment: { state: 'assessed', causes: [] },
      platforms: [
        { digest: digestOf(1), platform: 'linux/amd64', state: 'assessed', findings: { high: 2 } },
        { digest: digestOf(2), platform: 'linux/arm64', state: 'assessed', findings: { high: 1 } },
      ],
      skipped: [],
    });
    expect(resultsOf(predicateOf(scan, 'names'))[0]?.['annotations']).toEqual([
      { package: 'openssl', version: '1.0', status: 'affected', fixedVersions: ['1.1'], images: [1, 2].map(digestOf) },
    ]);
  });

  it('counts an image once, however often it is added', () => {
    const twice = openIndexScan();
    for (const architecture of ['amd64', 's390x'])
      twice.add(
        { digest: digestOf(1), platforms: ['amd64', 's390x', architecture].map(linux) },
        scanOf(1, [openssl], []),
      );
    expect(predicateOf(twice)).toMatchObject({
      platforms: [{ digest: digestOf(1), platform: 'linux/amd64', listedAs: ['linux/s390x'] }],
    });
    expect(twice.platforms).toHaveLength(1);
  });

  it.each([
    ['a statement', 'statement', 'assessed'],
    ['what is missing', 'missing', 'unassessable'],
    ['what is nested too deep', 'depth', 'unassessable'],
  ] as const)('says that it did not look at %s', (_, kind, state) => {
    const part = gathered(scanOf(1, [openssl], []));
    part.skip(digestOf(5), kind);
    const predicate = predicateOf(part);
    expect(stateOf(predicate)).toBe(state);
    expect(predicate['skipped']).toMatchObject([{ digest: digestOf(5), kind }]);
    expect(JSON.stringify(objectField(predicate, 'assessment')).includes(digestOf(5))).toBe(kind !== 'statement');
    for (const { content } of indexRecords(part, facts, {}))
      expect(content).toMatchObject({ state, skipped: [{ digest: digestOf(5), kind }] });
  });

  it('takes no artifact for a clean image, and nothing for no finding', () => {
    const artifact = gathered(scanOf(1, [openssl], []));
    artifact.addUnscanned(
      { digest: digestOf(2), platforms: [linux('riscv64')] },
      { code: 'registry/manifest-invalid', message: 'It is no image.' },
    );
    expect(predicateOf(artifact)).toMatchObject({
      assessment: { state: 'unassessable', causes: [{ code: 'registry/manifest-invalid', scope: digestOf(2) }] },
      platforms: [{ state: 'assessed' }, { state: 'unassessable', listedAs: ['linux/riscv64'] }],
    });
    const nothing = openIndexScan();
    expect(predicateOf(nothing)).toMatchObject({
      assessment: { state: 'unassessable', causes: [{ code: 'inventory/empty' }] },
    });
    for (const { content } of indexRecords(nothing, facts, {}))
      expect(content).toMatchObject({ state: 'unassessable' });
  });

  it('T21 T68 is inert', () => {
    const odd = packageOf(hostileText, { version: hostileText });
    const hostile = gathered(scanOf(1, [odd], [findingOf(hostileText, odd)], {}));
    hostile.addUnscanned(
      { digest: digestOf(2), platforms: [{ os: hostileText, architecture: hostileText }] },
      { code: 'registry/manifest-invalid', message: hostileText },
    );
    for (const text of [JSON.stringify(predicateOf(hostile)), JSON.stringify(indexRecords(hostile, facts, {}))]) {
      expect(text).not.toMatch(/\\u001b|\\n|\\ud|\u202e/);
      expect(text.isWellFormed()).toBe(true);
    }
  });
});

describe('the part about one image', () => {
  const packages = ['a', 'b', 'c'].map((name) => packageOf(name));
  const image = fc.record({
    state: fc.constantFrom(...states),
    held: fc.subarray(packages, { minLength: 1 }),
    found: fc.array(fc.tuple(fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3'), fc.nat(2)), { maxLength: 6 }),
  });
  const resultsFrom = (images: readonly (typeof image extends fc.Arbitrary<infer T> ? T : never)[]) =>
    images.map(({ state, held, found }, n) => {
      const findings = found.map(([id, which]) => findingOf(id, packages[which] as Package));
      const causes = state === 'assessed' ? [] : [{ code: 'feed/missing', message: 'x' }];
      return scanOf(n + 1, held, findings, { assessment: { state, causes } });
    });
  const idsOf = (predicate: JsonObject) =>
    new Set(
      resultsOf(predicate).flatMap((entry) =>
        objectsField(entry, 'annotations').map((one) => `${String(entry['id'])} ${String(one['package'])}`),
      ),
    );

  it('says of an image what its own statement says, and the whole is never better', () => {
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 4 }), fc.boolean(), (images, names) => {
        const results = resultsFrom(images);
        const scan = gathered(...results);
        const whole = predicateOf(scan, names ? 'names' : 'packages');
        const all = idsOf(whole);
        results.forEach((result, n) => {
          const own = vulnsPredicate(result, finished);
          const part = partOf(whole, n + 1) ?? {};
          expect(idsOf(part)).toEqual(idsOf(own));
          expect(stateOf(part)).toBe(stateOf(own));
          expect(part).not.toHaveProperty('platforms');
          expect(withParts(attestation(vulnsPredicateType, whole)).parts?.[n]).toMatchObject({ predicate: part });
          expect(idsOf(own).isSubsetOf(all)).toBe(true);
          expect(states.indexOf(stateOf(whole) as State)).toBeGreaterThanOrEqual(states.indexOf(stateOf(own) as State));
        });
        expect(partOf(whole, 50)).toBeUndefined();
      }),
    );
  });

  it('holds the packages of that image alone', () => {
    const scan = gathered(scanOf(1, packages.slice(0, 2), []), scanOf(2, packages.slice(1), []));
    const document = JSON.parse([...indexBom(scan, facts)].join('')) as JsonObject;
    const named = (n: number) =>
      objectsField(partOf(document, n, cycloneDxType) ?? {}, 'components').map(({ name }) => name);
    expect(named(1)).toEqual(['debian', 'a', 'b']);
    expect(named(2)).toEqual(['debian', 'b', 'c']);
    expect(partOf(document, 3, cycloneDxType)).toBeUndefined();
    const { parts } = withParts(attestation(cycloneDxType, document));
    expect(parts?.map(({ predicate }) => predicate)).toEqual([1, 2].map((n) => partOf(document, n, cycloneDxType)));
    expect(partOf(document, 2, cycloneDxType)).toMatchObject({
      metadata: { component: { version: digestOf(2) }, properties: [{ name: 'plombe:state', value: 'assessed' }] },
      compositions: [{ assemblies: [digestOf(2)] }],
    });
  });

  it('leaves every other attestation as it is', () => {
    const own = vulnsPredicate(scanOf(1, [openssl], []), finished);
    for (const [type, predicate] of [
      [vulnsPredicateType, own],
      [cycloneDxType, { metadata: {} }],
      ['https://slsa.dev/provenance/v1', { platforms: [] }],
    ] as const) {
      const result = attestation(type, predicate);
      expect(attestedPart(result, digestOf(3))).toBe(result);
      expect(withParts(result)).toBe(result);
    }
  });

  it('survives what is no such statement, and takes no image for another', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (platforms, results) => {
        const hostile = {
          platforms: [{ digest: digestOf(1) }, JSON.parse(platforms) as never],
          scanner: { result: [JSON.parse(results) as never] },
        };
        expect(partOf(hostile as JsonObject, 2)).toBeUndefined();
        expect(partOf(hostile as JsonObject, 1)).toMatchObject({ assessment: {} });
      }),
    );
  });
});
