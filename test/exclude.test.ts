// What `--exclude` leaves out is never a silent zero: it is named, and the state is partial.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTar } from '@plombe/formats/testing';
import { beforeAll, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, writeImages } from './support/images.ts';
import { installed, temporaryFolder, type Outcome } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);

interface Saved {
  readonly state: string;
  readonly complete: boolean;
  readonly causes: readonly { readonly code: string; readonly message: string }[];
  readonly packages: readonly { readonly name: string; readonly evidence: readonly { readonly path: string }[] }[];
  readonly findings: readonly object[];
}

const lock = (name: string): string =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: { '': { dependencies: { [name]: '1' } }, [`node_modules/${name}`]: { version: '4.17.4' } },
  });

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await writeImages(join(home, 'layout'), alpineImage('app:1'));
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  for (const [folder, name] of [
    ['.', 'debug'],
    ['web', 'chalk'],
    ['web/test/fixtures', 'lodash'],
  ] as const) {
    mkdirSync(join(home, 'tree', folder), { recursive: true });
    writeFileSync(join(home, 'tree', folder, 'package-lock.json'), lock(name));
  }
});

const scan = async (...args: readonly string[]): Promise<Outcome & { readonly report: Saved }> => {
  const outcome = await plombe(['scan', ...args, '--db', 'db', '-o', 'json']);
  return { ...outcome, report: JSON.parse(outcome.stdout) as Saved };
};

it('of a tree: the folder is named, the rest is there, and allowing it is a word of its own', async () => {
  const all = await scan('dir:tree');
  expect([all.code, all.report.state, all.report.findings.length]).toEqual([0, 'assessed', 1]);
  const some = await scan('dir:tree', '--exclude', '**/fixtures');
  expect([some.code, some.report.state, some.report.complete]).toEqual([3, 'partial', false]);
  expect(some.report.packages.map(({ name }) => name)).toEqual(['chalk', 'debug']);
  expect(some.report.causes).toMatchObject([
    { code: 'inventory/excluded', message: expect.stringContaining('left out 1 folder (/web/test/fixtures)') },
  ]);
  expect((await scan('dir:tree', '--exclude', '**/fixtures', '--allow', 'excluded')).code).toBe(0);
  expect((await scan('dir:tree', '--skip-dirs', '**/fixtures,docs', '--allow', 'excluded')).report.packages).toEqual(
    some.report.packages,
  );
  const { stdout } = await plombe(['scan', 'dir:tree', '--db', 'db', '--exclude', '**/fixtures', '--exclude', 'docs']);
  expect(stdout).toContain('NOT FULLY ASSESSED: partial');
  expect(stdout).toContain('Findings  none among what was assessed');
  expect(stdout).toContain('Note      --exclude docs left nothing out');
});

it('of a tree: single files, and everything', async () => {
  const { report } = await scan('dir:tree', '--skip-files', 'web/package-lock.json');
  expect(report.packages.map(({ name }) => name)).toEqual(['debug', 'lodash']);
  expect(report.causes[0]?.message).toContain('1 file (/web/package-lock.json) that packages are read from');
  const nothing = await scan('dir:tree', '--exclude', '**/*.json', '--allow', 'excluded');
  expect([nothing.code, nothing.report.state]).toEqual([3, 'unassessable']);
});

it('of an image: in the same layers from the cache, in an SBOM, and not where nothing of it is left out', async () => {
  for (const cache of ['cold', 'cold', 'warm']) {
    if (cache === 'warm') expect((await scan('oci:layout', '--cache', cache)).code).toBe(0);
    const { code, report } = await scan('oci:layout', '--cache', cache, '--exclude', 'srv/app');
    expect([code, report.state]).toEqual([3, 'partial']);
    expect(report.packages.map(({ name }) => name)).toEqual(['busybox', 'libssl', 'musl']);
    expect(report.causes[0]?.message).toContain('/srv/app/node_modules/lodash/package.json');
    // What was asked for once is not remembered for those who did not.
    expect((await scan('oci:layout', '--cache', cache)).report.packages.length).toBe(4);
  }
  const none = await scan('oci:layout', '--exclude', 'usr/share/doc');
  expect([none.code, none.report.state, none.report.packages.length]).toEqual([0, 'assessed', 4]);
  const sbom = ['sbom', 'oci:layout', '--exclude', 'srv/app', '-o', 'cyclonedx=sbom.json'];
  expect((await plombe(sbom)).code).toBe(3);
  expect(readFileSync(join(home, 'sbom.json'), 'utf8')).toContain('--exclude srv/app left out 1 file');
  expect((await plombe([...sbom, '--allow', 'excluded'])).code).toBe(0);
});

it('of an image: a link outside to what lies inside is still followed', async () => {
  const tar = writeTar([
    { path: 'opt/node_modules/lodash/package.json', content: JSON.stringify({ name: 'lodash', version: '4.17.4' }) },
    {
      path: 'srv/node_modules/lodash/package.json',
      type: 'hardlink',
      linkTarget: 'opt/node_modules/lodash/package.json',
    },
  ]);
  await writeImages(join(home, 'linked'), { ...alpineImage('app:1'), layers: [{ tar: [tar] }] });
  const { report } = await scan('oci:linked', '--exclude', 'opt');
  expect(report.packages.flatMap(({ evidence }) => evidence.map(({ path }) => path))).toEqual([
    'srv/node_modules/lodash/package.json',
  ]);
});

it.skipIf(process.getuid?.() === 0)(
  'of a tree: a folder that cannot be read is no failure once it is left out',
  async () => {
    mkdirSync(join(home, 'closed/secret'), { recursive: true });
    writeFileSync(join(home, 'closed/package-lock.json'), lock('debug'));
    chmodSync(join(home, 'closed/secret'), 0);
    expect((await scan('dir:closed', '--allow', 'excluded')).code).toBe(3);
    expect((await scan('dir:closed', '--allow', 'excluded', '--exclude', 'secret')).code).toBe(0);
  },
);

it('what is no pattern is a mistake, and nothing is recorded of a part', async () => {
  for (const pattern of ['', '/', '../x', '.']) {
    expect((await plombe(['scan', 'dir:tree', '--exclude', pattern])).code).toBe(2);
  }
  const recorded = await plombe(['scan', 'oci:layout', '--record', '--ledger', 'ledger', '--exclude', 'srv']);
  expect([recorded.code, recorded.stderr]).toEqual([2, expect.stringContaining('--exclude leaves some out')]);
});

it('a policy judges the whole, whatever plombe.yaml leaves out of scans', async () => {
  const spec = '{vulnerabilities: {maxSeverity: low}}';
  writeFileSync(
    join(home, 'gate.yaml'),
    `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: gate}\nspec: ${spec}\n`,
  );
  const env = { PLOMBE_EXCLUDE: 'srv/app,lib' };
  const scanned = await plombe(['scan', 'oci:layout', '--db', 'db', '-o', 'json'], { env });
  expect((JSON.parse(scanned.stdout) as Saved).packages).toEqual([]);
  const check = ['policy', 'check', 'oci:layout', '--policy', 'gate.yaml', '--db', 'db', '-o', 'json'];
  const { code, stdout } = await plombe(check, { env });
  expect([code, stdout]).toEqual([1, expect.stringContaining('CVE-2019-10744')]);
});
