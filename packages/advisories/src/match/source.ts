// The source package of a package: as its cataloger says, else as its purl's `upstream` qualifier does.
import type { Package, SourcePackage } from '@plombe/model';

/**
 * Returns the source package; the package itself where none is named. `upstream` holds `name`, `name@version` or, for rpm, the file
 * name of the source rpm. A Debian binary rebuild (`+b1`) has no source version of its own.
 */
export function sourceOf(item: Package): SourcePackage {
  if (item.source !== undefined) return { name: item.source.name, version: item.source.version || ownVersion(item) };
  const upstream = item.qualifiers?.['upstream'] ?? '';
  const version = ownVersion(item);
  if (upstream === '') return { name: item.name, version };
  if (item.type === 'rpm') return sourceRpm(upstream, version) ?? { name: item.name, version };
  const at = upstream.lastIndexOf('@');
  return at > 0 ? { name: upstream.slice(0, at), version: upstream.slice(at + 1) } : { name: upstream, version };
}

/** Adds the `epoch` qualifier of a purl to a version without one. */
export function withEpoch(item: Pick<Package, 'version' | 'qualifiers'>): string {
  const epoch = item.qualifiers?.['epoch'];
  const hasEpoch = epoch === undefined || epoch === '' || epoch === '0' || item.version.includes(':');
  return hasEpoch ? item.version : `${epoch}:${item.version}`;
}

function ownVersion(item: Package): string {
  const version = withEpoch(item);
  return item.type === 'deb' ? version.replace(/\+b\d+$/, '') : version;
}

/** Reads `openssh-9.8p1-3.azl3.src.rpm`; the epoch is not in the file name and taken from the package. */
function sourceRpm(file: string, version: string): SourcePackage | undefined {
  const match = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file);
  if (match === null) return undefined;
  const epoch = /^\d+:/.exec(version)?.[0] ?? '';
  return { name: match[1] as string, version: `${epoch}${match[2] as string}` };
}
