// Programs and libraries of four registries, found by the program, against the versions that their packages have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BinaryPackage, binaryPackages } from '@plombe/fixtures';
import { builtFixture } from './support/fixtures.ts';
import { isPackagedVersion } from './support/packaged-version.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

interface Report {
  readonly packages: readonly {
    readonly purl: string;
    readonly name: string;
    readonly version: string;
    readonly cataloger: string;
    readonly cpes?: readonly string[];
    readonly evidence: readonly { readonly path: string }[];
  }[];
}

const layout = builtFixture('binaries');
interface Finding {
  readonly software: string;
  readonly version: string;
  /** The version of the package that the file is of, as its registry has it. */
  readonly packaged: string;
  readonly path: string;
}

/** Folder of a package, `SOURCE/NAME`, without its version → what was found below it. */
const found = new Map<string, Finding[]>();

beforeAll(async () => {
  if (layout === undefined) return;
  const home = temporaryFolder();
  const file = join(home, 'scan.json');
  const { stderr } = await installed(home)(['scan', `oci:${layout}`, '-o', `json=${file}`]);
  expect(stderr).toBe('');
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  for (const { name, version, cataloger, evidence, purl, cpes } of packages) {
    if (cataloger !== 'binary') continue;
    expect(purl).toMatch(/^pkg:generic\//);
    expect(cpes?.[0]).toMatch(/^cpe:2\.3:a:/);
    for (const { path } of evidence) {
      const [, place = '', packaged = ''] = /^opt\/(\w+\/.[^@]*)@([^/]+)\//.exec(path) ?? [];
      found.set(place, [...(found.get(place) ?? []), { software: name, version, packaged, path }]);
    }
  }
}, 300_000);

const placeOf = ({ source, name }: BinaryPackage): string => {
  const bare = source === 'maven' ? (name.split(':')[1] ?? '') : name.replace(/(?<=.)(?:@|==).*$/, '');
  return `${source}/${bare.replace('/', '+')}`;
};

const cases = binaryPackages.map((one) => [`${one.name} (${one.source})`, one] as const);

it('is about every row of the table', () => {
  const readme = readFileSync(new URL('../packages/catalogers/src/binary/readme.md', import.meta.url), 'utf8');
  const table = readme.slice(readme.indexOf('## The table'), readme.indexOf('A new row is'));
  const rows = Array.from(table.matchAll(/`([a-z0-9_-]+)`/g), ([, id = '']) => id);
  const proved = new Set(binaryPackages.flatMap(({ software, bundled = [] }) => [software, ...bundled]));
  expect(rows.length).toBeGreaterThanOrEqual(130);
  expect(rows.filter((id) => !proved.has(id))).toEqual([]);
});

describe.skipIf(layout === undefined)('of the packages in the image', () => {
  it.each(cases)('%s is found, in its version, and nothing else in it', (_title, one) => {
    const place = placeOf(one);
    const here = found.get(place) ?? [];
    const expected = [...(one.software === undefined ? [] : [one.software]), ...(one.bundled ?? [])];
    expect([...new Set(here.map(({ software }) => software))].sort()).toEqual(expected.sort());
    for (const { software, version, packaged, path } of here) {
      if (software !== one.software) continue;
      const holds = isPackagedVersion(one, version, packaged);
      expect(holds, `${path}: ${version}, packaged as ${packaged}`).toBe(true);
    }
  });

  it('none is found in a folder of no package', () => {
    const known = new Set(binaryPackages.map(placeOf));
    expect([...found.keys()].filter((place) => !known.has(place))).toEqual([]);
  });
});
