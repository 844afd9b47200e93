// Documents of other tools over one small image: whatever the tool and format, the same packages, and again valid documents of ours.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Inventory, Package } from '@plombe/model';
import { renderCycloneDx, renderSpdx } from '../index.ts';
import { validateCycloneDx, validateSpdx } from '../testing/schemas.ts';
import { readSbom } from './read-sbom.ts';

const tool = { name: 'plombe', version: '0.0.0' };
const diffID = 'sha256:';

function read(file: string): Inventory {
  return readSbom(readFileSync(new URL(`../testing/data/${file}`, import.meta.url)), file, `sbom:${file}`);
}

/** What comparing needs of each package, and nothing that tools spell in their own way. */
function compared({ packages }: Inventory): readonly (readonly (string | undefined)[])[] {
  return packages.map((item) => {
    const { type, namespace, name, version, source } = item;
    // Syft names a source only where it is another; then the package is its own, without the number of its rebuild.
    const [sourceName, sourceVersion] =
      type === 'deb' ? [source?.name ?? name, source?.version ?? version.replace(/\+b\d+$/, '')] : [];
    return [type, namespace, name, version, sourceName, sourceVersion];
  });
}

/** Licences are written by their ids in the SPDX list. */
function unlicensed(item: Package): Package {
  return { ...item, licences: [] };
}

const files = [
  'syft-1.57.cyclonedx-1.6.json',
  'syft-1.57.cyclonedx-1.5.xml',
  'syft-1.57.spdx-2.3.json',
  'syft-1.57.spdx-2.2.spdx',
  'trivy-0.74.cyclonedx-1.7.json',
  'trivy-0.74.spdx-2.3.json',
  'trivy-0.74.spdx-2.3.spdx',
];

describe.each(files)('%s', (file) => {
  const inventory = read(file);

  it('says each package with its source', () => {
    expect(compared(inventory)).toEqual([
      ['deb', 'debian', 'bash', '5.2.15-2+b2', 'bash', '5.2.15-2'],
      ['deb', 'debian', 'bsdutils', '1:2.38.1-5+b1', 'util-linux', '2.38.1-5'],
      ['deb', 'debian', 'libssl3', '3.0.11-1~deb12u2', 'openssl', '3.0.11-1~deb12u2'],
      ['npm', '@babel', 'core', '7.24.0', undefined, undefined],
      ['npm', undefined, 'lodash', '4.17.4', undefined, undefined],
    ]);
    expect(inventory.packages.filter(({ type }) => type === 'deb').map(({ architecture }) => architecture)).toEqual(
      Array.from({ length: 3 }, () => 'amd64'),
    );
  });

  it('says the distribution, and what it does not say', () => {
    expect(inventory.distribution).toMatchObject({ id: 'debian', versionId: expect.stringMatching(/^12/) as string });
    expect(inventory).toMatchObject({ complete: true, subject: { name: `sbom:${file}`, source: 'sbom' } });
    expect(inventory.diagnostics.every(({ level }) => level === 'note')).toBe(true);
  });

  it('says the layer, or that there is none', () => {
    const said = inventory.packages.flatMap(({ evidence }) => evidence.flatMap((one) => one.diffID ?? []));
    expect(new Set(said).size).toBe(inventory.layers.length);
    expect(inventory.layers.every((layer) => layer.diffID?.startsWith(diffID))).toBe(true);
    const codes = inventory.diagnostics.map(({ code }) => code);
    expect(inventory.layers.length === 0).toBe(codes.includes('sbom/not-said'));
  });

  it('becomes a valid document of ours, and that the same packages again', () => {
    const cycloneDx = [...renderCycloneDx(inventory, { tool })].join('');
    const spdx = [...renderSpdx(inventory, { tool })].join('');
    expect(validateCycloneDx?.(JSON.parse(cycloneDx)) ?? true, JSON.stringify(validateCycloneDx?.errors)).toBe(true);
    expect(validateSpdx?.(JSON.parse(spdx)) ?? true, JSON.stringify(validateSpdx?.errors)).toBe(true);
    for (const text of [cycloneDx, spdx]) {
      const again = readSbom(Buffer.from(text), file, `sbom:${file}`);
      expect(again.packages.map(unlicensed)).toEqual(inventory.packages.map(unlicensed));
      expect(again.distribution).toEqual(inventory.distribution);
      expect(again.layers).toEqual(inventory.layers);
    }
  });
});
