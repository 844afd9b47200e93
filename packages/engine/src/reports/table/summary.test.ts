// The summary in any width, and what it says of a tree that no distribution is missing in.
import { describe, expect, it } from 'vitest';
import type { ScanResult, ShardStatus } from '@plombe/model';
import { findingOf, packageOf, resultOf } from '../../testing/results.ts';
import { paletteFor } from './palette.ts';
import { renderSummary } from './summary.ts';

const rendered = (result: ScanResult, width: number): readonly string[] =>
  renderSummary(result, paletteFor(false), width);

const shards = ['osv-crates.io', 'osv-go', 'osv-npm', 'osv-pypi', 'osv-rubygems'].map((id): ShardStatus => ({
  id,
  feed: id,
  role: 'advisories',
  source: 'OSV',
  kind: 'original',
  state: 'ok',
  records: 1,
  dataDate: '2026-08-21T00:00:00Z',
}));
const found = packageOf('left-pad', { type: 'npm', cataloger: 'npm' });
const finding = findingOf('CVE-2024-0001', found, {
  scope: 'development',
  knownExploited: { dateAdded: '2024-01-01', ransomware: true },
});
const base = resultOf([found], [finding]);
const wide: ScanResult = {
  ...base,
  database: { ...base.database, kind: 'built', oldestData: '2026-08-21T00:00:00Z' } as ScanResult['database'],
  match: { ...base.match, shards },
};

describe('the summary', () => {
  it('fits any width, the names above it aside', () => {
    for (let width = 60; width <= 160; width++)
      for (const line of [
        ...rendered(wide, width).slice(2),
        ...rendered({ ...wide, assessment: { state: 'assessed', causes: [] } }, width).slice(2),
      ])
        expect(line.length, line).toBeLessThanOrEqual(width);
  });

  const kinds = ['npm', 'pypi', 'golang', 'maven', 'nuget', 'cargo', 'gem', 'composer', 'pub', 'hex', 'swift', 'conan'];
  const monorepo = kinds.map((type, index) =>
    packageOf(`p${index}`, {
      type,
      id: `p${index}`,
      evidence: [{ path: `${type}/a/rather/long/path/to/a.lock`, layerIndex: 0 }],
    }),
  );
  const { distribution: _, ...inventory } = base.inventory;
  const layers = [{ index: 0, mediaType: 'inode/directory', complete: true }];
  const tree = resultOf(
    monorepo,
    monorepo.flatMap((one, index) => Array.from({ length: index }, (__, id) => findingOf(`CVE-2024-${id}`, one))),
    { inventory: { ...inventory, subject: { name: 'dir:.', source: 'dir' }, layers, packages: monorepo } },
  );

  it('of a monorepo fits any width, and names the files with most findings', () => {
    for (let width = 60; width <= 160; width++)
      for (const line of rendered(tree, width)) expect(line.length, line).toBeLessThanOrEqual(width);
    const lines = rendered(tree, 100);
    expect(lines).toContain(
      'Files     11 in /conan/a/rather/long/path/to/a.lock · 10 in /swift/a/rather/long/path/to/a.lock',
    );
    expect(lines.find((line) => line.endsWith(' more'))).toMatch(/ · 6 more$/);
  });

  it('breaks the line of data between two of them', () => {
    const lines = rendered(wide, 80);
    const at = lines.findIndex((line) => line.startsWith('Data'));
    expect(lines.slice(at, at + 3)).toEqual([
      'Data      osv-crates.io of 2026-08-21, osv-go of 2026-08-21,',
      '          osv-npm of 2026-08-21, osv-pypi of 2026-08-21,',
      '          … (5 in all, oldest of 2026-08-21)',
    ]);
  });

  it.each([
    ['dir', found, false],
    ['dir', packageOf('bash'), true],
    ['oci', found, true],
  ] as const)('%s with %o names a missing distribution: %s', (source, item, isNamed) => {
    const { distribution: _, ...inventory } = { ...base.inventory, packages: [item] };
    const lines = rendered({ ...base, inventory: { ...inventory, subject: { name: 'x', source } } }, 80);
    expect(lines.join('\n').includes('no known distribution')).toBe(isNamed);
  });
});
