// `sbom:` as a subject, through the program: what is scanned, written as SBOM and scanned again is the same; what cannot be done is said.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtFixture } from './support/fixtures.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const hasSyft = hasProgram('syft');
const file = (name: string): string => join(home, name);

interface Report {
  readonly subject: object;
  readonly state: string;
  readonly packages: readonly { readonly purl: string; readonly licences: readonly string[] }[];
  readonly findings: readonly {
    readonly vulnerability: string;
    readonly packageName: string;
    readonly packageVersion: string;
  }[];
  readonly diagnostics: readonly { readonly code: string }[];
}

async function report(subject: string, stdin?: string): Promise<Report> {
  const { code, stdout, stderr } = await plombe(['scan', subject, '-o', 'json'], stdin === undefined ? {} : { stdin });
  // The starter database is old: never 0.
  expect([code, stderr]).toEqual([3, '']);
  return JSON.parse(stdout) as Report;
}

/** Everything but what names the subject, and licences, which are written by their ids in the SPDX list. */
function said(one: Report): object {
  const {
    subject: _,
    scannedAt: __,
    config: ___,
    packages,
    ...rest
  } = one as Report & { scannedAt: string; config: object };
  return { ...rest, packages: packages.map((item) => ({ ...item, licences: [] })) };
}

describe.each(['multi-layer-apk', 'debian-minimal', 'python-80', 'go-binaries', 'java-400'])('%s', (id) => {
  const layout = builtFixture(id);

  it.skipIf(layout === undefined)('has the same findings through either format', async () => {
    const written = await plombe([
      'sbom',
      `oci:${layout}`,
      '-o',
      `cyclonedx=${file(`${id}.cdx`)}`,
      '-o',
      `spdx=${file(`${id}.spdx`)}`,
    ]);
    expect(written.stderr).toBe('');
    const image = await report(`oci:${layout}`);
    for (const format of ['cdx', 'spdx'])
      expect(said(await report(`sbom:${file(`${id}.${format}`)}`))).toEqual(said(image));
    // One format into the other loses nothing either.
    await plombe(['sbom', `sbom:${file(`${id}.cdx`)}`, '-o', `spdx=${file(`${id}.again`)}`]);
    expect(said(await report(`sbom:${file(`${id}.again`)}`))).toEqual(said(image));
  });

  it.skipIf(layout === undefined || !hasSyft || id === 'java-400' || id === 'go-binaries')(
    "has the same findings through Syft's",
    async () => {
      const formats = ['cyclonedx-json', 'cyclonedx-xml', 'spdx-json', 'spdx-tag-value'].map(
        (format) => `${format}=${file(`${id}.${format}`)}`,
      );
      const { status } = spawnSync(
        'syft',
        ['scan', '-q', `oci-dir:${layout}`, ...formats.flatMap((format) => ['-o', format])],
        {
          env: { PATH: process.env['PATH'] ?? '', HOME: home, SYFT_FILE_METADATA_SELECTION: 'none' },
        },
      );
      expect(status).toBe(0);
      const keys = ({ findings }: Report): string[] =>
        findings
          .map(({ vulnerability, packageName, packageVersion }) => `${vulnerability} ${packageName} ${packageVersion}`)
          .sort();
      const image = keys(await report(`oci:${layout}`));
      for (const format of formats)
        expect([format, keys(await report(`sbom:${format.split('=')[1]}`))]).toEqual([format, image]);
    },
  );
});

