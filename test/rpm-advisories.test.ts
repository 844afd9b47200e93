// Distributions of rpm packages from a root that rpm itself filled to findings, through the program: whose advisories count, and which of them.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { vexDocument, type VexPart } from '../packages/advisories/src/testing/csaf.ts';
import { by } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';

const canBuild = hasProgram('rpm') && hasProgram('rpmbuild');
const home = temporaryFolder();
const plombe = installed(home);

const write = (path: string, content: string | object): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
};

const spec = (name: string, version: string, rest = '', parts = '') => `
Name: ${name}
Version: ${version.split('-')[0] as string}
Release: ${version.split('-')[1] as string}
${rest}
Summary: s
License: MIT
%description
d
${parts}
%files
`;
const part = (name: string) => `%package -n ${name}\nSummary: s\n%description -n ${name}\nd\n%files -n ${name}\n`;

/** Packages with epoch, module, tilde and caret, a source of another name, and a kernel installed twice. */
const specs: Readonly<Record<string, string>> = {
  openssl: spec('openssl', '3.0.7-17.el9', 'Epoch: 1', part('openssl-libs')),
  nodejs: spec('nodejs', '16.20.1-1.module+el9.2.0+1+abc', 'Epoch: 1\nModularityLabel: nodejs:16:9020020230801:rhel9'),
  epochy: spec('epochy', '1.2~rc1^git-3'),
  'kernel-old': spec('kernel-core', '5.14.0-70.el9'),
  'kernel-new': spec('kernel-core', '5.14.0-362.el9'),
};

