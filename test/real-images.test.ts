// Reports of images of real software: each valid by its published schema, and all saying the same.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtFixture } from './support/fixtures.ts';
import { hasProgram, installed, launcher, temporaryFolder } from './support/plombe.ts';
import { validatorOf } from './support/schemas.ts';

const home = temporaryFolder();
const plombe = installed(home);
const hasScript = hasProgram('script');
const formats = ['json', 'cyclonedx', 'spdx', 'sarif'] as const;
const validators = Object.fromEntries(formats.map((id) => [id, validatorOf(id)]));

interface Reports {
  readonly json: {
    readonly state: string;
    readonly packages: readonly { readonly purl: string; readonly evidence: readonly unknown[] }[];
    readonly findings: readonly { readonly vulnerability: string; readonly packages: readonly string[] }[];
    readonly actions: readonly unknown[];
  };
  readonly cyclonedx: {
    readonly metadata: { readonly properties: readonly { readonly name: string; readonly value: string }[] };
    readonly components: readonly { readonly purl?: string; readonly 'bom-ref': string }[];
    readonly vulnerabilities: readonly { readonly id: string; readonly affects: readonly { readonly ref: string }[] }[];
  };
  readonly spdx: { readonly packages: readonly { readonly externalRefs?: readonly { referenceLocator: string }[] }[] };
  readonly sarif: { readonly runs: readonly { readonly results: readonly { readonly ruleId: string }[] }[] };
}

const images = [
  'alpine-3.10',
  'alpine-3.20',
  'debian-minimal',
  'npm-1000',
  'python-80',
  'go-binaries',
  'scratch-empty',
];

describe.each(images)('%s', (id) => {
  const layout = builtFixture(id);

  it.skipIf(layout === undefined)('gives valid reports that agree', async () => {
    const file = (format: string): string => join(home, `${id}.${format}`);
    const outputs = formats.flatMap((format) => ['-o', `${format}=${file(format)}`]);
    const { code, stdout, stderr } = await plombe(['scan', `oci:${layout}`, ...outputs]);
    // The starter database is old: never 0.
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: '' });
    const reports = Object.fromEntries(
      formats.map((format) => [format, JSON.parse(readFileSync(file(format), 'utf8'))]),
    );
    for (const format of formats) expect([format, validators[format]?.(reports[format]) ?? []]).toEqual([format, []]);

    const { json, cyclonedx, spdx, sarif } = reports as unknown as Reports;
    const purls = json.packages.map(({ purl }) => purl).sort();
    expect(cyclonedx.components.flatMap(({ purl }) => purl ?? []).sort()).toEqual(purls);
    const locators = spdx.packages.flatMap(({ externalRefs = [] }) => externalRefs.map((ref) => ref.referenceLocator));
    expect(locators.filter((locator) => locator.startsWith('pkg:')).sort()).toEqual(purls);
    for (const { evidence } of json.packages) expect(evidence).not.toEqual([]);

    const ids = json.findings.map(({ vulnerability }) => vulnerability);
    expect(cyclonedx.vulnerabilities.map((flaw) => flaw.id)).toEqual(ids);
    expect(sarif.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(ids);
    const known = new Set(cyclonedx.components.map((component) => component['bom-ref']));
    for (const { affects } of cyclonedx.vulnerabilities) for (const { ref } of affects) expect(known).toContain(ref);
    expect(cyclonedx.metadata.properties).toContainEqual({ name: 'plombe:state', value: json.state });
    expect(json.actions.length).toBeLessThanOrEqual(10);
  });

  it.skipIf(layout === undefined || !hasScript)('fits a terminal of 80 columns and a log of 120', async () => {
    const longest = (text: string): number =>
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      );
    expect(longest((await plombe(['scan', `oci:${layout}`, '--evidence'])).stdout)).toBeLessThanOrEqual(120);
    const shell = ['script', '-qec', `stty cols 80; ${launcher} scan -q --evidence oci:${layout} || true`, '/dev/null'];
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, TERM: 'xterm' };
    const { stdout } = spawnSync(shell[0] as string, shell.slice(1), { env, encoding: 'utf8' });
    expect(stdout).toContain('\u001b[');
    expect(longest(stdout.replaceAll(/\r|\u001b\[\d+m/g, ''))).toBeLessThanOrEqual(80);
  });
});
