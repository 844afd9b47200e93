// Saved reports as evidence: whole, or refused. What is left out of a report would pass every rule about it.
import { isPlombeError } from '@plombe/kit';
import { describe, expect, test } from 'vitest';
import { openReportFormat } from '../reports/reports.ts';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { evidenceOfReport } from './report.ts';

const openssl = packageOf('openssl');
const format = await openReportFormat('json');
const text = [
  ...format.render(resultOf([openssl], [findingOf('CVE-2026-0001', openssl)]), {
    colour: false,
    evidence: true,
    width: 80,
  }),
].join('');

interface Report {
  findings: Record<string, unknown>[];
  packages: Record<string, unknown>[];
  config?: Record<string, unknown>;
}

function changed(change: (report: Report) => void): string {
  const report = JSON.parse(text) as Report;
  change(report);
  return JSON.stringify(report);
}

function codeOf(report: string): string {
  try {
    return String(evidenceOfReport(report, 'a.json') !== undefined);
  } catch (thrown) {
    return isPlombeError(thrown) ? thrown.code : 'another';
  }
}

describe('a report as evidence', () => {
  test('has its findings', () => {
    const { scan } = evidenceOfReport(text, 'a.json') ?? {};
    expect(scan?.findings).toMatchObject([{ vulnerability: 'CVE-2026-0001', packages: ['openssl'] }]);
  });

  test.each<[string, (report: Report) => void]>([
    ['without packages of a finding', ({ findings }) => delete findings[0]?.['packages']],
    [
      'with packages that are none',
      ({ findings }) => ((findings[0] as Report['findings'][0])['packages'] = {} as never),
    ],
    ['without fixed versions', ({ findings }) => delete findings[0]?.['fixedVersions']],
    [
      'of a severity nobody knows',
      ({ findings }) => ((findings[0] as Report['findings'][0])['severity'] = { word: 'mild' } as never),
    ],
    [
      'with an id that is no text',
      ({ findings }) => ((findings[0] as Report['findings'][0])['vulnerability'] = 1 as never),
    ],
    ['with a finding that is none', (report) => report.findings.push(null as never)],
    ['with a package without version', ({ packages }) => delete packages[0]?.['version']],
    ['without findings', (report) => delete (report as Partial<Report>).findings],
    ['with a list that is none', (report) => (report.config = { exposedPorts: '80', labels: {} })],
  ])('%s is refused', (_, change) => {
    expect(codeOf(changed(change))).toBe('policy/invalid');
  });

  test('another document is none', () => {
    expect([codeOf('{}'), codeOf('x'), codeOf('[]')]).toEqual(['false', 'false', 'false']);
  });
});
