import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { collect, fileDocument, memoryDocument, signal } from '../../testing/documents.ts';
import { vexDocument, type VexPart } from '../../testing/csaf.ts';
import { redhat } from './index.ts';
import { productOfCpe } from './products.ts';

const document = (value: unknown, name = 'redhat/cve-2024-1.json') =>
  memoryDocument(name, typeof value === 'string' ? value : JSON.stringify(value));

async function affectedOf(parts: readonly VexPart[], vulnerability: object = {}) {
  const { advisories, problems } = await collect(redhat.parse(document(vexDocument(parts, vulnerability)), { signal }));
  expect(problems).toEqual([]);
  return advisories[0]?.affected ?? [];
}

const baseos = 'cpe:/o:redhat:enterprise_linux:9::baseos';
const eus = 'cpe:/o:redhat:rhel_eus:9.2::baseos';
const rhel9 = 'cpe:/o:redhat:enterprise_linux:9';
const rpm = (name: string, version = '', arch = '', rest = '') =>
  `pkg:rpm/redhat/${name}${version && `@${version}`}${arch && `?arch=${arch}`}${rest}`;

test('a fix: binaries with epoch, the streams apart, the source and debugging left out', async () => {
  const affected = await affectedOf([
    { status: 'fixed', product: 'BaseOS-9.4', cpe: baseos, purl: rpm('openssl', '3.0.7-27.el9', 'src', '&epoch=1') },
    ...['x86_64', 'aarch64', 'ppc64le', 's390x', 'i686'].map((arch): VexPart => ({
      status: 'fixed',
      product: 'BaseOS-9.4',
      cpe: baseos,
      purl: rpm('openssl-libs', '3.0.7-27.el9', arch, '&epoch=1'),
    })),
    { status: 'fixed', product: 'BaseOS-9.4', cpe: baseos, purl: rpm('openssl-debuginfo', '3.0.7-27.el9', 'x86_64') },
    { status: 'fixed', product: 'EUS', cpe: eus, purl: rpm('openssl-libs', '3.0.7-18.el9_2', 'x86_64', '&epoch=1') },
  ]);
  expect(affected).toEqual([
    {
      ecosystem: 'Red Hat:9',
      name: 'openssl-libs',
      ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed: '1:3.0.7-27.el9' }] }],
      versions: [],
      status: 'affected',
    },
    {
      ecosystem: 'Red Hat:9',
      name: 'openssl-libs',
      ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed: '1:3.0.7-18.el9_2' }] }],
      versions: [],
      status: 'affected',
      qualifiers: { architectures: ['x86_64'], pocket: 'rhel_eus:9.2' },
    },
  ]);
});

test('the words of the vendor', async () => {
  const part = (status: VexPart['status'], name: string): VexPart => ({
    status,
    product: 'red_hat_enterprise_linux_9',
    cpe: rhel9,
    purl: rpm(name, '', 'src'),
  });
  const remediation = (category: string, details: string, name: string) => ({
    category,
    details,
    product_ids: [`red_hat_enterprise_linux_9:${name}`],
  });
  const affected = await affectedOf(
    [
      part('known_affected', 'a'),
      part('known_affected', 'b'),
      part('known_affected', 'c'),
      part('known_not_affected', 'd'),
      part('under_investigation', 'e'),
    ],
    {
      remediations: [
        remediation('none_available', 'Fix deferred', 'a'),
        remediation('no_fix_planned', 'Will not fix', 'b'),
        remediation('workaround', 'Unload the module.', 'c'),
      ],
      flags: [{ label: 'vulnerable_code_not_present', product_ids: ['red_hat_enterprise_linux_9:d'] }],
      threats: [
        { category: 'impact', details: 'Important' },
        { category: 'impact', details: 'Low', product_ids: ['red_hat_enterprise_linux_9:c'] },
      ],
    },
  );
  expect(affected.map(({ name, status, statusNote, severity }) => [name, status, statusNote, severity?.word])).toEqual([
    ['a', 'affected', 'Fix deferred', undefined],
    ['b', 'will_not_fix', 'Will not fix', undefined],
    ['c', 'affected', undefined, 'low'],
    ['d', 'not_affected', 'vulnerable code not present', undefined],
    ['e', 'under_investigation', undefined, undefined],
  ]);
  expect(affected[0]).toMatchObject({
    ranges: [{ events: [{ introduced: '0' }] }],
    qualifiers: { architectures: ['src'] },
  });
  expect(affected[3]?.ranges).toEqual([]);
});

