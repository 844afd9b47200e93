// Packages of Debian and its relatives, from dpkg's status files.
import { inert } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';
import type { Cataloger, CatalogContext, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { wants } from './interest.ts';
import { packageLicences } from './licences.ts';
import { ownedPaths, stemOf } from './owners.ts';
import { readStatus } from './status.ts';

/** Packages installed with dpkg: Debian, Ubuntu and their relatives, distroless images among them. */
export const dpkgCataloger: Cataloger = {
  id: 'dpkg',
  version: 5,
  wantsVersion: 4,
  attribution: 'database',
  owner: true,
  where: {
    names: ['status', 'diversions', 'copyright', 'dpkg'],
    folders: ['doc', 'info', 'status.d'],
  },
  wants,
  catalog,
};

/** File lists without a package that are named beside the first; the rest is counted. */
const maxNamed = 4;

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const { known, installed, diagnostics, complete } = readStatus(view, ctx.distribution);
  const packages = installed.map(({ found }) => ({ ...found, licences: packageLicences(view, found.name) }));
  const { owners, orphaned } = ownedPaths(view, installed);
  const [first] = orphaned;
  if (first === undefined) return { packages, diagnostics, owners, complete };
  if (installed.length === 0)
    return { packages, diagnostics: [...diagnostics, missing(first)], owners, complete: false };
  const unknown = orphaned.filter(({ path }) => !known.has(stemOf(path) ?? ''));
  return { packages, diagnostics: [...diagnostics, ...(complete ? removed(unknown) : [])], owners, complete };
}

/** A package that is purged takes its lists along; one that was cut out of the status file leaves them. (T11) */
function removed(lists: readonly RawFile[]): readonly Diagnostic[] {
  const [first, ...others] = lists;
  if (first === undefined) return [];
  const named = others.slice(0, maxNamed).map(({ path }) => inert(path));
  if (others.length > maxNamed) named.push(`${others.length - maxNamed} more`);
  const also = named.length === 0 ? '' : `, as are ${named.join(', ')}`;
  const saying = `is a file list of a package that no status file knows${also}; such a package may still be installed`;
  return [diagnose('package/database-rewritten', 'warning', first, saying)];
}

function missing(list: RawFile): Diagnostic {
  const saying = "is a file list of dpkg's, but no status file in the image names an installed package";
  return diagnose('package/database-missing', 'error', list, saying);
}
