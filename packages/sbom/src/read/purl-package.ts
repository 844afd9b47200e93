// A package out of its package URL alone: qualifiers say source, architecture, epoch and module stream.
import { withoutCredentials } from '@plombe/kit';
import { formatPurl, type Package, type PurlParts, type SourcePackage } from '@plombe/model';

/** What a package URL says of a package. */
export type PurlPackage = Omit<Package, 'id' | 'cataloger' | 'evidence' | 'licences'>;

/**
 * Returns the package; undefined where it has no version, neither in the package URL nor in `version`. Qualifiers read: `distro`, `arch`, `upstream`,
 * `epoch`, `rpmmod`. Of deb and rpm the version gets the epoch.
 */
export function packageOfPurl(written: PurlParts, version = written.version): PurlPackage | undefined {
  const parts = withoutLogins(written);
  if (version === undefined || version === '') return undefined;
  const { type, namespace, name, subpath } = parts;
  const { arch, epoch, ...rest } = parts.qualifiers ?? {};
  const hasEpoch = (type === 'rpm' || type === 'deb') && epoch !== undefined && epoch !== '0';
  const full = hasEpoch && !/^\d+:/.test(version) ? `${epoch}:${version}` : version;
  const qualifiers = epoch === undefined ? rest : { ...rest, epoch };
  const source = sourceOfUpstream(type, rest['upstream'], full);
  return {
    purl: formatPurl({ ...parts, version: parts.version ?? version }),
    type,
    name,
    version: full,
    ...(namespace === undefined ? {} : { namespace }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(subpath === undefined ? {} : { subpath }),
    ...(source === undefined ? {} : { source }),
    ...(rest['rpmmod'] === undefined ? {} : { modularity: rest['rpmmod'] }),
  };
}

/** `vcs_url` and the like say where a package is from, with the login that it was fetched by. (T24) */
function withoutLogins(parts: PurlParts): PurlParts {
  const { qualifiers } = parts;
  if (qualifiers === undefined || !Object.values(qualifiers).some((value) => value.includes('://'))) return parts;
  const shown = Object.entries(qualifiers).map(([key, value]) => [key, withoutCredentials(value)]);
  return { ...parts, qualifiers: Object.fromEntries(shown) as Readonly<Record<string, string>> };
}

/** Reads `name`, `name@version`, or for rpm the file name of the source package; the epoch is not in that, and taken from the package's `version`. */
export function sourceOfUpstream(
  type: string,
  upstream: string | undefined,
  version: string,
): SourcePackage | undefined {
  if (upstream === undefined || upstream === '') return undefined;
  if (type === 'rpm') {
    const match = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream);
    const epoch = /^\d+:/.exec(version)?.[0] ?? '';
    if (match !== null) return { name: match[1] as string, version: `${epoch}${match[2] as string}` };
  }
  const at = upstream.indexOf('@', 1);
  return at < 0 ? { name: upstream, version } : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}
