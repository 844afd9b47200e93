// Which ecosystem of advisories a distribution's release is: `Debian:12`, `Alpine:v3.17`, `Azure Linux:3`.
import type { Distribution, Package } from '@plombe/model';
import { debianEcosystem } from '../feeds/debian/releases.ts';

/** The part of a distribution that decides about its advisories. */
export type Release = Pick<
  Distribution,
  'id' | 'versionId' | 'name' | 'codename' | 'repositoryRelease' | 'repositories'
>;

/** Ubuntu's codenames, for `distro` qualifiers and images that give nothing else. LTS releases and all since 2022. */
const ubuntuCodenames: ReadonlyMap<string, string> = new Map([
  ['trusty', '14.04'],
  ['xenial', '16.04'],
  ['bionic', '18.04'],
  ['focal', '20.04'],
  ['jammy', '22.04'],
  ['kinetic', '22.10'],
  ['lunar', '23.04'],
  ['mantic', '23.10'],
  ['noble', '24.04'],
  ['oracular', '24.10'],
  ['plucky', '25.04'],
  ['questing', '25.10'],
  ['resolute', '26.04'],
]);

function major(version: string): string {
  return (version.split(/[.-]/)[0] as string) || version;
}

function majorMinor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Until squeeze the number of a release had two parts: `6.0.10` is a point release of 6.0, `12.5` one of 12. */
function debianNumber(version: string): string {
  if (Number(major(version)) >= 7) return major(version);
  return version.includes('.') ? majorMinor(version) : `${version}.0`;
}

/** Without a `VERSION_ID` the repositories tell testing and sid from the release that is being made. */
function debian(release: Release): string | undefined {
  const { versionId, codename, repositoryRelease } = release;
  if (versionId === undefined && repositoryRelease !== undefined) return debianEcosystem(repositoryRelease);
  if (versionId !== undefined && /^\d/.test(versionId)) return `Debian:${debianNumber(versionId)}`;
  const name = versionId ?? codename?.split('/')[0];
  return name === undefined ? undefined : debianEcosystem(name === 'unstable' ? 'sid' : name);
}

function ubuntu({ versionId, codename }: Release): string | undefined {
  const version =
    versionId !== undefined && /^\d/.test(versionId) ? versionId : ubuntuCodenames.get(versionId ?? codename ?? '');
  return version === undefined ? undefined : `Ubuntu:${majorMinor(version)}`;
}

/** The configured repositories decide, since a stable image may be set to edge; `3.23_alpha20250612` is edge on its way to 3.23. */
function alpine({ repositoryRelease, versionId }: Release): string | undefined {
  const named = repositoryRelease ?? versionId;
  if (named === undefined) return undefined;
  if (named === 'edge' || named.includes('_alpha')) return 'Alpine:edge';
  const match = /^v?(\d+\.\d+)/.exec(named);
  return match === null ? undefined : `Alpine:v${match[1] as string}`;
}

function byMajor(name: string): (release: Release) => string | undefined {
  return ({ versionId }) => (versionId === undefined ? undefined : `${name}:${major(versionId)}`);
}

function byMinor(name: string): (release: Release) => string | undefined {
  return ({ versionId }) => (versionId === undefined ? undefined : `${name}:${majorMinor(versionId)}`);
}

/**
 * CentOS Linux was Red Hat's own builds, and Red Hat's advisories are about them. CentOS Stream is what comes before them: a fix may be there
 * under another number, or not yet, so nothing is said of it.
 */
function centos({ versionId, name = '' }: Release): string | undefined {
  if (versionId === undefined) return undefined;
  const isStream = /\bstream\b/i.test(name) || Number(major(versionId)) > 8;
  return isStream ? `CentOS Stream:${major(versionId)}` : `Red Hat:${major(versionId)}`;
}

/** Its releases are whole numbers with a zero behind, which some lists leave out: `mariner-2`. */
function mariner({ versionId }: Release): string | undefined {
  if (versionId === undefined) return undefined;
  return `Mariner:${majorMinor(versionId.includes('.') ? versionId : `${versionId}.0`)}`;
}