describe('subjects', () => {
  const bom = (components: readonly object[]): string =>
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components });
  const lodash = { type: 'library', name: 'lodash', version: '4.17.4', purl: 'pkg:npm/lodash@4.17.4' };

  it('are read from standard input, and without a prefix by what is in them', async () => {
    writeFileSync(file('no-suffix'), bom([lodash]));
    const found = await report(`sbom:${file('no-suffix')}`);
    expect(found.findings.length).toBeGreaterThan(0);
    const ids = found.findings.map(({ vulnerability }) => vulnerability);
    for (const again of [await report('sbom:-', bom([lodash])), await report(file('no-suffix'))])
      expect(again.findings.map(({ vulnerability }) => vulnerability)).toEqual(ids);
    expect(
      (await plombe(['scan', `sbom:${file('no-suffix')}`, '--fail-on', 'high', '--allow', 'stale,partial'])).code,
    ).toBe(1);
  });

  it('are taken by explain, diff and policy', async () => {
    writeFileSync(file('before'), bom([lodash]));
    writeFileSync(file('after'), bom([{ ...lodash, version: '4.17.21', purl: 'pkg:npm/lodash@4.17.21' }]));
    const explained = await plombe(['explain', 'CVE-2019-10744', `sbom:${file('before')}`]);
    expect([explained.code, explained.stdout]).toEqual([1, expect.stringContaining('lodash 4.17.4')]);
    const diff = await plombe(['diff', file('before'), `sbom:${file('after')}`, '--allow', 'stale,partial']);
    expect([diff.code, diff.stdout]).toEqual([1, expect.stringContaining('4.17.21')]);
    writeFileSync(
      file('policy.yaml'),
      'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: p}\nspec:\n  vulnerabilities: {maxSeverity: medium}\n',
    );
    const decided = await plombe(['policy', 'check', `sbom:${file('before')}`, '--policy', file('policy.yaml')]);
    expect([decided.code, decided.stdout]).toEqual([1, expect.stringMatching(/CVE-2019-10744 in\s+lodash/)]);
  });

  it('say what they do not say: never a silent zero', async () => {
    const { packages, state, diagnostics } = await report(
      'sbom:-',
      bom([lodash, { type: 'library', name: 'own', version: '1' }]),
    );
    expect([packages.length, state]).toEqual([2, 'partial']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['sbom/package-unknown']);
    const empty = await plombe(['scan', 'sbom:-'], { stdin: bom([]) });
    expect([empty.code, empty.stdout]).toEqual([3, expect.stringContaining('unassessable')]);
    const bare = await plombe(['scan', 'sbom:-', '--allow', 'stale'], {
      stdin: bom([{ ...lodash, purl: 'pkg:deb/debian/libssl3@3.0' }]),
    });
    expect([bare.code, bare.stdout]).toEqual([3, expect.stringContaining('source package')]);
  });

  it.each<[readonly string[], number, string]>([
    [['scan', 'sbom:absent.json'], 4, 'source/unreadable'],
    [['scan', 'sbom:broken'], 4, 'sbom/malformed'],
    [['sbom', 'sbom:broken'], 4, 'sbom/malformed'],
    [['fingerprint', 'sbom:broken'], 2, 'config/invalid'],
    [['scan', 'sbom:broken', '--attest', '--key', 'k'], 2, 'config/invalid'],
    [['scan', 'sbom:broken', '--record', '--ledger', 'l'], 2, 'config/invalid'],
    [['convert', 'whole'], 4, 'report/malformed'],
  ])('%j is refused', async (args, code, error) => {
    writeFileSync(file('broken'), '{"bomFormat":"CycloneDX"');
    writeFileSync(file('whole'), bom([lodash]));
    const outcome = await plombe(args);
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(`[${error}]`)]);
  });

  it('keep digest and layers of the image that they are about', async () => {
    const layout = builtFixture('multi-layer-apk');
    if (layout === undefined) return;
    await plombe(['sbom', `oci:${layout}`, '-o', `spdx=${file('image.spdx')}`]);
    copyFileSync(file('image.spdx'), file('renamed'));
    const { stdout } = await plombe(['layers', file('renamed')]);
    expect(stdout).toContain('RUN apk upgrade libcrypto3');
    const digest = (JSON.parse(readFileSync(`${layout}/index.json`, 'utf8')) as { manifests: { digest: string }[] })
      .manifests[0]?.digest;
    expect((await report(file('renamed'))).subject).toMatchObject({ source: 'sbom', digest });
  });
});
