import { describe, expect, it } from 'vitest';
import type { ScanResult, Suppressed } from '@plombe/model';
import { suppressedOf } from '../scan/leave-out.ts';
import { findingOf, hostileText, packageOf, resultOf } from '../testing/results.ts';
import { canonicalPage, pageOf } from './placed/page.ts';
import { openReportFormat } from './reports.ts';

const openssl = packageOf('openssl');
const bash = packageOf('bash');
const counted = findingOf('CVE-2024-1000', bash);
const left = findingOf('CVE-2024-1001', openssl);
const suppressed: readonly Suppressed[] = [
  suppressedOf(left, left.packages, 'its severity is high (--severity)'),
  {
    ...suppressedOf(findingOf('CVE-2024-1002', openssl), left.packages, `not affected: ${hostileText} (--vex x)`),
    vex: { status: 'not_affected', justification: 'vulnerable_code_not_present', statement: hostileText },
  },
  { vulnerability: 'CVE-2024-1003', packages: [openssl.id, bash.id], reason: 'Debian says not-affected' },
  { vulnerability: 'CVE-2024-1004', packages: ['gone'], reason: 'the package is not in the report' },
];
const base = resultOf([openssl, bash], [counted]);
const result: ScanResult = { ...base, match: { ...base.match, suppressed } };

const rendered = async (format: string, asked: boolean): Promise<string> => {
  const report = await openReportFormat(format);
  return [...report.render(result, { colour: false, evidence: false, suppressed: asked })].join('');
};

it('SARIF lists what does not count as accepted suppressions, on request only', async () => {
  const run = async (asked: boolean) =>
    (
      JSON.parse(await rendered('sarif', asked)) as {
        runs: [{ results: Sarif[]; tool: { driver: { rules: { id: string }[] } } }];
      }
    ).runs[0];
  interface Sarif {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly suppressions?: readonly object[];
  }
  expect((await run(false)).results.map(({ ruleId }) => ruleId)).toEqual(['CVE-2024-1000']);
  const { results, tool } = await run(true);
  expect(results.map(({ ruleId }) => ruleId.slice(-1))).toEqual(['0', '1', '2', '3', '4']);
  for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  expect(results[0]).not.toHaveProperty('suppressions');
  expect(results[1]).toMatchObject({
    level: 'error',
    suppressions: [{ kind: 'external', status: 'accepted', justification: 'its severity is high (--severity)' }],
  });
  expect(results[3]).toMatchObject({ level: 'warning', relatedLocations: [{ id: 0 }] });
});

describe.each(['markdown', 'csv', 'junit', 'github', 'azure-devops'])('%s', (format) => {
  it('names what does not count with its reason, on request only', async () => {
    expect(await rendered(format, false)).not.toContain('CVE-2024-1001');
    const text = await rendered(format, true);
    for (const { vulnerability } of suppressed) expect(text).toContain(vulnerability);
    expect(text).toContain('its severity is high');
    expect(text).not.toMatch(/\u001b|\u202e/);
    if (format === 'junit') expect(text).not.toContain('<script');
  });
});

it('JUnit counts what is skipped', async () => {
  expect(await rendered('junit', false)).toContain('tests="2" failures="1" errors="1" skipped="0"');
  expect(await rendered('junit', true)).toContain('tests="6" failures="1" errors="1" skipped="4"');
});

it('CycloneDX has the analysis of what VEX documents took away, and no word for the rest', async () => {
  const document = JSON.parse(await rendered('cyclonedx', true)) as { vulnerabilities: object[]; serialNumber: string };
  expect(document.vulnerabilities).toMatchObject([
    { id: 'CVE-2024-1000' },
    {
      id: 'CVE-2024-1002',
      analysis: { state: 'not_affected', justification: 'code_not_present' },
      affects: [{ ref: openssl.id, versions: [{ version: '1.0', status: 'unaffected' }] }],
    },
  ]);
  const without = JSON.parse(await rendered('cyclonedx', false)) as typeof document;
  expect(without.vulnerabilities.length).toBe(1);
  expect(without.serialNumber).not.toBe(document.serialNumber);
});

describe('a finding has a page', () => {
  const of = (overrides: Partial<typeof counted>) =>
    pageOf({ ...counted, references: [], advisories: [], ...overrides });
  it.each([
    [{ references: ['javascript:alert(1)', 'https://example.org/a'] }, 'https://example.org/a'],
    [{ advisories: [{ ...counted.advisories[0], url: 'https://example.org/b' }] }, 'https://example.org/b'],
    [{}, 'https://nvd.nist.gov/vuln/detail/CVE-2024-1000'],
    [{ vulnerability: 'GHSA-aaaa-bbbb-cccc' }, 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc'],
    [{ vulnerability: 'RHSA-2024:1' }, 'https://access.redhat.com/errata/RHSA-2024:1'],
    [{ vulnerability: 'XSA-1', aliases: ['GO-2024-1'] }, 'https://pkg.go.dev/vuln/GO-2024-1'],
    [{ vulnerability: 'RETIREJS-lodash-1' }, undefined],
    [{ vulnerability: 'CVE-1/../../x' }, undefined],
  ] as const)('%j: %s', (overrides, page) => {
    expect(of(overrides as Partial<typeof counted>)).toBe(page);
  });

  it('also in HTML and Markdown, where no advisory brings one', async () => {
    const bare = { ...counted, references: [], advisories: [] };
    for (const format of ['html', 'markdown']) {
      const report = await openReportFormat(format);
      const options = { colour: false, evidence: false };
      const text = [...report.render({ ...base, match: { ...base.match, findings: [bare] } }, options)].join('');
      expect(text).toContain('https://nvd.nist.gov/vuln/detail/CVE-2024-1000');
    }
    expect(canonicalPage([])).toBeUndefined();
  });
});
