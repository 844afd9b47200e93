// `plombe layers` and `plombe diff` through the program itself, of images and of saved reports.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTar } from '@plombe/formats/testing';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, npmPackage, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const data = ['--db', 'db', '--cache', 'cache'];

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  writeFeeds(join(home, 'old-feeds'), 12);
  const image = alpineImage('app:1');
  const fixed = [writeTar([npmPackage('srv/app', 'lodash', '4.17.21')])];
  const layers = [...image.layers.slice(0, 2), { tar: fixed, createdBy: 'COPY app /srv/app' }];
  await writeImages(join(home, 'layout'), image, { ...image, name: 'app:2', layers });
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  expect((await plombe(['db', 'build', '--from', 'old-feeds', '--db', 'old-db'])).code).toBe(0);
  expect((await plombe(['scan', 'oci:layout:app:1', ...data, '-o', 'json=1.json'])).code).toBe(0);
});

interface Layers {
  readonly layers: readonly { index: number; packages: readonly { name: string }[]; findings: readonly object[] }[];
}

describe('plombe layers', () => {
  it('shows instruction, size, packages and findings of each', async () => {
    const { code, stdout, stderr } = await plombe(['layers', 'oci:layout:app:1', ...data]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ +2 .* 1  1 \(1 critical\) +COPY app \/srv\/app$/m);
    expect(stdout).toMatch(/^ +1 .*RUN apk add --no-cache libssl$/m);
  });

  it('gives the same of a saved report, and one layer alone', async () => {
    const all = await plombe(['layers', 'oci:layout:app:1', ...data, '-o', 'json']);
    expect(await plombe(['layers', '1.json', '-o', 'json'])).toEqual(all);
    expect(await plombe(['layers', 'report:1.json', '-o', 'json'])).toEqual(all);
    expect((JSON.parse(all.stdout) as Layers).layers.map(({ packages }) => packages.length)).toEqual([2, 1, 1]);
    const one = await plombe(['layers', '1.json', '--layer', '2']);
    expect(one.stdout).toContain('  lodash 4.17.4 (npm)\n');
    expect(one.stdout).toMatch(/critical +CVE-2019-10744 +lodash/);
  });

  it.each([
    ['a layer that is not there', ['layers', '1.json', '--layer', '9'], 2, 'There is no layer 9; there are 3'],
    ['a layer that is none', ['layers', '1.json', '--layer', 'x'], 2, '--layer must be the number'],
    ['a report that is none', ['layers', 'report:bad.json'], 4, '[report/malformed]'],
    ['old data', ['layers', 'oci:layout:app:1', '--db', 'old-db'], 3, ''],
    ['old data that is allowed', ['layers', 'oci:layout:app:1', '--db', 'old-db', '--allow', 'stale'], 0, ''],
  ])('%s', async (_, args, code, message) => {
    writeFileSync(join(home, 'bad.json'), '{"schemaVersion": 1}');
    const outcome = await plombe(args);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
  });
});

describe('plombe diff', () => {
  it('shows what an upgrade changed, by layer', async () => {
    const { code, stdout, stderr } = await plombe(['diff', 'oci:layout:app:1', 'oci:layout:app:2', ...data]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('The first 2 layers of 3 and 3 are the same.');
    expect(stdout).toContain('Findings  0 added, 1 removed, 0 changed, 3 the same');
    expect(stdout).toContain('  layer 2 of B: COPY app /srv/app\n    ~ lodash 4.17.4 → 4.17.21 (npm)\n');
    expect(stdout).toContain('  layer 2 of A: COPY app /srv/app\n    - critical CVE-2019-10744 in lodash 4.17.4\n');
  });

  it.each([
    ['0: the same', ['1.json', 'oci:layout:app:1'], 0],
    ['1: anything differs', ['1.json', 'oci:layout:app:2'], 1],
    ['0: nothing came at the limit', ['1.json', 'oci:layout:app:2', '--fail-on', 'low'], 0],
    ['1: something did', ['oci:layout:app:2', '1.json', '--fail-on', 'high'], 1],
    ['3: one is not fully assessed', ['1.json', 'oci:layout:app:1', '--db', 'old-db'], 3],
    ['2: a platform that is none', ['1.json', 'oci:layout:app:1', '--platform', 'x'], 2],
    ['4: one that is not there', ['1.json', 'oci:none'], 4],
  ])('%s', async (_, args, code) => {
    const outcome = await plombe(['diff', ...data, ...args]);
    expect(outcome.code).toBe(code);
  });

  it('gives JSON', async () => {
    const { stdout } = await plombe(['diff', '1.json', 'oci:layout:app:2', ...data, '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      commonLayers: 2,
      sameData: true,
      packages: {
        added: [],
        removed: [],
        changed: [{ name: 'lodash', from: '4.17.4', to: '4.17.21', layer: { index: 2 } }],
        unchanged: 3,
      },
      findings: { removed: [{ vulnerability: 'CVE-2019-10744', from: { severity: 'critical' } }] },
    });
  });
});
