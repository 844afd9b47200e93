// `plombe scan` and `plombe sbom` from images to reports and exit codes, through the program itself.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedPath } from '@plombe/kit/testing';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, gzipped, writeImages } from './support/images.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';
import { validatorOf } from './support/schemas.ts';

const home = temporaryFolder();
const plombe = installed(home);
const database = join(home, 'db');
const old = join(home, 'old-db');
const layout = join(home, 'layout');
const subject = `oci:${layout}`;
const scan = (...args: readonly string[]) =>
  plombe(['scan', '--db', database, '--cache', join(home, 'cache'), ...args]);

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  writeFeeds(join(home, 'old-feeds'), 12);
  await writeImages(layout, alpineImage('app:1'), alpineImage('two', 'amd64'), alpineImage('two', 'arm64'));
  const built = await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
  expect(built).toMatchObject({ code: 0, stderr: '' });
  await plombe(['db', 'build', '--from', join(home, 'old-feeds'), '--db', old]);
});

const image = `${subject}:app:1`;

describe('the terminal report', () => {
  it('says state, counts, actions and one row per source package and vulnerability, without escape sequences', async () => {
    const { code, stdout, stderr } = await scan(image);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(`${image}  linux/amd64`);
    expect(lines[1]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(lines[2]).toBe('Alpine Linux v3.20 · 3 layers · 4 packages (3 apk, 1 npm)');
    expect(stdout).toContain('ASSESSED  everything found was compared');
    expect(stdout).toContain('4 in all, 4 with a fix, 1 known exploited');
    expect(stdout).toMatch(
      / 1\. upgrade openssl 3\.3\.1-r3 to 3\.3\.2-r0 in layer 1 \(RUN apk .*\): removes 1 finding, 1 of them known exploited/,
    );
    expect(lines.filter((line) => /CVE-\d+-\d+/.test(line))).toHaveLength(4);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
    expect(stdout).not.toContain('\u001b');
  });

  it('shows package, path, layer and advisory under each row with --evidence', async () => {
    const { stdout } = await scan(image, '--evidence');
    expect(stdout).toContain('/srv/app/node_modules/lodash/package.json (layer 2, COPY app /srv/app)');
    expect(stdout).toContain('GHSA-jf85-cpcp-j695 (osv): lodash < 4.17.12 (semver)');
  });
});

describe('exit codes', () => {
  it.each([
    ['0: assessed, no limit set', [], 0],
    ['1: a critical finding', ['--fail-on', 'critical'], 1],
    ['1: an unknown severity counts as low', ['--fail-on', 'low'], 1],
    ['3: data older than five days', ['--db', old], 3],
    ['3: outranks 1', ['--db', old, '--fail-on', 'critical'], 3],
    ['0: the limit is longer', ['--db', old, '--max-age-days', '30'], 0],
    ['0: stale is allowed', ['--db', old, '--allow', 'stale'], 0],
    ['1: stale is allowed and a finding is not', ['--db', old, '--allow', 'partial,stale', '--fail-on', 'high'], 1],
  ] as const)('%s', async (_, flags, code) => {
    expect((await scan(image, ...flags)).code).toBe(code);
  });

  it('2: a severity that does not exist, said with those that do', async () => {
    const { code, stderr, stdout } = await scan(image, '--fail-on', 'hihg');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--fail-on must be one of critical, high, medium');
  });

  it('3: an image without a known distribution and package is unassessable, not clean', async () => {
    await writeImages(join(home, 'empty'), {
      name: 'empty',
      platform: { os: 'linux', architecture: 'amd64' },
      layers: [],
    });
    const { code, stdout } = await scan(`oci:${join(home, 'empty')}`, '-o', 'json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'unassessable', causes: [{ code: 'distribution/unknown' }] });
    const table = await scan(`oci:${join(home, 'empty')}`, '--allow', 'unassessable');
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('Findings  not known: nothing could be compared');
  });

  it('3: packages of an ecosystem without data are named, the rest is assessed', async () => {
    const list = join(home, 'list.txt');
    writeFileSync(list, 'pkg:npm/lodash@4.17.4\r\n\n# comment\npkg:deb/debian/bash@5.2?distro=debian-12\n');
    const { code, stdout } = await scan(`purls:${list}`, '-o', 'json');
    expect(code).toBe(3);
    const report = JSON.parse(stdout) as { state: string; causes: { code: string }[]; findings: unknown[] };
    expect(report.state).toBe('partial');
    expect(report.causes.map((cause) => cause.code)).toContain('feed/missing');
    expect(report.findings).toHaveLength(1);
  });

  it('4: a subject that is not there names every attempt', async () => {
    const { code, stderr } = await scan('./nowhere', '--offline');
    expect(code).toBe(4);
    expect(stderr).toMatch(/Tried as a path: .*; as an image in a registry: /);
    expect(stderr.split('\n')[1]).toContain('Name the source with a prefix');
  });

  it('4: a database that is not there, with the remedy', async () => {
    const { code, stderr } = await plombe(['scan', image, '--db', join(home, 'no-db')]);
    expect(code).toBe(4);
    expect(stderr).toContain('[database/missing]\n  Run `plombe db update`');
  });
});

describe('subjects', () => {
  it('reads package URLs from standard input and from the command line', async () => {
    const fromInput = await plombe(['scan', 'purls:-', '--db', database, '-o', 'json'], {
      stdin: 'pkg:apk/alpine/libssl3@3.3.1-r3?distro=alpine-3.20&upstream=openssl\n',
    });
    expect(fromInput.code).toBe(0);
    expect(JSON.parse(fromInput.stdout)).toMatchObject({ findings: [{ vulnerability: 'CVE-2024-6119' }] });
    const direct = await scan('purl:pkg:npm/lodash@4.17.21', '-o', 'json', '--fail-on', 'negligible');
    expect(direct.code).toBe(0);
    expect(JSON.parse(direct.stdout)).toMatchObject({ state: 'assessed', findings: [] });
  });

  it('a line that is no package URL makes the list partial and is named', async () => {
    const { code, stdout } = await plombe(['scan', 'purls:-', '--db', database], {
      stdin: 'pkg:npm/lodash@4.17.4\nnonsense\u001b[31m\n',
    });
    expect(code).toBe(3);
    expect(stdout).toContain('Line 2 is not a package URL with a version: nonsense\\u{1b}[31m');
    expect(stdout.match(/Line 2/g)).toHaveLength(1);
  });

  it('--all-platforms scans each platform into a file of its own', async () => {
    const { code } = await scan(`${subject}:two`, '--all-platforms', '-o', `json=${join(home, 'platforms.json')}`);
    expect(code).toBe(0);
    const files = readdirSync(home).filter((name) => name.startsWith('platforms'));
    expect(files).toEqual(['platforms.linux-amd64.json', 'platforms.linux-arm64.json']);
    const one = await scan(`${subject}:two`, '--platform', 'linux/arm64', '-o', 'json');
    expect(JSON.parse(one.stdout)).toMatchObject({ subject: { platform: { architecture: 'arm64' } } });
  });

  it.skipIf(!hasProgram('skopeo'))('gives the same findings for layout, docker archive and tar of either', async () => {
    const archive = join(home, 'image.tar');
    await writeImages(join(home, 'gzip'), gzipped(alpineImage('app')));
    const copy = ['copy', '--quiet', '--insecure-policy', `oci:${join(home, 'gzip')}:app`];
    execFileSync('skopeo', [...copy, `docker-archive:${archive}:example.org/app:1`]);
    execFileSync('skopeo', [...copy, `oci-archive:${join(home, 'layout.tar')}:app`]);
    const rows = async (text: string): Promise<string> => {
      const { code, stdout } = await scan(text, '-o', 'json');
      expect(code).toBe(0);
      const { findings } = JSON.parse(stdout) as { findings: { vulnerability: string; packages: string[] }[] };
      return findings.map((finding) => `${finding.vulnerability} ${finding.packages.join()}`).join('\n');
    };
    const expected = await rows(image);
    expect(await rows(`docker-archive:${archive}`)).toBe(expected);
    expect(await rows(archive)).toBe(expected);
    expect(await rows(join(home, 'layout.tar'))).toBe(expected);
  });

  it.skipIf(sharedPath('images') === undefined)(
    'reads real root file systems with the starter database and says so',
    async () => {
      const path = sharedPath('images/alpine-minirootfs-3.14.10-x86_64.tar.gz') ?? '';
      const { code, stdout } = await plombe(['scan', `tar:${path}`]);
      expect(code).toBe(3);
      expect(stdout).toMatch(
        /^Data {6}starter database, oldest data of \d{4}-\d\d-\d\d\. Replace it .*: plombe db update$/m,
      );
      expect(stdout.indexOf('NOT FULLY ASSESSED')).toBeLessThan(stdout.indexOf('Findings'));
    },
  );
});

describe('explain', () => {
  const explain = (id: string, text = image) => plombe(['explain', id, text, '--db', database]);

  it('says why it matched, by which advisory, and where the package is', async () => {
    const { code, stdout } = await explain('GHSA-jf85-cpcp-j695');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^CVE-2019-10744 \(also GHSA-jf85-cpcp-j695\) in oci:/);
    expect(stdout).toMatch(
      /^affected +lodash 4\.17\.4 +GHSA-jf85-cpcp-j695 \(osv\) +4\.17\.12 +4\.17\.4 is in < 4\.17\.12 \(semver\)$/m,
    );
    expect(stdout).toContain('/srv/app/node_modules/lodash/package.json in layer 2');
  });

  it('says why it did not match', async () => {
    const { code, stdout } = await explain('CVE-2019-10744', 'purl:pkg:npm/lodash@4.17.21');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^not in range +lodash 4\.17\.21 +GHSA-jf85-cpcp-j695/m);
  });

  it('says what was not assessed, and does not call that an answer', async () => {
    const folder = join(home, 'old-data');
    await plombe(['db', 'build', '--from', join(home, 'old-feeds'), '--db', folder]);
    const old = ['explain', 'CVE-2019-10744', 'purl:pkg:npm/lodash@4.17.21', '--db', folder];
    const { code, stdout } = await plombe(old);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^NOT FULLY ASSESSED: stale$/m);
    expect((await plombe([...old, '--allow', 'stale'])).code).toBe(0);
  });

  it('says what a package is, where it lies and what is known of it', async () => {
    for (const name of ['lodash', 'lodash@4.17.4', 'pkg:npm/lodash']) {
      const { code, stdout } = await explain(name);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^npm lodash 4\.17\.4$/m);
      expect(stdout).toMatch(/^ {2}Where +\/srv\/app\/node_modules\/lodash\/package\.json in layer 2/m);
      expect(stdout).toMatch(/^ {2}Compared +1 vulnerability is known$/m);
      expect(stdout).toContain('CVE-2019-10744 (critical), fixed in 4.17.12');
    }
  });

  it('takes the name of the source too, which is what the findings of a distribution are told by', async () => {
    const libcurl = 'purl:pkg:deb/debian/libcurl4@7.88.1-10?distro=debian-12&upstream=curl';
    for (const name of ['curl', 'curl@7.88.1-10']) {
      const { stdout } = await explain(name, libcurl);
      expect(stdout).toMatch(/^deb debian\/libcurl4 7\.88\.1-10$/m);
      expect(stdout).toMatch(/^ {2}Built from +curl 7\.88\.1-10, which advisories name$/m);
    }
  });

  it('says what the database knows of a vulnerability, without a subject', async () => {
    const { code, stdout } = await plombe(['explain', 'GHSA-jf85-cpcp-j695', '--db', database]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CVE-2019-10744 \(also GHSA-jf85-cpcp-j695\)$/m);
    expect(stdout).toMatch(/^npm +lodash +affected +< 4\.17\.12 \(semver\) +GHSA-jf85-cpcp-j695 \(osv\)$/m);
    const unknown = await plombe(['explain', 'CVE-1999-0001', '--db', database]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('The advisory database does not know CVE-1999-0001. [config/invalid]');
  });

  it('says what a code means and what to do', async () => {
    const { code, stdout } = await plombe(['explain', 'archive/limit']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/A limit on size.*\n\n {2}What to do: [\s\S]*exit code 4/);
  });

  it('says what no advisory names, and what there is no data for', async () => {
    const unknown = await explain('CVE-1999-0001');
    expect([unknown.code, unknown.stdout]).toEqual([0, expect.stringContaining('No advisory for the ecosystems')]);
    const missing = await explain('CVE-2019-10744', 'purl:pkg:pypi/django@3.2');
    expect([missing.code, missing.stdout]).toEqual([3, expect.stringContaining('There is no advisory data for PyPI')]);
  });
});

