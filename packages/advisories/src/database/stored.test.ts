import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AffectedPackage, Severity } from '@plombe/model';
import { decodeBody, encodeBody, toBody } from './body.ts';
import { decodeEntries, encodeEntry, packEntries } from './entry.ts';
import { cveNumber, packScore, unpackScore } from './layout.ts';

const text = fc.string({ minLength: 1, maxLength: 20 });
const severity: fc.Arbitrary<Severity> = fc.oneof(
  fc.record({ author: text, word: fc.constantFrom('high' as const, 'unknown' as const) }),
  fc.record({ author: text, word: fc.constant('low' as const), score: fc.integer({ min: 0, max: 10 }) }),
  fc.record({ author: text, word: fc.constant('low' as const), score: fc.integer({ min: 0, max: 10 }), vector: text }),
);
const event = fc.oneof(
  text.map((introduced) => ({ introduced })),
  text.map((fixed) => ({ fixed })),
  text.map((lastAffected) => ({ lastAffected })),
  text.map((limit) => ({ limit })),
);
const affected: fc.Arbitrary<AffectedPackage> = fc.record(
  {
    ecosystem: fc.constant('npm'),
    name: text,
    ranges: fc.array(fc.record({ scheme: text, events: fc.array(event) }), { maxLength: 3 }),
    versions: fc.array(text, { maxLength: 3 }),
    status: fc.constantFrom('affected', 'will_not_fix', 'not_affected', 'fixed', 'under_investigation'),
    statusNote: text,
    severity,
    qualifiers: fc.record({ module: text, architectures: fc.array(text) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['ecosystem', 'name', 'ranges', 'versions', 'status'] },
);

describe('what a shard stores', () => {
  it('gives entries back as they were', () => {
    fc.assert(
      fc.property(affected, (part) => {
        const [entry] = decodeEntries(JSON.stringify([encodeEntry('CVE-2026-1', part, () => false)]));
        const { ecosystem: _ecosystem, name: _name, ...said } = part;
        expect(entry).toEqual({ advisory: 'CVE-2026-1', ...said });
      }),
    );
  });

  it('gives a long list back, deflated', () => {
    const row = (i: number): string => JSON.stringify([`CVE-2026-${i}`, 'a', [['deb', 'i0', `f6.1.${i}-1`]]]);
    for (const [count, type] of [
      [10, 'string'],
      [3000, 'object'],
    ] as const) {
      const stored = packEntries(Array.from({ length: count }, (_, i) => row(i)));
      expect(typeof stored).toBe(type);
      expect(stored.length).toBeLessThan(16_000);
      expect(decodeEntries(stored).map(({ advisory }) => advisory)).toEqual(
        Array.from({ length: count }, (_, i) => `CVE-2026-${i}`),
      );
    }
    expect(() => decodeEntries(Uint8Array.of(1, 2, 3))).toThrow();
  });

  it('gives bodies back as they were, without prose where the terms cover facts only', () => {
    const advisory = fc.record(
      {
        id: text,
        feed: text,
        aliases: fc.array(text),
        related: fc.array(text),
        upstream: fc.array(text),
        summary: fc.stringMatching(/^[a-z]{1,50}$/),
        publishedAt: text,
        severities: fc.array(severity),
        references: fc.array(text, { maxLength: 10 }),
        affected: fc.constant([]),
      },
      { requiredKeys: ['id', 'feed', 'aliases', 'related', 'upstream', 'severities', 'references', 'affected'] },
    );
    fc.assert(
      fc.property(advisory, fc.boolean(), (one, prose) => {
        const body = toBody(one, { references: 10, summaryCharacters: 300, prose });
        expect(decodeBody(one.id, encodeBody(body))).toEqual(body);
        expect(body.summary).toBe(prose ? one.summary : undefined);
      }),
    );
  });

  it('keeps scores to the five digits they are published in', () => {
    const share = fc.integer({ min: 0, max: 100_000 }).map((units) => units / 100_000);
    fc.assert(
      fc.property(share, share, (score, percentile) => {
        expect(unpackScore(packScore(score, percentile))).toEqual({ score, percentile });
      }),
    );
  });

  it.each([
    ['CVE-2026-1234', 2026_000001234],
    ['CVE-1999-0001', 1999_000000001],
    ['CVE-2026-123456789', 2026_123456789],
    ['CVE-2026-1234567890', undefined],
    ['GHSA-1111-1111-1111', undefined],
  ])('numbers %s', (id, number) => {
    expect(cveNumber(id)).toBe(number);
  });
});