function makeRoot(): void {
  const defines = ['--define', `_topdir ${join(home, 'top')}`];
  for (const [name, text] of Object.entries(specs)) {
    write(`${name}.spec`, text);
    execFileSync('rpmbuild', ['-bb', '--quiet', '--target', 'x86_64', ...defines, join(home, `${name}.spec`)], {
      stdio: 'ignore',
    });
  }
  const files = readdirSync(join(home, 'top/RPMS'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.rpm'),
  );
  const database = ['--dbpath', join(home, 'root/var/lib/rpm')];
  mkdirSync(join(home, 'root/var/lib/rpm'), { recursive: true });
  const install = ['-i', '--justdb', '--nodeps', '--ignorearch', '--force'];
  execFileSync('rpm', [...database, ...install, ...files.map((name) => join(home, 'top/RPMS', name))], {
    stdio: 'ignore',
  });
}

const main9 = { product: 'BaseOS-9.4', cpe: 'cpe:/o:redhat:enterprise_linux:9::baseos' };
const unfixed9 = { product: 'red_hat_enterprise_linux_9', cpe: 'cpe:/o:redhat:enterprise_linux:9' };
const eus = { product: 'BaseOS-9.2.0.Z.EUS', cpe: 'cpe:/o:redhat:rhel_eus:9.2::baseos' };
const rpm = (name: string, version = '', rest = '') =>
  `pkg:rpm/redhat/${name}${version && `@${version}`}?arch=${version ? 'x86_64' : 'src'}${rest}`;

function vex(id: string, parts: readonly VexPart[], vulnerability: object = {}): void {
  write(`feeds/redhat/${id.toLowerCase()}.json`, vexDocument(parts, vulnerability, id));
}

function writeRedHat(): void {
  vex('CVE-2024-1001', [
    { status: 'fixed', ...main9, purl: rpm('openssl-libs', '3.0.7-27.el9', '&epoch=1') },
    { status: 'fixed', ...eus, purl: rpm('openssl-libs', '3.0.7-16.el9_2', '&epoch=1') },
  ]);
  vex('CVE-2024-1002', [{ status: 'known_affected', ...unfixed9, purl: rpm('openssl') }], {
    remediations: [
      { category: 'no_fix_planned', details: 'Will not fix', product_ids: ['red_hat_enterprise_linux_9:openssl'] },
    ],
  });
  vex('CVE-2024-1003', [{ status: 'known_not_affected', ...unfixed9, purl: rpm('openssl') }]);
  const node = '1.module%2Bel9.4.0%2B9%2Babc';
  vex('CVE-2024-1004', [
    { status: 'fixed', ...main9, purl: rpm('nodejs', `16.20.2-${node}`, '&epoch=1&rpmmod=nodejs:16:94:rhel9') },
  ]);
  vex('CVE-2024-1005', [
    { status: 'fixed', ...main9, purl: rpm('nodejs', `18.20.2-${node}`, '&epoch=1&rpmmod=nodejs:18:94:rhel9') },
  ]);
  vex('CVE-2024-1006', [{ status: 'fixed', ...main9, purl: rpm('kernel-core', '5.14.0-300.el9') }]);
}

const criterion = (comment: string) => `<criterion comment="${comment}"/>`;
const onArchitecture = (arch: string, fix: string) =>
  `<criteria operator="AND">${criterion(`Oracle Linux arch is ${arch}`)}<criteria operator="AND">${criterion(fix)}</criteria></criteria>`;

function writeOracle(): void {
  const definition = (id: string, body: string) =>
    `<definition id="oval:${id}"><metadata><title>${id}: x (IMPORTANT)</title><reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/></metadata><criteria operator="AND">${criterion('Oracle Linux 9 is installed')}<criteria operator="OR">${body}</criteria></criteria></definition>`;
  const all = [
    definition('ELSA-2024-1', onArchitecture('x86_64', 'openssl-libs is earlier than 1:3.0.7-27.0.1.el9')),
    definition('ELSA-2024-2', onArchitecture('aarch64', 'openssl-libs is earlier than 1:3.0.7-27.0.1.el9')),
    definition('ELSA-2024-3', criterion('openssl-libs is earlier than 2:3.0.7-1.ksplice1.el9')),
  ];
  write(
    'feeds/oracle/com.oracle.elsa-all.xml',
    `<oval_definitions><definitions>${all.join('')}</definitions></oval_definitions>`,
  );
}

function writeAmazon(): void {
  const update = (id: string) =>
    `<updates><update type="security"><id>${id}</id><severity>important</severity><pkglist><collection><package name="openssl-libs" epoch="1" version="3.0.8" release="1.amzn2" arch="x86_64"/></collection></pkglist></update></updates>`;
  write('feeds/amazon/2/updateinfo.xml', update('ALAS2-2024-1'));
  write('feeds/amazon/2/extras/docker/updateinfo.xml', update('ALAS2DOCKER-2024-1'));
}

function writeRest(): void {
  const osv = (ecosystem: string, id: string, affected: object): void =>
    write(`feeds/osv/${ecosystem.split(':')[0] as string}/${id}.json`, {
      schema_version: '1.6.0',
      id,
      affected: [affected],
    });
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1:3.0.8-1' }] }];
  osv('Rocky Linux:9', 'RLSA-2024:1', { package: { ecosystem: 'Rocky Linux:9', name: 'openssl-libs' }, ranges });
  osv('SUSE:x', 'SUSE-SU-2024:1-1', {
    package: { ecosystem: 'SUSE:Linux Enterprise Module for Basesystem 15 SP5', name: 'openssl-3' },
    ranges,
    ecosystem_specific: { binaries: [{ 'openssl-libs': '1:3.0.8-150500.1' }] },
  });
  // CVE-2018-25032 in zlib.
  osv('SUSE:x', 'SUSE-SU-2022:1061-1', {
    package: { ecosystem: 'SUSE:Linux Enterprise Module for Basesystem 15 SP3', name: 'zlib' },
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2.11-150000.3.30.1' }] }],
    ecosystem_specific: { binaries: [{ libz1: '1.2.11-150000.3.30.1', 'zlib-devel': '1.2.11-150000.3.30.1' }] },
  });
  const row = (cve_id: string, res_ver: string) => ({
    cve_id,
    pkg: 'epochy',
    cve_score: 5,
    aff_ver: 'x',
    res_ver,
    status: 'Fixed',
  });
  // A caret sorts after, a tilde before what it follows.
  write('feeds/photon/cve_data_photon5.0.json', [
    row('CVE-2024-2001', '1.2-1.ph5'),
    row('CVE-2024-2002', '1.2~rc1-1.ph5'),
  ]);
}

interface Scan {
  readonly findings: readonly {
    readonly vulnerability: string;
    readonly packages: readonly string[];
    readonly status: string;
    readonly fixedVersions: readonly string[];
  }[];
  readonly causes: readonly { readonly code: string; readonly scope?: string }[];
}

async function scan(name: string, osRelease: string, files: Readonly<Record<string, string>> = {}): Promise<Scan> {
  cpSync(join(home, 'root'), join(home, name), { recursive: true });
  write(`${name}/etc/os-release`, osRelease);
  for (const [path, content] of Object.entries(files)) write(`${name}/${path}`, content);
  return scanned(name);
}

async function scanned(name: string): Promise<Scan> {
  const { stdout } = await plombe([
    'scan',
    `dir:${join(home, name)}`,
    '--db',
    join(home, 'db'),
    '--cache',
    join(home, 'cache'),
    '-o',
    'json',
  ]);
  return JSON.parse(stdout) as Scan;
}

const found = ({ findings }: Scan) =>
  findings
    .map(({ vulnerability, fixedVersions, status }) => [vulnerability, fixedVersions[0] ?? status])
    .sort(by(([id]) => id ?? ''));
const rhel = 'ID="rhel"\nVERSION_ID="9.2"\nNAME="Red Hat Enterprise Linux"\n';

describe.skipIf(!canBuild)('packages that rpm installed', () => {
  beforeAll(async () => {
    makeRoot();
    writeRedHat();
    writeOracle();
    writeAmazon();
    writeRest();
    const built = await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', join(home, 'db')]);
    expect(built).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);

  it('Red Hat: fixes with epoch, what stays unfixed by its source, module streams, one of two kernels', async () => {
    const result = await scan('rhel', rhel);
    expect(found(result)).toEqual([
      ['CVE-2024-1001', '1:3.0.7-27.el9'],
      ['CVE-2024-1002', 'will_not_fix'],
      ['CVE-2024-1004', '1:16.20.2-1.module+el9.4.0+9+abc'],
      ['CVE-2024-1006', '5.14.0-300.el9'],
    ]);
    const packages = (id: string) =>
      result.findings.find(({ vulnerability }) => vulnerability === id)?.packages.map((one) => one.split('?')[0]);
    expect(packages('CVE-2024-1002')).toEqual([
      'pkg:rpm/redhat/openssl-libs@3.0.7-17.el9',
      'pkg:rpm/redhat/openssl@3.0.7-17.el9',
    ]);
    expect(packages('CVE-2024-1006')).toEqual(['pkg:rpm/redhat/kernel-core@5.14.0-70.el9']);
  });

  it('Red Hat: the stream that the content sets name counts before the main one', async () => {
    const sets = JSON.stringify({ content_sets: ['rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2'] });
    const result = await scan('rhel-eus', rhel, { 'root/buildinfo/content_manifests/ubi9-container-9.2-1.json': sets });
    expect(found(result).map(([id]) => id)).toEqual(['CVE-2024-1002', 'CVE-2024-1004', 'CVE-2024-1006']);
  });

  it('Oracle: errata of the architecture, and no Ksplice builds', async () => {
    expect(found(await scan('ol', 'ID="ol"\nVERSION_ID="9.4"\n'))).toEqual([['ELSA-2024-1', '1:3.0.7-27.0.1.el9']]);
  });

  it('Amazon: the core repository, and the extras that are enabled', async () => {
    const os = 'ID="amzn"\nVERSION_ID="2"\n';
    expect(found(await scan('amzn', os))).toEqual([['ALAS2-2024-1', '1:3.0.8-1.amzn2']]);
    const extras = { 'etc/yum.repos.d/amzn2-extras.repo': '[amzn2extra-docker]\nenabled = 1\n' };
    expect(found(await scan('amzn-docker', os, extras)).map(([id]) => id)).toEqual([
      'ALAS2-2024-1',
      'ALAS2DOCKER-2024-1',
    ]);
  });

  it.each([
    ['Rocky', 'ID="rocky"\nVERSION_ID="9.3"\n', 'RLSA-2024:1'],
    ['SUSE', 'ID="sles"\nVERSION_ID="15.5"\n', 'SUSE-SU-2024:1-1'],
    ['Photon, by tilde and caret', 'ID=photon\nVERSION_ID=5.0\n', 'CVE-2024-2001'],
  ])('%s', async (name, os, id) => {
    expect(found(await scan(name.slice(0, 5), os)).map(([vulnerability]) => vulnerability)).toEqual([id]);
  });

  it('the real database of SLE 15 BCI, which is NDB, with the binaries that a record lists', async () => {
    const path = sharedPath('rpmdb/sle15-bci/Packages.db');
    if (path === undefined) return console.warn('SKIPPED: there is no database of SLE 15 BCI');
    mkdirSync(join(home, 'bci/usr/lib/sysimage/rpm'), { recursive: true });
    copyFileSync(path, join(home, 'bci/usr/lib/sysimage/rpm/Packages.db'));
    write('bci/etc/os-release', 'ID="sles"\nVERSION_ID="15.3"\nNAME="SLES"\n');
    const { findings } = await scanned('bci');
    expect(
      findings.map(({ vulnerability, packages, fixedVersions }) => [
        vulnerability,
        packages[0]?.split('?')[0],
        fixedVersions,
      ]),
    ).toEqual([['SUSE-SU-2022:1061-1', 'pkg:rpm/sles/libz1@1.2.11-3.21.1', ['1.2.11-150000.3.30.1']]]);
  });

  it.each([
    ['Fedora', 'ID=fedora\nVERSION_ID=41\n', 'Fedora:41'],
    ['CentOS Stream', 'ID="centos"\nVERSION_ID="9"\nNAME="CentOS Stream"\n', 'CentOS Stream:9'],
    ['a release of SUSE without data', 'ID="sles"\nVERSION_ID="12.5"\n', 'SUSE:12.5'],
  ])('%s is not assessed, and the cause says so', async (name, os, scope) => {
    const { findings, causes } = await scan(name, os);
    expect(findings).toEqual([]);
    expect(causes).toContainEqual(expect.objectContaining({ code: 'feed/missing', scope }));
  });
});