it('looks for packages of the distribution only where that is asked, and says that it did', async () => {
  const { code, stdout } = await plombe(['scan', image, '--db', database, '--packages', 'system', '-o', 'json']);
  const report = JSON.parse(stdout) as { packages: readonly { type: string }[]; causes: readonly { code: string }[] };
  expect(code).toBe(3);
  expect([...new Set(report.packages.map(({ type }) => type))]).toEqual(['apk']);
  expect(report.causes).toContainEqual(expect.objectContaining({ code: 'package/only-system' }));
  expect((await plombe(['sbom', image, '--packages', 'some'])).code).toBe(2);
});

describe('outputs', () => {
  it('writes every report asked for in one run, each valid by its published schema', async () => {
    const path = (name: string): string => join(home, `out.${name}`);
    const formats = ['json', 'cyclonedx', 'spdx', 'sarif'];
    const { code, stdout } = await scan(image, '-o', 'table', ...formats.flatMap((id) => ['-o', `${id}=${path(id)}`]));
    expect(code).toBe(0);
    expect(stdout).toContain('Do these 3 first');
    for (const id of formats) {
      const validate = validatorOf(id);
      if (validate !== undefined) expect(validate(JSON.parse(readFileSync(path(id), 'utf8')))).toEqual([]);
    }
  });

  it('CycloneDX carries state, cause, layers, paths and vulnerabilities with ratings, aliases and what they affect', async () => {
    const { stdout } = await scan(image, '-o', 'cyclonedx', '--db', old);
    const bom = JSON.parse(stdout) as CycloneDx;
    const properties = (list: readonly Property[]): Record<string, string> =>
      Object.fromEntries(list.map(({ name, value }) => [name, value]));
    const metadata = properties(bom.metadata.properties);
    expect(metadata['plombe:state']).toBe('stale');
    expect(metadata['plombe:cause']).toContain('feed/stale');
    const packages = bom.components.filter(({ purl }) => purl !== undefined);
    expect(packages).toHaveLength(4);
    for (const found of packages) {
      expect(properties(found.properties)).toMatchObject({
        'plombe:layer:diffID': expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
        'plombe:layer:index': expect.stringMatching(/^[012]$/) as string,
        'plombe:path': expect.stringMatching(/installed|package\.json/) as string,
      });
    }
    const lodash = packages.find(({ name }) => name === 'lodash');
    const flaw = bom.vulnerabilities.find(({ id }) => id === 'CVE-2019-10744');
    expect(flaw?.affects.map(({ ref }) => ref)).toEqual([lodash?.['bom-ref']]);
    expect(flaw?.references.map(({ id }) => id)).toContain('GHSA-jf85-cpcp-j695');
    expect(flaw?.ratings[0]).toMatchObject({ severity: 'critical' });
  });

  it('sbom writes the inventory alone', async () => {
    const { code, stdout } = await plombe(['sbom', image, '-o', 'spdx', '-o', `cyclonedx=${join(home, 'sbom.json')}`]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { spdxVersion: string }).spdxVersion).toBe('SPDX-2.3');
    const bom = JSON.parse(readFileSync(join(home, 'sbom.json'), 'utf8')) as Partial<CycloneDx>;
    expect(bom.vulnerabilities ?? []).toEqual([]);
    expect(bom.metadata?.properties).toContainEqual({ name: 'plombe:state', value: 'assessed' });
    expect(validatorOf('spdx')?.(JSON.parse(stdout)) ?? []).toEqual([]);
  });

  it('never replaces a device, refuses a folder that is not there before the work, and leaves no half report', async () => {
    expect((await scan(image, '-o', 'json=/dev/null')).code).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    const refused = await scan(image, '-o', `json=${home}/no/such/out.json`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`there is no folder ${home}/no/such`);
    const twice = await scan(image, '-o', 'table', '-o', 'json');
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('Only one report can go to standard output');
    expect(existsSync(`${home}/no`)).toBe(false);
  });

  it('the same subject and data give the same bytes, cold and from the cache', async () => {
    const run = async (): Promise<string> => (await scan(image, '-o', 'json')).stdout.replace(/"scannedAt": ".*"/, '');
    const cold = await run();
    expect(await run()).toBe(cold);
    expect(readdirSync(join(home, 'cache', 'layers')).length).toBeGreaterThan(0);
  });
});

interface Property {
  readonly name: string;
  readonly value: string;
}

interface CycloneDx {
  readonly metadata: { readonly properties: readonly Property[] };
  readonly components: readonly {
    readonly name: string;
    readonly purl?: string;
    readonly 'bom-ref': string;
    readonly properties: readonly Property[];
  }[];
  readonly vulnerabilities: readonly {
    readonly id: string;
    readonly affects: readonly { readonly ref: string }[];
    readonly references: readonly { readonly id: string }[];
    readonly ratings: readonly { readonly severity: string }[];
  }[];
}
