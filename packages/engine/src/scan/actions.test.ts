import { describe, expect, it } from 'vitest';
import { compareVersions } from '@plombe/versions';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { planActions } from './actions.ts';

const openssl = packageOf('openssl');
const bash = packageOf('bash', { evidence: [{ path: 'var/lib/dpkg/status', layerIndex: 3 }] });
const { inventory } = resultOf([openssl, bash], []);

/** Name, target, layer, findings and known exploited ones of each action. */
function planned(findings: Parameters<typeof planActions>[0]): readonly unknown[] {
  const options = { compare: (_: string, a: string, b: string) => compareVersions('deb', a, b) };
  return planActions(findings, inventory, options).map((action) => [
    action.packageName,
    action.targetVersion,
    action.layerIndex,
    action.findings,
    action.knownExploited,
  ]);
}

const kev = { knownExploited: { dateAdded: '2024-01-01', ransomware: false }, priority: 80 };

describe('planActions', () => {
  it('joins the findings of a package, and goes to the highest of their fixes', () => {
    const findings = [
      findingOf('CVE-1', openssl, { fixedVersions: ['1.1', '2.0'] }),
      findingOf('CVE-2', openssl, { fixedVersions: ['1.10'] }),
      findingOf('CVE-3', openssl, { fixedVersions: ['1.9'] }),
    ];
    expect(planned(findings)).toEqual([['openssl', '1.10', 0, 3, 0]]);
  });

  it('puts one known exploited finding before many ordinary ones, and counts nothing that has no fix', () => {
    const ordinary = Array.from({ length: 20 }, (_, n) => findingOf(`CVE-${n}`, openssl, { priority: 42 }));
    const findings = [...ordinary, findingOf('CVE-X', bash, kev), findingOf('CVE-Y', bash, { fixedVersions: [] })];
    expect(planned(findings)).toEqual([
      ['bash', '1.1', 3, 1, 1],
      ['openssl', '1.1', 0, 20, 0],
    ]);
  });

  it('names ten at most', () => {
    const findings = Array.from({ length: 12 }, (_, n) => findingOf('CVE-1', openssl, { packageVersion: `1.0-${n}` }));
    expect(planned(findings)).toHaveLength(10);
  });
});
