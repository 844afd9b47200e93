// VEX documents of three formats take findings away, in a scan and in a saved report alike, and never in silence.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { csafOf, cycloneDxOf, openVexOf, type Said } from '../packages/advisories/src/testing/vex.ts';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, hostileText, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { validatorOf } from './support/schemas.ts';

const home = temporaryFolder();
const plombe = installed(home);

interface Saved {
  readonly state: string;
  readonly subject: { readonly digest: string };
  readonly findings: readonly { readonly vulnerability: string; readonly packageName: string }[];
  readonly suppressed: readonly { readonly vulnerability: string; readonly reason: string; readonly vex?: object }[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
}

const write = (name: string, document: object): string => {
  writeFileSync(join(home, name), JSON.stringify(document));
  return name;
};
const report = (text: string): Saved => JSON.parse(text) as Saved;
const idsOf = ({ findings }: Saved): readonly string[] => findings.map(({ vulnerability }) => vulnerability).sort();

const lodash: Said = {
  vulnerability: 'CVE-2019-10744',
  product: 'pkg:npm/lodash@4.17.4',
  status: 'not_affected',
  justification: 'vulnerable_code_not_present',
  text: 'defaultsDeep is not used',
};

let all: Saved;
beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await writeImages(join(home, 'layout'), alpineImage('app:1'));
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  expect((await plombe(['scan', 'oci:layout', '--db', 'db', '-o', 'json=all.json'])).code).toBe(0);
  all = report(readFileSync(join(home, 'all.json'), 'utf8'));
  expect(idsOf(all)).toContain('CVE-2019-10744');
});

describe.each([
  ['OpenVEX', openVexOf(lodash)],
  ['CycloneDX', cycloneDxOf(lodash)],
  ['CSAF', csafOf(lodash)],
])('%s', (name, document) => {
  it('takes the finding away with its reason, and the state stays', async () => {
    const path = write(`${name}.json`, document);
    const scan = ['scan', 'oci:layout', '--db', 'db', '--vex', path];
    const { code, stdout } = await plombe([...scan, '-o', 'json=some.json', '--fail-on', 'critical']);
    expect([code, stdout]).toEqual([0, '']);
    const text = readFileSync(join(home, 'some.json'), 'utf8');
    const some = report(text);
    expect(validatorOf('json')?.(JSON.parse(text))).toEqual([]);
    expect([some.state, idsOf(some)]).toEqual([all.state, idsOf(all).filter((id) => id !== 'CVE-2019-10744')]);
    expect(some.suppressed.filter(({ vex }) => vex !== undefined)).toMatchObject([
      {
        vulnerability: 'CVE-2019-10744',
        reason: `not affected: vulnerable code not present, defaultsDeep is not used (--vex ${path})`,
        vex: { status: 'not_affected', justification: 'vulnerable_code_not_present', author: 'Security team' },
      },
    ]);
    const shown = (await plombe([...scan, '--show-suppressed'])).stdout;
    expect(shown).toContain('1 finding left out (--vex)');
    expect(shown).toMatch(/^CVE-2019-10744 +npm\/lodash@4\.17\.4 +not affected: vulnerable code not present/m);
    const asked = ['-o', 'cyclonedx=vex.cdx', '-o', 'sarif=vex.sarif'];
    expect((await plombe([...scan, '--show-suppressed', ...asked])).code).toBe(0);
    const cdx = JSON.parse(readFileSync(join(home, 'vex.cdx'), 'utf8')) as object;
    expect(validatorOf('cyclonedx')?.(cdx)).toEqual([]);
    expect(JSON.stringify(cdx)).toContain('"analysis":{"state":"not_affected","justification":"code_not_present"');
    // What one scan says not to count is VEX for the next.
    const again = report((await plombe(['scan', 'oci:layout', '--db', 'db', '--vex', 'vex.cdx', '-o', 'json'])).stdout);
    expect(idsOf(again)).toEqual(idsOf(some));
    // A saved report of all gives the same.
    const converted = await plombe(['convert', 'all.json', '--vex', path, '-o', 'json']);
    const { diagnostics, ...rest } = JSON.parse(converted.stdout) as Saved;
    const { scannedAt: _, ...expected } = JSON.parse(text) as Saved & { readonly scannedAt: string };
    expect({ ...rest, diagnostics }).toMatchObject(expected);
  });
});

it('of the image by digest, for one part of it; of another image it takes nothing, and says so', async () => {
  const image = `pkg:oci/app@${all.subject.digest}`;
  const openssl: Said = { ...lodash, vulnerability: 'CVE-2024-6119', product: 'pkg:apk/alpine/libssl@3.3.1-r3', image };
  const mine = write('mine.json', openVexOf(openssl, { ...lodash, image, product: 'pkg:npm/lodash' }));
  const some = report((await plombe(['scan', 'oci:layout', '--db', 'db', '-o', 'json', '--vex', mine])).stdout);
  const left = idsOf(all).filter((id) => !['CVE-2024-6119', 'CVE-2019-10744'].includes(id));
  expect([idsOf(some), some.diagnostics]).toEqual([left, all.diagnostics]);
  const other = write('other.json', openVexOf({ ...openssl, image: `pkg:oci/app@sha256:${'0'.repeat(64)}` }));
  const { code, stdout } = await plombe(['scan', 'oci:layout', '--db', 'db', '--vex', other, '--fail-on', 'low']);
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Note --vex other.json: 1 of 1 statements came to nothing: 1 about nothing that is here (CVE-2024-6119 of pkg:apk/alpine/libssl@3.3.1-r3 in pkg:oci/app@sha256:',
  );
});

it('texts of a document are inert, and it is read once for every platform', async () => {
  await writeImages(join(home, 'both'), alpineImage('app:1'), alpineImage('app:1', 'arm64'));
  const hostile = write('hostile.json', openVexOf({ ...lodash, text: hostileText, vulnerability: 'CVE-2019-10744' }));
  const scan = ['scan', 'oci:both', '--all-platforms', '--db', 'db', '--vex', hostile, '--show-suppressed'];
  const { code, stdout } = await plombe(scan);
  expect(code).toBe(0);
  expect(stdout.match(/1 finding left out \(--vex\)/g)?.length).toBe(2);
  expect(stdout).not.toMatch(/\u001b|\u202e|^::set-env/m);
});

it('what is no VEX document, is not there or would leave something out of a record is a mistake, told before the work', async () => {
  writeFileSync(join(home, 'no.json'), '{"matches":[]}');
  for (const [args, said] of [
    [['--vex', 'no.json'], 'no.json is not used as VEX: it is neither OpenVEX, CycloneDX nor CSAF'],
    [['--vex', 'absent.json'], 'The VEX document absent.json cannot be read'],
    [['--vex', write('v.json', openVexOf(lodash)), '--record', '--ledger', 'ledger'], '--vex leaves some out'],
  ] as const) {
    const { code, stderr } = await plombe(['scan', 'oci:nothing', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  }
});
