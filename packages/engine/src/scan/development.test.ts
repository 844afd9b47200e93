import { describe, expect, it } from 'vitest';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { applyScopes } from './development.ts';

const runs = packageOf('runs', { scope: 'runtime' });
const installed = packageOf('installed');
const builds = packageOf('builds', { scope: 'development' });
const perhaps = packageOf('perhaps', { scope: 'optional' });
const findings = [runs, installed, builds, perhaps].map((found) => findingOf(`CVE-${found.name}`, found));
const shared = { ...findingOf('CVE-shared', builds), packages: [builds.id, runs.id] };
const { inventory, match } = resultOf([runs, installed, builds, perhaps], [...findings, shared]);

describe('findings by what their packages are for', () => {
  it('marks those that are for development or optional only, and lets all count', () => {
    const marked = applyScopes(match, inventory, false);
    expect(marked.findings.map(({ vulnerability, scope }) => [vulnerability, scope])).toEqual([
      ['CVE-runs', undefined],
      ['CVE-installed', undefined],
      ['CVE-builds', 'development'],
      ['CVE-perhaps', 'optional'],
      ['CVE-shared', undefined],
    ]);
    expect(marked.suppressed).toEqual(match.suppressed);
  });

  it('suppresses those of development where asked for, none of another package with them', () => {
    const left = applyScopes(match, inventory, true);
    expect(left.findings.map(({ vulnerability, packages }) => [vulnerability, packages])).toEqual([
      ['CVE-runs', [runs.id]],
      ['CVE-installed', [installed.id]],
      ['CVE-perhaps', [perhaps.id]],
      ['CVE-shared', [runs.id]],
    ]);
    expect(left.suppressed.map(({ vulnerability, packages }) => [vulnerability, packages])).toEqual([
      ['CVE-builds', [builds.id]],
      ['CVE-shared', [builds.id]],
    ]);
  });
});
