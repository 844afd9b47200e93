import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import type { ScanResult } from '@plombe/model';
import { findingOf, hostileText, packageOf, resultOf } from '../../testing/results.ts';
import { json } from '../json/index.ts';
import { openReportFormat, reportFormats } from '../reports.ts';
import { parseReport } from './parse.ts';

const packages = [
  packageOf('openssl', { licences: ['Apache-2.0'], facts: { installer: hostileText } }),
  packageOf('bash', { name: hostileText, source: { name: 'bash', version: '1' }, qualifiers: { distro: 'debian-12' } }),
];
const [first, second] = packages as [(typeof packages)[0], (typeof packages)[0]];
const result = resultOf(packages, [
  findingOf('CVE-2024-0001', first, {
    knownExploited: { dateAdded: '2024-01-01', ransomware: true },
    epss: { score: 0.9, percentile: 0.99, date: '2026-08-16' },
  }),
  findingOf('CVE-2024-0002', second, { fixedVersions: [], confidence: 'module' }),
]);
const render = (saved: ScanResult): string => [...json.render(saved, { colour: false, evidence: true })].join('');
const saved = render(result);
const formats = await Promise.all(reportFormats.map(({ id }) => openReportFormat(id)));

function outcome(document: unknown): string {
  try {
    parseReport(JSON.stringify(document), 'r.json');
    return 'fine';
  } catch (thrown) {
    if (!isPlombeError(thrown, 'report/malformed')) throw thrown;
    return thrown.message;
  }
}

const parsed = (): Record<string, unknown> => JSON.parse(saved) as Record<string, unknown>;

describe('a saved report', () => {
  it('gives the same bytes again, lone surrogates and members of later versions too', () => {
    expect(render(parseReport(saved, 'r.json'))).toBe(saved);
    const later = saved.replace('"layerIndex":0', '"layerIndex":0,"of a later version":{"a":[1]}');
    expect(render(parseReport(`\ufeff${later}`, 'r.json'))).toBe(later);
  });

  it('renders in every format as the scan itself', () => {
    const again = parseReport(saved, 'r.json');
    for (const format of formats) {
      const options = { colour: false, evidence: true };
      expect([...format.render(again, options)].join('')).toBe([...format.render(result, options)].join(''));
    }
  });

  it.each([
    ['{', /is no JSON/],
    ['[]', /no JSON object/],
    ['{"bomFormat":"CycloneDX"}', /looks like a CycloneDX document/],
    ['{"SchemaVersion":2}', /another scanner's report/],
    [`${saved}${saved}`, /holds several reports/],
    ['{"schemaVersion":2}', /schema version is 2, and this program reads version 1/],
    ['{"schemaVersion":"1"}', /has no schemaVersion/],
    ['{"schemaVersion":1}', /tool must be there/],
    [saved.replace('"word":"high"', '"word":"__proto__"'), /findings\.0\.severity\.word must be one of critical/],
    [saved.replace('"layerIndex":0', '"layerIndex":-1'), /layerIndex must be a whole number/],
    [saved.replace('"score":0.9', '"score":1e999'), /findings\.0\.epss\.score must be a number/],
    [saved.replace('2026-11-24T00', 'yesterday'), /scannedAt must be a date/],
    [saved.replace('"config": {', `"config": {"x":${'['.repeat(5000)}${']'.repeat(5000)},`), /deeper than 32 levels/],
  ])('%#: what is none is refused with the place', (document, message) => {
    expect(() => parseReport(document, 'r\u001b[31m.json')).toThrow(message);
    expect(() => parseReport(document, 'r\u001b[31m.json')).toThrow(/^r\\u\{1b\}\[31m\.json/);
  });

  it('with any value changed it is refused with its place, or renders in every format', () => {
    const places: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (path.length > 0) places.push(path);
      if (Array.isArray(value)) for (const [index, entry] of value.entries()) walk(entry, [...path, index]);
      else if (typeof value === 'object' && value !== null)
        for (const [name, entry] of Object.entries(value)) walk(entry, [...path, name]);
    };
    walk(parsed(), []);
    const values = fc.oneof(
      fc.constantFrom<unknown>(null, {}, [], [null], '', hostileText, -1, 1e300, true, { constructor: 1 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), values, (path, value) => {
        const document = parsed();
        let holder = document as Record<string | number, unknown>;
        for (const step of path.slice(0, -1)) holder = holder[step] as typeof holder;
        holder[path.at(-1) ?? ''] = value;
        if (outcome(document) !== 'fine') return;
        const again = parseReport(JSON.stringify(document), 'r.json');
        for (const format of formats)
          for (const language of ['en', 'de'] as const)
            expect([...format.render(again, { colour: false, evidence: true, language })].join('')).not.toBe('');
      }),
      { numRuns: 400 },
    );
  });
});
