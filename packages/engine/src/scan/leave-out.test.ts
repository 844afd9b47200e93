import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { findingStatuses, severityOrder } from '@plombe/model';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { parseIgnoreFile } from './ignore-file.ts';
import { leaveOut, leftOutBy, type LeaveOut } from './leave-out.ts';

const openssl = packageOf('openssl');
const core = packageOf('log4j-core', { id: 'log4j', type: 'maven', namespace: 'org.apache' });
const findings = [
  findingOf('CVE-1-0', openssl),
  findingOf('CVE-2-0', openssl, { fixedVersions: [], severity: { author: 'x', word: 'low' } }),
  findingOf('CVE-3-0', core, { aliases: ['GHSA-a-b'], severity: { author: 'x', word: 'unknown' } }),
];
const { match, inventory } = resultOf([openssl, core], findings);
const left = (options: LeaveOut, today = '2026-11-29') => {
  const { findings: rest, suppressed } = leaveOut(match, inventory, options, today);
  return {
    rest: rest.map(({ vulnerability }) => vulnerability),
    reasons: suppressed.map(({ reason }) => reason),
    suppressed,
  };
};
const ignoring = (text: string): LeaveOut => ({ ignored: parseIgnoreFile(text, 'ignore') });

describe('findings are left out', () => {
  it.each<[string, LeaveOut, readonly string[], readonly string[]]>([
    ['by nothing', {}, ['CVE-1-0', 'CVE-2-0', 'CVE-3-0'], []],
    ['by severity', { severities: ['high', 'unknown'] }, ['CVE-1-0', 'CVE-3-0'], ['its severity is low (--severity)']],
    ['without a fix', { unfixed: true }, ['CVE-1-0', 'CVE-3-0'], ['no fixed version is known (--ignore-unfixed)']],
    ['by status', { statuses: ['affected'] }, ['CVE-1-0', 'CVE-3-0'], ['its status is affected (--ignore-status)']],
    ['by id', ignoring('cve-1-0'), ['CVE-2-0', 'CVE-3-0'], ['ignored (--ignore-file line 1)']],
    [
      'by an alias, with end and reason',
      ignoring('# ours\n\nGHSA-a-b until=2026-11-29 # not (yet) reachable'),
      ['CVE-1-0', 'CVE-2-0'],
      ['not  yet  reachable (--ignore-file line 3, until 2026-11-29)'],
    ],
    [
      'by a package',
      ignoring('CVE-3-0 package=org.apache:log4j-core\nCVE-1-0 package=bash'),
      ['CVE-1-0', 'CVE-2-0'],
      ['ignored (--ignore-file line 1)'],
    ],
    ['by no rule that ended', ignoring('CVE-1-0 exp:2026-11-28'), ['CVE-1-0', 'CVE-2-0', 'CVE-3-0'], []],
  ])('%s', (_, options, rest, reasons) => {
    expect(left(options)).toMatchObject({ rest, reasons });
  });

  it('and each is among the suppressed, with the flag that did it', () => {
    const options = fc.record({
      severities: fc.subarray([...severityOrder]),
      unfixed: fc.boolean(),
      statuses: fc.subarray([...findingStatuses]),
      ignored: fc.constantFrom([], parseIgnoreFile('CVE-1-0 # because', 'ignore')),
    });
    fc.assert(
      fc.property(options, (asked) => {
        const { rest, suppressed } = left(asked);
        expect(rest.length + suppressed.length).toBe(findings.length);
        for (const one of suppressed)
          expect(leftOutBy(one)).toMatch(/^--(severity|ignore-unfixed|ignore-status|ignore-file)$/);
      }),
    );
    expect(leftOutBy({ vulnerability: 'x', packages: [], reason: 'the vendor says so (--other)' })).toBeUndefined();
  });
});

describe('a list of what is ignored', () => {
  it.each([
    '*',
    'openssl',
    'CVE-1 until=2026-02-30',
    'CVE-1 until=soon',
    'CVE-1 package=',
    'CVE-1 CVE-2',
    '\u001b[31mCVE-1',
  ])('with the line %j is refused, and says which', (line) => {
    let thrown: unknown;
    try {
      parseIgnoreFile(`CVE-2024-1\n${line}`, 'ignore');
    } catch (error) {
      thrown = error;
    }
    expect(isPlombeError(thrown) && thrown.code).toBe('config/invalid');
    expect(String(thrown)).toContain('ignore line 2');
    expect(String(thrown)).not.toContain('\u001b');
  });

  it('of any text is rules or a mistake', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          for (const { id, line } of parseIgnoreFile(text, 'x')) expect(id.length * line).toBeGreaterThan(0);
        } catch (error) {
          expect(isPlombeError(error) && error.code).toBe('config/invalid');
        }
      }),
    );
  });
});
