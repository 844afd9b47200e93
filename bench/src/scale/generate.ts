// `node bench/src/scale/generate.ts FOLDER [SHARE]`: feeds in their published shapes with 300,000 advisories, mixed as they are in the world: most of
// them malware in npm. Real records of the folder `shared` are repeated under other ids and names; VEX, OVAL and errata are made to their schemas.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sharedPath } from '@plombe/kit/testing';
import { accessBytes, openZip } from '../../../packages/formats/src/index.ts';
import { vexDocument, type VexPart } from '../../../packages/advisories/src/testing/csaf.ts';
import { ZipWriter } from './zip.ts';

interface Repeated {
  /** Folder below `osv` of the shared feeds, and of the result. */
  readonly from: string;
  readonly to: string;
  readonly records: number;
}

/** OSV archives: how many records each gets. */
const archives: readonly Repeated[] = [
  { from: 'malicious-sample', to: 'npm', records: 130_000 },
  { from: 'GHSA-derived-npm', to: 'npm', records: 20_000 },
  { from: 'PyPI', to: 'PyPI', records: 26_000 },
  { from: 'Go', to: 'Go', records: 8_500 },
  { from: 'crates.io', to: 'crates.io', records: 2_400 },
  { from: 'GHSA-derived-Maven', to: 'Maven', records: 10_000 },
  { from: 'GHSA-derived-NuGet', to: 'NuGet', records: 2_000 },
  { from: 'Bitnami', to: 'Bitnami', records: 7_400 },
  { from: 'AlmaLinux', to: 'AlmaLinux', records: 5_600 },
];

/** Feeds taken as they are. */
const copied: readonly string[] = ['azurelinux', 'ubuntu-cve-tracker', 'epss', 'kev', 'alpine-secdb'];

const debianCopies = 6;
const made = { redhat: 15_000, oracle: 6_000, amazon: 2_500, photon: 12_000 };

const idPattern = /\b(?:CVE|GHSA|PYSEC|GO|RUSTSEC|MAL|BIT|ALSA)-[\w.:-]*\w/g;

/** The record again under other ids, which no real one has, and names; the first time as it is. */
function repeat(text: string, round: number): { readonly id: string; readonly text: string } {
  const value = JSON.parse(
    round === 0 ? text : text.replaceAll(idPattern, (id) => `${id}9${String(round).padStart(6, '0')}`),
  ) as {
    id: string;
    affected?: { package?: { name: string } }[];
  };
  if (round > 0) for (const { package: one } of value.affected ?? []) if (one !== undefined) one.name += `-${round}`;
  return { id: value.id, text: JSON.stringify(value) };
}

async function recordsOf(path: string): Promise<string[]> {
  const archive = await openZip(accessBytes(readFileSync(path)));
  const texts: string[] = [];
  for (const entry of archive.entries()) {
    if (entry.name.endsWith('.json')) texts.push(Buffer.from(await archive.read(entry, 64 * 1024 * 1024)).toString());
  }
  archive.close();
  return texts;
}

async function writeArchives(feeds: string, folder: string, share: number): Promise<void> {
  for (const ecosystem of new Set(archives.map(({ to }) => to))) {
    const path = join(folder, 'osv', ecosystem, 'all.zip');
    mkdirSync(dirname(path), { recursive: true });
    const zip = new ZipWriter(path);
    for (const { from, records } of archives.filter(({ to }) => to === ecosystem)) {
      const texts = await recordsOf(join(feeds, 'osv', from, 'all.zip'));
      for (let i = 0; i < Math.round(records * share); i++) {
        const { id, text } = repeat(texts[i % texts.length] as string, Math.floor(i / texts.length));
        zip.add(`${id}.json`, text);
      }
    }
    zip.close();
  }
}

