// The source package an rpm was built from, as its name says.
import type { SourcePackage } from '@plombe/model';

/**
 * Parses `name-version-release.src.rpm` (or `.nosrc.rpm`) from the right, because names hold dashes and versions do not. The version
 * has no epoch: the file name does not tell it. Undefined for anything else, such as rpm's `(none)`.
 */
export function parseSourceRpm(text: string): SourcePackage | undefined {
  const end = text.endsWith('.nosrc.rpm') ? -10 : text.endsWith('.src.rpm') ? -8 : 0;
  if (end === 0) return undefined;
  const stem = text.slice(0, end);
  const release = stem.lastIndexOf('-');
  const version = stem.lastIndexOf('-', release - 1);
  if (version <= 0 || release - version < 2 || release === stem.length - 1) return undefined;
  return { name: stem.slice(0, version), version: stem.slice(version + 1) };
}
