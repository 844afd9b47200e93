import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '@plombe/kit/testing';
import { findingOf, hostileText, packageOf, resultOf } from '../testing/results.ts';
import { openReportFormat, reportFormats } from './reports.ts';

const packages = [packageOf('openssl'), packageOf('zlib', { evidence: [] }), packageOf('bash', { name: hostileText })];
const [first, second, third] = packages as [(typeof packages)[0], (typeof packages)[0], (typeof packages)[0]];
const findings = [
  findingOf('CVE-2024-0001', first, {
    knownExploited: { dateAdded: '2024-01-01', ransomware: true },
    epss: { score: 0.9, percentile: 0.99, date: '2026-08-16' },
  }),
  findingOf('CVE-2024-0002', second, {
    fixedVersions: [],
    confidence: 'module',
    severity: { author: 'x', word: 'unknown' },
  }),
  findingOf('CVE-2024-0003', third),
];
const result = resultOf(packages, findings);
const plain = { colour: false, evidence: true } as const;

const formats = new Map(
  await Promise.all(reportFormats.map(async ({ id }) => [id, await openReportFormat(id)] as const)),
);

function render(id: string, options: { colour: boolean; evidence: boolean; width?: number } = plain): string {
  return [...(formats.get(id)?.render(result, options) ?? [])].join('');
}

function validator(schemaText: string): (value: unknown) => unknown {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  const validate = ajv.compile({ ...(JSON.parse(schemaText) as object), $schema: undefined, id: undefined });
  return (value) => (validate(value) ? [] : validate.errors);
}

describe('report formats', () => {
  it.each(reportFormats.map(({ id }) => id))('%s gives the same bytes each time', (id) => {
    expect(render(id)).toBe(render(id));
    expect(render(id)).not.toBe('');
    expect(formats.get(id)?.id).toBe(id);
  });

  it('an unknown format is refused', async () => {
    await expect(openReportFormat('pdf')).rejects.toThrow('There is no report format pdf.');
  });

  it('T21 T68 the terminal report shows hostile text inert, one record a line', () => {
    const text = render('table');
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toMatch(/^::set-env/m);
  });

  it.each(reportFormats.map(({ id }) => id))(
    'T21 T68 %s holds no character that changes how the rest is shown',
    (id) => {
      // oxlint-disable-next-line no-control-regex
      expect(render(id)).not.toMatch(
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/,
      );
    },
  );

  it('the JSON report says the same as it was told, marks of direction too', () => {
    const report = JSON.parse(render('json')) as { subject: { name: string } };
    expect(report.subject.name).toBe(hostileText);
  });

  it('the terminal report says first what could not be assessed', () => {
    const text = render('table');
    expect(text.indexOf('NOT FULLY ASSESSED')).toBeGreaterThan(0);
    expect(text.indexOf('NOT FULLY ASSESSED')).toBeLessThan(text.indexOf('Findings'));
    expect(text).toContain('starter database, oldest data of 2026-08-21');
  });

  it.each([80, 100, 120])('rows fit %i columns', (width) => {
    const rows = render('table', { colour: false, evidence: false, width }).split('\n\n').at(-1) ?? '';
    for (const line of rows.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('colours only where asked for', () => {
    expect(render('table', { colour: true, evidence: false })).toContain('\u001b[');
  });

  it('the JSON report keeps to its published schema', () => {
    const schema = readFileSync(new URL('../../../../docs/schemas/report-1.schema.json', import.meta.url), 'utf8');
    expect(validator(schema)(JSON.parse(render('json')))).toEqual([]);
  });

  it.skipIf(sharedPath('specs/sarif/sarif-schema-2.1.0.json') === undefined)(
    'SARIF keeps to the published schema',
    () => {
      const schema = readFileSync(sharedPath('specs/sarif/sarif-schema-2.1.0.json') ?? '', 'utf8');
      const report = JSON.parse(render('sarif')) as { runs: { results: { message: { text: string } }[] }[] };
      expect(validator(schema)(report)).toEqual([]);
      expect(report.runs[0]?.results).toHaveLength(3);
      // oxlint-disable-next-line no-control-regex
      expect(JSON.stringify(report.runs[0]?.results.map((entry) => entry.message.text))).not.toMatch(/\\u001b|\\n/);
    },
  );
});