function writeDebian(feeds: string, folder: string, share: number): void {
  const name = readdirSync(join(feeds, 'debian')).find((file) => file.startsWith('tracker')) ?? '';
  const tracker = JSON.parse(readFileSync(join(feeds, 'debian', name), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >;
  const all: Record<string, Record<string, unknown>> = {};
  for (let copy = 0; copy < Math.max(1, Math.round(debianCopies * share)); copy++) {
    for (const [pkg, cves] of Object.entries(tracker)) {
      const renamed = Object.entries(cves).map(([cve, row]) => [copy === 0 ? cve : `${cve}900${copy}`, row] as const);
      all[copy === 0 ? pkg : `${pkg}-${copy}`] = Object.fromEntries(renamed);
    }
  }
  mkdirSync(join(folder, 'debian'), { recursive: true });
  writeFileSync(join(folder, 'debian', 'tracker.json'), JSON.stringify(all));
}

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A document has from 8 products to some 200: a source of up to 12 binaries, 4 architectures, the main releases and streams beside them. */
function vexOf(index: number, next: (below: number) => number): object {
  const source = `source-${next(1500)}`;
  const binaries = Array.from({ length: 1 + next(12) }, (_, i) => (i === 0 ? source : `${source}-part${i}`));
  const parts: VexPart[] = [];
  for (const major of [8, 9].slice(next(2))) {
    const products = [[`BaseOS-${major}.6`, `cpe:/o:redhat:enterprise_linux:${major}::baseos`]];
    if (next(3) === 0) products.push([`EUS-${major}.4`, `cpe:/o:redhat:rhel_eus:${major}.4::baseos`]);
    for (const [product = '', cpe = ''] of products) {
      const version = `${1 + next(9)}.${next(20)}.${next(40)}-${1 + next(60)}.el${major}`;
      for (const name of binaries) {
        for (const arch of ['src', 'x86_64', 'aarch64', 'ppc64le', 's390x']) {
          if (arch === 'src' && name !== source) continue;
          parts.push({ status: 'fixed', product, cpe, purl: `pkg:rpm/redhat/${name}@${version}?arch=${arch}` });
        }
      }
    }
  }
  const unfixed = { product: 'red_hat_enterprise_linux_7', cpe: 'cpe:/o:redhat:enterprise_linux:7' };
  const status = ['known_affected', 'known_not_affected', 'under_investigation'][next(3)] as string;
  parts.push({ status, ...unfixed, purl: `pkg:rpm/redhat/${source}?arch=src` });
  const vulnerability = {
    title: `${source}: a flaw in how part ${next(1000)} reads what ${next(1000)} wrote`,
    threats: [{ category: 'impact', details: ['Low', 'Moderate', 'Important', 'Critical'][next(4)] }],
    remediations: [{ category: 'vendor_fix', url: `https://access.redhat.com/errata/RHSA-2024:${1000 + next(9000)}` }],
  };
  return vexDocument(parts, vulnerability, `CVE-2024-${100_000 + index}`);
}

function writeRedHat(folder: string, count: number): void {
  const next = numbers(1);
  const top = join(folder, 'vex');
  mkdirSync(join(top, '2024'), { recursive: true });
  for (let i = 0; i < count; i++)
    writeFileSync(join(top, '2024', `cve-2024-${100_000 + i}.json`), JSON.stringify(vexOf(i, next)));
  mkdirSync(join(folder, 'redhat'), { recursive: true });
  execFileSync('tar', ['--zstd', '-cf', join(folder, 'redhat', 'csaf_vex_2026-11-01.tar.zst'), '-C', top, '2024']);
  rmSync(top, { recursive: true });
}

function writeOracle(folder: string, count: number): void {
  const next = numbers(2);
  const definitions = Array.from({ length: count }, (_, i) => {
    const name = `source-${next(1500)}`;
    const id = `ELSA-2024-${10_000 + i}`;
    const version = `${1 + next(9)}.${next(20)}-${1 + next(60)}.el8`;
    const fixes = Array.from(
      { length: 1 + next(15) },
      (_, part) =>
        `<criteria operator="AND"><criterion comment="${name}-part${part} is earlier than 0:${version}"/><criterion comment="${name}-part${part} is signed with the Oracle Linux 8 key"/></criteria>`,
    );
    return `<definition id="oval:com.oracle.elsa:def:${i}"><metadata><title>${id}: ${name} security update (IMPORTANT)</title><reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/><reference source="CVE" ref_id="CVE-2024-${100_000 + i}" ref_url="https://linux.oracle.com/cve/CVE-2024-${100_000 + i}.html"/><description>${'what was changed '.repeat(40)}</description><advisory><severity>IMPORTANT</severity><issued date="2024-05-31"/></advisory></metadata><criteria operator="AND"><criterion comment="Oracle Linux 8 is installed"/><criteria operator="OR">${fixes.join('')}</criteria></criteria></definition>`;
  });
  const text = `<oval_definitions><definitions>${definitions.join('\n')}</definitions></oval_definitions>`;
  mkdirSync(join(folder, 'oracle'), { recursive: true });
  const packed = execFileSync('bzip2', ['-c'], { input: text, maxBuffer: 2 ** 30 });
  writeFileSync(join(folder, 'oracle', 'com.oracle.elsa-all.xml.bz2'), packed);
}

function writeErrata(folder: string, { amazon, photon }: { readonly amazon: number; readonly photon: number }): void {
  const next = numbers(3);
  const updates = Array.from({ length: amazon }, (_, i) => {
    const packages = Array.from(
      { length: 1 + next(20) },
      (_, part) =>
        `<package name="source-${i % 900}-part${part}" epoch="0" version="${1 + next(9)}.${next(40)}" release="${1 + next(40)}.amzn2023" arch="x86_64"/>`,
    );
    return `<update type="security"><id>ALAS2023-2024-${i}</id><title>Amazon Linux 2023 - ALAS2023-2024-${i}</title><issued date="2024-02-17 20:41"/><severity>important</severity><description>${'a flaw was found '.repeat(30)}</description><references><reference id="CVE-2024-${100_000 + i}" type="cve" href="https://x.example/CVE-2024-${100_000 + i}"/></references><pkglist><collection>${packages.join('')}</collection></pkglist></update>`;
  });
  mkdirSync(join(folder, 'amazon', '2023'), { recursive: true });
  writeFileSync(
    join(folder, 'amazon', '2023', 'updateinfo.xml.gz'),
    gzipSync(`<updates>${updates.join('')}</updates>`),
  );
  const rows = Array.from({ length: photon }, (_, i) => ({
    cve_id: `CVE-2024-${100_000 + i}`,
    pkg: `source-${next(900)}`,
    cve_score: next(100) / 10,
    aff_ver: 'all versions before it are vulnerable',
    res_ver: `${1 + next(9)}.${next(40)}-${1 + next(9)}.ph5`,
    status: 'Fixed',
  }));
  mkdirSync(join(folder, 'photon'), { recursive: true });
  writeFileSync(join(folder, 'photon', 'cve_data_photon5.0.json'), JSON.stringify(rows));
}

function copy(from: string, to: string): void {
  if (!statSync(from).isDirectory()) return copyFileSync(from, to);
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) copy(join(from, name), join(to, name));
}

/** Writes the folder anew. `share` 1 is 300,000 advisories. Throws where the real feeds are not at hand. */
export async function generateFeeds(folder: string, share = 1): Promise<void> {
  const feeds = sharedPath('feeds');
  if (feeds === undefined) throw new Error('There are no real feeds to make more of.');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of copied) copy(join(feeds, name), join(folder, name));
  await writeArchives(feeds, folder, share);
  writeDebian(feeds, folder, share);
  writeRedHat(folder, Math.round(made.redhat * share));
  writeOracle(folder, Math.round(made.oracle * share));
  writeErrata(folder, { amazon: Math.round(made.amazon * share), photon: Math.round(made.photon * share) });
}

if (import.meta.main) await generateFeeds(process.argv[2] ?? '', Number(process.argv[3] ?? 1));