/** Its releases count for themselves: 5.5 is built on 15 SP5, 6.0 on no release of the server. */
function suseMicro({ versionId }: Release): string | undefined {
  return versionId === undefined ? undefined : `SUSE:Micro ${majorMinor(versionId)}`;
}

function leapMicro({ versionId }: Release): string | undefined {
  return versionId === undefined ? undefined : `openSUSE:Leap Micro ${majorMinor(versionId)}`;
}

/** os-release `ID` → ecosystem of a release. Rolling distributions have no release in it. */
const ecosystems: ReadonlyMap<string, (release: Release) => string | undefined> = new Map([
  ['debian', debian],
  ['ubuntu', ubuntu],
  ['alpine', alpine],
  ['wolfi', () => 'Wolfi'],
  ['chainguard', () => 'Chainguard'],
  ['minimos', () => 'MinimOS'],
  ['azurelinux', byMajor('Azure Linux')],
  ['mariner', mariner],
  ['cbl-mariner', mariner],
  ['almalinux', byMajor('AlmaLinux')],
  ['alma', byMajor('AlmaLinux')],
  ['rocky', byMajor('Rocky Linux')],
  ['rockylinux', byMajor('Rocky Linux')],
  ['rhel', byMajor('Red Hat')],
  ['redhat', byMajor('Red Hat')],
  ['centos', centos],
  ['fedora', byMajor('Fedora')],
  ['ol', byMajor('Oracle Linux')],
  ['amzn', byMajor('Amazon Linux')],
  ['photon', byMinor('Photon OS')],
  ['sles', byMinor('SUSE')],
  ['sles_sap', byMinor('SUSE')],
  ['sled', byMinor('SUSE')],
  ['sle_hpc', byMinor('SUSE')],
  ['sle-micro', suseMicro],
  ['sl-micro', suseMicro],
  ['opensuse', byMinor('openSUSE')],
  ['opensuse-leap', byMinor('openSUSE')],
  ['opensuse-leap-micro', leapMicro],
  ['opensuse-microos', () => 'openSUSE:Tumbleweed'],
  ['opensuse-tumbleweed', () => 'openSUSE:Tumbleweed'],
  ['openeuler', byMinor('openEuler')],
  ['mageia', byMajor('Mageia')],
]);

/** Returns the ecosystem of a release; undefined where the distribution or its release is not known. */
export function ecosystemOfRelease(release: Release): string | undefined {
  return ecosystems.get(release.id.toLowerCase())?.(release);
}

/** Reads a purl's `distro` qualifier: `debian-12`, `alpine-3.17.2`, `azurelinux-3.0`, or a codename (`bookworm`, `jammy`). */
export function parseDistroQualifier(text: string): Release {
  const dash = /^(.+?)-(v?\d.*|edge|sid|[a-z]+)$/.exec(text);
  const id = dash?.[1];
  if (id !== undefined && ecosystems.has(id.toLowerCase()))
    return { id: id.toLowerCase(), versionId: dash?.[2] as string };
  if (ecosystems.has(text.toLowerCase())) return { id: text.toLowerCase() };
  const name = text.toLowerCase();
  if (debianEcosystem(name) !== undefined) return { id: 'debian', codename: name };
  if (ubuntuCodenames.has(name)) return { id: 'ubuntu', codename: name };
  return dash === null ? { id: text } : { id: dash[1] as string, versionId: dash[2] as string };
}

/**
 * Returns the release a package belongs to: its own `distro` qualifier, else the inventory's. Where both say the same release the
 * inventory's is taken, which knows its repositories too.
 */
export function releaseOf(
  item: Pick<Package, 'qualifiers' | 'namespace'>,
  distribution: Distribution | undefined,
): Release | undefined {
  const text = item.qualifiers?.['distro'];
  if (text === undefined || text === '') return distribution;
  // Some tools write only the release (`distro=3.17.2`, `distro=edge`); the namespace then names the distribution.
  const own = parseDistroQualifier(/^(?:v?\d|edge$)/.test(text) && item.namespace ? `${item.namespace}-${text}` : text);
  if (distribution === undefined || distribution.id !== own.id) return own;
  const same =
    own.versionId === undefined || distribution.versionId === undefined || own.versionId === distribution.versionId;
  return same ? distribution : own;
}
