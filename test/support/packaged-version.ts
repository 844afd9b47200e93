// What a program's own version is, by that of the package it is in: registries and distributions add to it.
import type { BinaryPackage } from '@plombe/fixtures';

/** The version of what was packaged: without Debian's epoch, revision and marks of repacking, and without what PyPI adds. */
function upstreamOf(source: BinaryPackage['source'], version: string): string {
  if (source !== 'debian') return version.replace(/\.post\d+$/, '');
  const bare = version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
  return bare
    .replace(/^.*really/, '')
    .replace(/[+~.-]?(?:dfsg|ds|repack|git|debian|stable).*$/, '')
    .replace(/\+\d+$/, '');
}

/** Debian writes `2.1.0~beta3` and `6.9.11.60` for `2.1.0-beta3` and `6.9.11-60`. */
const plain = (version: string): string => version.replaceAll(/[-~]/g, '.');

/** True where what a program says is the version of its package. Debian calls QEMU by its branch; wheels and archives add a number of their own. */
export function isPackagedVersion(one: BinaryPackage, said: string, packaged: string): boolean {
  const [is, expected] = [plain(said), plain(upstreamOf(one.source, packaged))];
  if (one.software === 'qemu') return is.startsWith(`${expected}.`);
  return is === expected || (one.source !== 'debian' && expected.startsWith(`${is}.`));
}