test('module streams: in the package URL, in a relationship, and unfixed', async () => {
  const stream = 'cpe:/a:redhat:enterprise_linux:8::appstream';
  const version = '16.20.2-2.module%2Bel8.8.0%2B19898%2Bab99ba34';
  const affected = await affectedOf([
    {
      status: 'fixed',
      product: 'AppStream-8.8',
      cpe: stream,
      purl: rpm('nodejs', version, 'x86_64', '&epoch=1&rpmmod=nodejs:16:8080020230906091311:63b34585'),
    },
    {
      status: 'fixed',
      product: 'AppStream-8.8',
      cpe: stream,
      module: 'nodejs:18:8080020231101093014:63b34585',
      purl: rpm('npm', '9.8.1-1.18.18.2.2.module%2Bel8.8.0%2B20406%2B9ec3ab1f', 'x86_64', '&epoch=1'),
    },
    {
      status: 'known_affected',
      product: 'red_hat_enterprise_linux_8',
      cpe: 'cpe:/o:redhat:enterprise_linux:8',
      id: 'container-tools:rhel8/buildah',
      purl: 'pkg:rpmmod/redhat/container-tools:rhel8/buildah',
    },
    {
      status: 'known_affected',
      product: 'red_hat_enterprise_linux_8',
      cpe: 'cpe:/o:redhat:enterprise_linux:8',
      id: 'virt:rhel/qemu-kvm',
    },
  ]);
  expect(affected.map(({ name, qualifiers }) => [name, qualifiers?.module, qualifiers?.architectures])).toEqual([
    ['nodejs', 'nodejs:16', ['x86_64']],
    ['npm', 'nodejs:18', ['x86_64']],
    ['buildah', 'container-tools:rhel8', ['src']],
    ['qemu-kvm', 'virt:rhel', ['src']],
  ]);
});

test('what is no package of the distribution is left out: containers, products without a release', async () => {
  const affected = await affectedOf([
    { status: 'known_affected', product: 'ocp', cpe: 'cpe:/a:redhat:openshift:4', purl: 'pkg:oci/ose-console-rhel9' },
    { status: 'known_affected', product: 'ocp', cpe: 'cpe:/a:redhat:openshift:4', purl: rpm('cri-o', '', 'src') },
    {
      status: 'fixed',
      product: '9Base-RHOSE-4.16',
      cpe: 'cpe:/a:redhat:openshift:4.16::el9',
      purl: rpm('cri-o', '1.29.1-1.el9', 'x86_64'),
    },
  ]);
  expect(affected).toMatchObject([{ ecosystem: 'Red Hat:9', name: 'cri-o', qualifiers: { pocket: 'openshift:4.16' } }]);
});

test.each([
  ['cpe:/o:redhat:enterprise_linux:9::baseos', { major: '9' }],
  ['cpe:/a:redhat:enterprise_linux:8::appstream', { major: '8' }],
  ['cpe:/o:redhat:enterprise_linux:10.1', { major: '10' }],
  ['cpe:/o:redhat:rhel_eus:9.2::baseos', { major: '9', repository: 'rhel_eus:9.2' }],
  ['cpe:/o:redhat:enterprise_linux_eus:10.0', { major: '10', repository: 'enterprise_linux_eus:10.0' }],
  ['cpe:/o:redhat:rhel_els:7', { major: '7', repository: 'rhel_els:7' }],
  ['cpe:/a:redhat:rhel_extras:7', { major: '7' }],
  ['cpe:/a:redhat:rhel_software_collections:3::el7', { major: '7', repository: 'rhel_software_collections:3' }],
  ['cpe:/a:redhat:openshift:4', undefined],
  ['cpe:/a:redhat:jboss_enterprise_application_platform:8', undefined],
  ['cpe:2.3:o:redhat:enterprise_linux:9', undefined],
])('the product of %s', (cpe, product) => {
  expect(productOfCpe(cpe)).toEqual(product);
});

test('an archive as published is read file by file, and a bad file is a problem', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-vex-'));
  const part: VexPart = { status: 'known_affected', product: 'r9', cpe: rhel9, purl: rpm('bash', '', 'src') };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (let i = 0; i < 30; i++) {
    const id = `CVE-2024-${1000 + i}`;
    write(`2024/${id.toLowerCase()}.json`, JSON.stringify(vexDocument([part], { cve: id }, id)));
  }
  write('2024/cve-2024-1.json', '{"document": ');
  const path = join(folder, 'csaf_vex_2026-01-01.tar.zst');
  execFileSync('tar', ['--zstd', '-cf', path, '-C', folder, '2024']);
  const { advisories, problems } = await collect(
    redhat.parse(fileDocument('csaf_vex_2026-01-01.tar.zst', path), { signal }),
  );
  expect(advisories).toHaveLength(30);
  expect(problems).toHaveLength(1);
});

test('T55 T58 T73 documents cut off, empty or hostile', async () => {
  for (const text of ['', '{}', '{"document": {"csaf_version": "2.0"}}', '[]', '<html>']) {
    await expect(collect(redhat.parse(document(text), { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  const hostile = vexDocument([
    {
      status: 'known_affected',
      product: '__proto__',
      cpe: rhel9,
      id: 'constructor',
      purl: rpm('a%1b%5b2J', '', 'src'),
    },
    { status: 'known_affected', product: 'r9', cpe: rhel9, id: 'loop', within: 'r9:loop' },
  ]);
  const { advisories } = await collect(redhat.parse(document(hostile), { signal }));
  expect(JSON.stringify(advisories)).not.toContain('\u001b');
});

test('files and requests', () => {
  expect(redhat.requests(undefined)).toEqual([]);
  expect(redhat.requests(['Red Hat:9'])).toHaveLength(1);
  const follow = redhat.requests(['Red Hat'])[0]?.documents[0]?.follow?.[0];
  expect(follow?.('csaf_vex_2026-11-20.tar.zst\n')).toBe('csaf_vex_2026-11-20.tar.zst');
  expect(follow?.('<html>')).toBeUndefined();
  expect(redhat.matches('vex/redhat/2024/cve-2024-1.json')).toBe('redhat');
  expect(redhat.matches('osv/Red Hat/all.zip')).toBeUndefined();
});
