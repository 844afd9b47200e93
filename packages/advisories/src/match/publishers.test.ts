// Real feeds of publishers, read as a folder of feeds, against packages that are known to be affected, and their fixed versions.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedPath } from '../../../kit/src/testing/shared.ts';
import { buildShards } from '../build/build.ts';
import { readFeedDirectory } from '../build/feed-directory.ts';
import { planShards } from '../build/plan.ts';
import { openDatabase, type AdvisoryDatabase } from '../database/database.ts';
import { enrichments } from '../enrichments.ts';
import { feeds } from '../feeds.ts';
import { packageOf, testClock, testContext, testFolder } from '../testing/records.ts';

const folder = sharedPath('feeds');
const wanted = [
  'friendsofphp',
  'nodejs',
  'nvd',
  'osv-bitnami',
  'osv-crates.io',
  'osv-kubernetes',
  'osv-psf-cpython',
  'retirejs',
  'rubysec',
];
const isThere = folder !== undefined && existsSync(`${folder}/rubysec`);
if (!isThere) console.warn('SKIPPED: no folder of real feeds, publishers were not matched');

describe.skipIf(!isThere)('real feeds', () => {
  let database: AdvisoryDatabase;

  beforeAll(async () => {
    const documents = readFeedDirectory(folder ?? '').filter(({ name }) => !/Maven|npm\/|PyPI|\/Go\//.test(name));
    const to = testFolder();
    const built = await buildShards(
      planShards(documents, { feeds, enrichments }, wanted).filter(({ id }) => wanted.includes(id)),
      {
        to,
        tool: 'test',
        ctx: testContext(),
      },
    );
    expect(built.shards.map(({ id }) => id)).toEqual(wanted);
    database = openDatabase(to, { clock: testClock });
  }, 120_000);
  afterAll(() => database?.close());

  const found = (purl: string, cpes: readonly string[] = []) =>
    database.match({ packages: [packageOf(purl, cpes.length === 0 ? {} : { cpes })] });

  test.each([
    ['pkg:gem/resque@2.2.0', 'CVE-2023-50725', '2.2.1'],
    ['pkg:generic/ruby@2.7.0', 'CVE-2021-33621', '2.7.7'],
    ['pkg:generic/jruby@9.3.7.0', 'CVE-2022-25857', '9.3.8.0'],
    ['pkg:composer/drupal/core@8.5.2', 'CVE-2018-7602', '8.5.3'],
    ['pkg:composer/Drupal/Core@7.58.0', 'CVE-2018-7602', '7.59'],
    ['pkg:generic/node@20.1.0', 'CVE-2023-30581', '20.3.1'],
    ['pkg:cargo/openssl@0.8.3', 'CVE-2016-10931', '0.9.0'],
    ['pkg:bitnami/node@18.0.0-3?arch=amd64&distro=debian-12', 'CVE-2023-32002', '18.17.1'],
    ['pkg:generic/kubelet@1.27.3', 'CVE-2023-3676', '1.27.5'],
    ['pkg:generic/prototypejs@1.7.0', 'CVE-2020-27511', '1.7.4'],
  ])('%s has %s until %s', (purl, vulnerability, fixed) => {
    const finding = found(purl).findings.find((one) => one.vulnerability === vulnerability);
    expect(finding?.fixedVersions).toContain(fixed);
    const updated = purl.replace(/@[^?]+/, `@${fixed}`);
    expect(found(updated).findings.map((one) => one.vulnerability)).not.toContain(vulnerability);
  });

  test('an unmaintained crate is told apart from a vulnerable one', () => {
    const { findings } = found('pkg:cargo/atty@0.2.14');
    expect(findings).toMatchObject([
      { vulnerability: 'GHSA-g98v-hv3f-hcfr', statusNote: 'unsound' },
      { vulnerability: 'RUSTSEC-2024-0375', statusNote: 'unmaintained', severity: { word: 'negligible' } },
    ]);
  });

  test('an override of NVD reaches a program by its CPE, and alone it covers nothing', () => {
    const { findings, unassessed } = found('pkg:generic/libpng@1.6.36', [
      'cpe:2.3:a:libpng:libpng:1.6.36:*:*:*:*:*:*:*',
    ]);
    expect(findings.find(({ vulnerability }) => vulnerability === 'CVE-2019-7317')).toMatchObject({
      fixedVersions: ['1.6.37'],
    });
    expect(unassessed).toMatchObject([{ cause: { code: 'feed/missing', scope: 'NVD' } }]);
    expect(unassessed[0]?.cause.message).toContain('only corrections by others');
  });

  test('a feed that only adds makes findings, and is said to be no whole', () => {
    const { findings, unassessed } = found('pkg:composer/drupal/core@8.5.2');
    expect(findings.length).toBeGreaterThan(0);
    expect(unassessed[0]?.cause.message).toBe(
      'The advisory data for Packagist is not whole: friendsofphp only adds to it.',
    );
  });

  test('a Python is told as not comparable with records that name commits', () => {
    expect(found('pkg:generic/python@3.11.4').unassessed).toMatchObject([
      { cause: { code: 'feed/missing', scope: 'CPython' } },
    ]);
  });
});
