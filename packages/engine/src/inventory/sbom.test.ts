// The state of an inventory that nothing is compared with yet: each gap is named.
import { describe, expect, test } from 'vitest';
import type { Diagnostic, Inventory } from '@plombe/model';
import { packageOf } from '../testing/results.ts';
import { inventoryAssessment } from './sbom.ts';

const debian = { id: 'debian', name: 'Debian 12', evidencePath: 'etc/os-release' };
const broken: Diagnostic = { code: 'archive/digest-mismatch', level: 'error', message: 'Layer 1 has another digest.' };
const odd: Diagnostic = { code: 'package/metadata-invalid', level: 'warning', message: 'x/METADATA names no version.' };

function inventoryOf(overrides: Partial<Inventory>): Inventory {
  const subject = { name: 'x', source: 'oci' } as const;
  return { subject, layers: [], packages: [], diagnostics: [], complete: true, ...overrides };
}

const codes = (overrides: Partial<Inventory>): readonly string[] => {
  const { state, causes } = inventoryAssessment(inventoryOf(overrides));
  return [state, ...causes.map(({ code }) => code)];
};

describe('inventoryAssessment', () => {
  const bash = packageOf('bash');
  const npm = packageOf('a', { type: 'npm', cataloger: 'npm' });
  test.each<[string, Partial<Inventory>, readonly string[]]>([
    ['nothing known', {}, ['unassessable', 'distribution/unknown']],
    ['no package in a folder', { subject: { name: 'x', source: 'dir' } }, ['unassessable', 'inventory/empty']],
    ['no package', { distribution: debian }, ['unassessable', 'inventory/empty']],
    [
      'no package because a layer is broken',
      { diagnostics: [odd, broken], complete: false },
      ['unassessable', 'archive/digest-mismatch', 'distribution/unknown'],
    ],
    ['all read', { packages: [bash], distribution: debian }, ['assessed']],
    ['all read, a note aside', { packages: [bash], distribution: debian, diagnostics: [odd] }, ['assessed']],
    [
      'a layer not read',
      { packages: [bash], distribution: debian, diagnostics: [odd, broken], complete: false },
      ['partial', 'archive/digest-mismatch'],
    ],
    [
      'a package not read',
      { packages: [bash], distribution: debian, diagnostics: [odd], complete: false },
      ['partial', 'package/metadata-invalid'],
    ],
    [
      'no package of the distribution',
      { packages: [npm], distribution: debian },
      ['partial', 'package/database-missing'],
    ],
    ['no distribution', { packages: [npm] }, ['assessed']],
  ])('%s', (_, overrides, expected) => {
    expect(codes(overrides)).toEqual(expected);
  });
});
