import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanResult } from '@plombe/model';
import { findingOf, hostileText, packageOf, resultOf } from '../../testing/results.ts';
import { layerViews, layersDocument, renderLayers } from '../layers/layers.ts';
import { diffResults, isDifferent, newFindingsAt } from './diff.ts';
import { renderDiff } from './text.ts';

const assessed = { assessment: { state: 'assessed', causes: [] } } as const;
const openssl = packageOf('openssl');
const newer = packageOf('openssl', { version: '1.1' });
const bash = packageOf('bash');
const before = resultOf([openssl, bash], [findingOf('CVE-1', openssl), findingOf('CVE-2', bash)], assessed);
const severe = { author: 'debian', word: 'critical' as const };
const after = resultOf(
  [newer, packageOf('zlib')],
  [findingOf('CVE-1', newer, { severity: severe, fixedVersions: [] }), findingOf('CVE-3', newer)],
  assessed,
);

describe('a difference', () => {
  const diff = diffResults(before, after);

  it('has packages and findings that came, went and changed, with the layer of the side that has them', () => {
    const layer = { index: 0, createdBy: hostileText };
    expect(diff.packages).toEqual({
      added: [{ type: 'deb', name: 'zlib', to: '1.0', layer }],
      removed: [{ type: 'deb', name: 'bash', from: '1.0', layer }],
      changed: [{ type: 'deb', name: 'openssl', from: '1.0', to: '1.1', layer }],
      unchanged: 0,
    });
    expect(diff.findings.added.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-3']);
    expect(diff.findings.removed.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2']);
    expect(diff.findings.changed).toMatchObject([
      {
        vulnerability: 'CVE-1',
        from: { severity: 'high', fixedVersions: ['1.1'] },
        to: { severity: 'critical', fixedVersions: [] },
      },
    ]);
    expect(diff).toMatchObject({ commonLayers: 1, sameData: true });
  });

  it.each([
    ['critical', ['CVE-1']],
    ['high', ['CVE-3']],
    ['low', ['CVE-3']],
  ] as const)('at %s has as new what came or became so', (failOn, expected) => {
    expect(newFindingsAt(diff, failOn).map(({ vulnerability }) => vulnerability)).toEqual(expected);
  });

  it('an upgrade that leaves a vulnerability in changes the package and not the finding', () => {
    const same = diffResults(
      resultOf([openssl], [findingOf('CVE-1', openssl)]),
      resultOf([newer], [findingOf('CVE-1', newer)]),
    );
    expect(same.findings).toEqual({ added: [], removed: [], changed: [], unchanged: 1 });
    expect(same.packages.changed).toHaveLength(1);
  });

  it('of several versions of one name pairs those that differ', () => {
    const lodash = (version: string) => packageOf('lodash', { type: 'npm', version, id: version });
    const pairs = diffResults(
      resultOf([lodash('1'), lodash('2'), lodash('3')], []),
      resultOf([lodash('2'), lodash('4')], []),
    );
    expect(pairs.packages).toMatchObject({
      added: [],
      changed: [{ from: '1', to: '4' }],
      removed: [{ from: '3' }],
      unchanged: 1,
    });
  });

  it('of several findings of one package shows those that came or went', () => {
    const lodash = (version: string) => packageOf('lodash', { type: 'npm', version, id: version });
    const [one, two, three] = [lodash('1'), lodash('2'), lodash('3')];
    const found = (...all: readonly ReturnType<typeof lodash>[]) =>
      resultOf(
        all,
        all.map((each) => findingOf('CVE-1', each)),
      );
    expect(diffResults(found(one, two), found(two)).findings).toMatchObject({
      added: [],
      removed: [{ from: { packageVersion: '1' } }],
      unchanged: 1,
    });
    expect(diffResults(found(one), found(two, three)).findings).toMatchObject({
      added: [{ to: { packageVersion: '3' } }],
      removed: [],
      unchanged: 1,
    });
  });

  it('of source trees is told by their files', () => {
    const tree = (version: string): ScanResult => {
      const found = packageOf('lodash', { type: 'npm', version, evidence: [{ path: 'web/yarn.lock', layerIndex: 0 }] });
      const { distribution: _, ...inventory } = resultOf([found], []).inventory;
      const layers = [{ index: 0, mediaType: 'inode/directory', complete: true }];
      const findings = version === '1' ? [findingOf('CVE-1', found)] : [];
      return resultOf([found], findings, {
        inventory: { ...inventory, subject: { name: 'dir:x', source: 'dir' }, layers },
      });
    };
    const trees = diffResults(tree('1'), tree('2'));
    expect(trees.packages.changed).toEqual([
      { type: 'npm', name: 'debian/lodash', from: '1', to: '2', path: 'web/yarn.lock' },
    ]);
    const text = renderDiff(trees, { colour: false, width: 100 });
    expect(text).toContain('  /web/yarn.lock of A\n    - high CVE-1 in lodash 1\n');
    expect(text).not.toContain('layer 0');
  });

  it('of a result with itself is none, and turned round it is turned round', () => {
    const some = fc
      .array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), version: fc.constantFrom('1', '2', '3') }), {
        maxLength: 6,
      })
      .map((entries) => entries.map(({ name, version }, index) => packageOf(name, { version, id: `${index}` })));
    const result = some.map((found): ScanResult =>
      resultOf(
        found,
        found.map((one) => findingOf('CVE-1', one)),
      ),
    );
    fc.assert(
      fc.property(result, result, (a, b) => {
        expect(isDifferent(diffResults(a, a))).toBe(false);
        const there = diffResults(a, b);
        const back = diffResults(b, a);
        for (const kind of ['packages', 'findings'] as const) {
          expect(there[kind].added).toHaveLength(back[kind].removed.length);
          expect(there[kind].changed).toHaveLength(back[kind].changed.length);
          expect(there[kind].unchanged).toBe(back[kind].unchanged);
        }
        const { added, changed, unchanged } = there.packages;
        expect(added.length + changed.length + unchanged).toBe(b.inventory.packages.length);
      }),
    );
  });

  it('in text is one line each, inert (T21, T68)', () => {
    const text = renderDiff(diff, { colour: false, width: 100 });
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^\s*::/m);
    expect(text).toContain('    ~ openssl 1.0 → 1.1 (deb)\n');
    expect(text).toContain('    ~ CVE-1 in openssl 1.1: severity high → critical; fixed in 1.1 → none\n');
    expect(text).toContain('    + high CVE-3 in openssl 1.1, fixed in 1.1\n');
  });

  it('says where data or assessment differ', () => {
    const shard = { id: 'debian', feed: 'debian', source: 'x', records: 1, kind: 'original', state: 'ok' } as const;
    const withData = (digest: string): ScanResult => ({
      ...before,
      match: { ...before.match, shards: [{ ...shard, digest }] },
    });
    const text = renderDiff(
      diffResults(withData('a'), { ...withData('b'), assessment: { state: 'stale', causes: [] } }),
      { colour: false, width: 100 },
    );
    expect(text).toContain('compared with different advisory data');
    expect(text).toContain('B was not fully assessed (stale)');
    expect(diffResults(withData('a'), withData('a')).sameData).toBe(true);
    const partly = withData('a');
    const missing = { ...shard, state: 'missing' } as const;
    const both = { ...partly, match: { ...partly.match, shards: [...partly.match.shards, missing] } };
    expect(diffResults(both, both).sameData).toBe(true);
  });
});

