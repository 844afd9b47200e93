// The files that say which distribution an image is made of.
import { kibibyte, mebibyte } from '@plombe/kit';
import type { FileInterest, Want } from '../cataloger.ts';

/**
 * In the order in which they are believed. `/usr/lib` holds the vendor's copy, `/etc` usually a symlink to it. In Bottlerocket `/usr` is a link
 * to the sysroot of its architecture.
 */
export const osReleasePaths: readonly string[] = [
  'etc/os-release',
  'usr/lib/os-release',
  'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
  'aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
];

/** Files of older or unusual images, the more specific first: an Oracle image also has a redhat-release. */
export const legacyPaths: readonly string[] = [
  'etc/alpine-release',
  'etc/azurelinux-release',
  'etc/mariner-release',
  'etc/photon-release',
  'etc/oracle-release',
  'etc/rocky-release',
  'etc/almalinux-release',
  'etc/centos-release',
  'etc/fedora-release',
  'etc/system-release',
  'etc/redhat-release',
  'etc/SuSE-release',
  'etc/lsb-release',
  'etc/openwrt_release',
  'etc/gentoo-release',
  'etc/debian_version',
  'etc/arch-release',
];

export const alpineRepositoriesPath = 'etc/apk/repositories';
export const debianSourcesPath = 'etc/apt/sources.list';
export const debianSourcesFolder = 'etc/apt/sources.list.d/';

/** Lists of content sets of Red Hat's images: one for each layer, and since 2025 one for all. */
const contentManifests = 'root/buildinfo/content_manifests/';
const contentSets = 'usr/share/buildinfo/content-sets.json';

/** Topics of Amazon Linux 2's extras, enabled or not. */
export const amazonExtrasPath = 'etc/yum.repos.d/amzn2-extras.repo';

/** The largest manifest known, which lists the dependencies of a build too, has under 2 MiB. (T19) */
const manifest: Want = { kind: 'whole', maxBytes: 8 * mebibyte };

/** True for a list of content sets. */
export function isContentSets(path: string): boolean {
  return path === contentSets || (path.startsWith(contentManifests) && path.endsWith('.json'));
}

/** The largest os-release known has 1.2 KiB, the largest list of repositories under 10 KiB. (T19) */
const whole: Want = { kind: 'whole', maxBytes: 64 * kibibyte };

const wholePaths: ReadonlySet<string> = new Set([
  ...osReleasePaths,
  ...legacyPaths,
  alpineRepositoriesPath,
  amazonExtrasPath,
  debianSourcesPath,
]);

/** Folders that some images have as symlinks: without them, what lies behind could not be found. */
const linkPaths: ReadonlySet<string> = new Set(['etc', 'lib', 'usr', 'usr/lib']);

/** Fedora keeps one file per edition there and links to one of them. */
const editionPrefix = 'usr/lib/os.release.d/os-release-';

export const distributionInterest: FileInterest = {
  id: 'distribution',
  wantsVersion: 2,
  where: {
    names: [...wholePaths, contentSets, ...linkPaths].map((path) => path.slice(path.lastIndexOf('/') + 1)),
    folders: ['os.release.d', 'sources.list.d', 'content_manifests'],
  },
  wants({ path, type }) {
    if (type !== 'file' && type !== 'symlink' && type !== 'hardlink') return undefined;
    if (wholePaths.has(path) || path.startsWith(editionPrefix)) return whole;
    if (path.startsWith(debianSourcesFolder)) return isSourcesFile(path) ? whole : undefined;
    if (isContentSets(path)) return manifest;
    return type === 'symlink' && linkPaths.has(path) ? { kind: 'link' } : undefined;
  },
};

/** True for a file that apt reads in `sources.list.d`, in either of its two formats. */
export function isSourcesFile(path: string): boolean {
  const name = path.slice(debianSourcesFolder.length);
  return path.startsWith(debianSourcesFolder) && !name.includes('/') && /\.(?:list|sources)$/.test(name);
}
