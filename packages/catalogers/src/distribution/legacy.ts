// Distributions that have no os-release: what their older files say.
import type { Distribution } from '@plombe/model';
import { parseOsRelease } from './os-release.ts';

type Parts = Pick<Distribution, 'id' | 'versionId' | 'codename' | 'name'>;

/** Beginning of a `… release 7.9` line, in lower case → id. The first that fits counts. */
const releaseNames: readonly (readonly [string, string])[] = [
  ['red hat enterprise linux', 'rhel'],
  ['centos', 'centos'],
  ['oracle linux', 'ol'],
  ['rocky linux', 'rocky'],
  ['almalinux', 'almalinux'],
  ['fedora', 'fedora'],
  ['amazon linux', 'amzn'],
  ['scientific linux', 'scientific'],
  ['cbl-mariner', 'mariner'],
  ['microsoft azure linux', 'azurelinux'],
  ['azure linux', 'azurelinux'],
  ['vmware photon', 'photon'],
  ['gentoo base system', 'gentoo'],
];

const dotted = /^\d+(?:\.\d+)*$/;

/** Reads one of the files before os-release; undefined where it does not say which distribution it is. */
export function parseLegacy(path: string, text: string): Parts | undefined {
  const line =
    text
      .replace(/^\ufeff/, '')
      .split(/\r?\n/, 1)[0]
      ?.trim()
      .slice(0, 200) ?? '';
  if (path === 'etc/alpine-release') return /^\d+\.\d+/.test(line) ? versioned('alpine', line) : undefined;
  if (path === 'etc/debian_version') return parseDebianVersion(line);
  if (path === 'etc/lsb-release' || path === 'etc/openwrt_release') return parseLsbRelease(text);
  if (path === 'etc/SuSE-release') return parseSuseRelease(line, text);
  return path === 'etc/arch-release' ? { id: 'arch' } : parseRelease(line);
}

function versioned(id: string, versionId: string | undefined): Parts {
  return versionId !== undefined && /^[\w.+~-]{1,64}$/.test(versionId) ? { id, versionId } : { id };
}

/** `12.5`, or `bookworm/sid` in testing and unstable. */
function parseDebianVersion(line: string): Parts | undefined {
  if (dotted.test(line)) return versioned('debian', line.split('.', 1)[0]);
  const codename = line.split('/', 1)[0] ?? '';
  return line.endsWith('/sid') && /^[a-z]+$/.test(codename) ? { id: 'debian', codename } : undefined;
}

function parseLsbRelease(text: string): Parts | undefined {
  const values = parseOsRelease(text);
  const id = values.get('DISTRIB_ID')?.toLowerCase();
  if (id === undefined || !/^[a-z0-9._-]{1,64}$/.test(id)) return undefined;
  const codename = values.get('DISTRIB_CODENAME');
  const name = values.get('DISTRIB_DESCRIPTION');
  return {
    ...versioned(id, values.get('DISTRIB_RELEASE')),
    ...(codename && /^[a-z-]{1,64}$/.test(codename) ? { codename } : {}),
    ...(name ? { name } : {}),
  };
}

/** `SUSE Linux Enterprise Server 11 (x86_64)` with the service pack in a line `PATCHLEVEL = 4`. */
function parseSuseRelease(line: string, text: string): Parts | undefined {
  const version = line.split(' ').find((word) => dotted.test(word));
  const lower = line.toLowerCase();
  if (lower.startsWith('opensuse')) return versioned('opensuse', version);
  if (!lower.startsWith('suse linux enterprise') || version === undefined) return undefined;
  const pack = /^PATCHLEVEL *= *(\d{1,3})/m.exec(text)?.[1] ?? '0';
  return versioned('sles', pack === '0' ? version : `${version}.${pack}`);
}

/** `CentOS Linux release 7.9.2009 (Core)`, `CBL-Mariner 2.0.20220426`, `VMware Photon OS 4.0`. */
function parseRelease(line: string): Parts | undefined {
  const lower = line.toLowerCase();
  const id = releaseNames.find(([name]) => lower.startsWith(name))?.[1];
  if (id === undefined) return undefined;
  const version = line.split(' ').find((word) => dotted.test(word));
  const isDated = id === 'mariner' || id === 'azurelinux';
  return { ...versioned(id, isDated ? version?.split('.', 2).join('.') : version), ...(line ? { name: line } : {}) };
}