describe('layers', () => {
  const layers = [0, 1].map((index) => ({
    index,
    mediaType: 'x',
    complete: index === 0,
    sizeBytes: 1500,
    createdBy: hostileText,
  }));
  const placed = packageOf('zlib', { evidence: [{ path: 'a', layerIndex: 1 }] });
  const lost = packageOf('bash', { evidence: [{ path: 'a', layerIndex: 7 }] });
  const result = resultOf([openssl, placed, lost], [findingOf('CVE-1', placed)], {
    inventory: { ...before.inventory, layers, packages: [openssl, placed, lost] },
  });

  it('hold what they brought; what no layer is known of stands apart', () => {
    expect(
      layerViews(result).map(({ layer, packages, findings }) => [layer?.index, packages.length, findings.length]),
    ).toEqual([
      [0, 1, 0],
      [1, 1, 1],
      [undefined, 1, 0],
    ]);
    expect(layersDocument(result, 1)).toMatchObject({
      layers: [{ index: 1, packages: [{ name: 'zlib' }], findings: [{ vulnerability: 'CVE-1' }] }],
    });
  });

  it('of a folder are its files', () => {
    const found = packageOf('lodash', {
      type: 'npm',
      evidence: [{ path: `web/${hostileText}/yarn.lock`, layerIndex: 0 }],
    });
    const { distribution: _, ...inventory } = before.inventory;
    const tree = {
      ...inventory,
      subject: { name: 'dir:x', source: 'dir' as const },
      layers: [{ index: 0, mediaType: 'inode/directory', complete: true }],
      packages: [found],
    };
    const text = renderLayers(resultOf([found], [findingOf('CVE-1', found)], { inventory: tree }), {
      colour: false,
      width: 80,
    });
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|LAYER/);
    expect(text).toMatch(/PACKAGES {2}FINDINGS {4}FILE\n {7}1 {2}1 \(1 high\) {2}.*\/yarn\.lock$/m);
  });

  it('in text are one row each, inert', () => {
    const text = renderLayers(result, { colour: false, width: 100 }, 1);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^\s*::/m);
    expect(text).toMatch(/1  1\.5 kB {9}1  1 \(1 high\)  \(not read whole\)/);
  });
});
