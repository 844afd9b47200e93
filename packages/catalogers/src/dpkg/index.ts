// Packages of Debian and its relatives, from dpkg's status files.
import type { Diagnostic, RawFile } from '@plombe/model';
import type { Cataloger, CatalogContext, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { wants } from './interest.ts';
import { declaredLicences } from './licences.ts';
import { ownedPaths } from './owners.ts';
import { readStatus } from './status.ts';

/** Packages installed with dpkg: Debian, Ubuntu and their relatives, distroless images among them. */
export const dpkgCataloger: Cataloger = {
  id: 'dpkg',
  version: 1,
  wantsVersion: 1,
  attribution: 'database',
  owner: true,
  wants,
  catalog,
};

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const { installed, diagnostics, complete } = readStatus(view, ctx.distribution);
  const packages = installed.map(({ found }) => ({ ...found, licences: declaredLicences(view, found.name) }));
  const { owners, orphaned } = ownedPaths(view, installed);
  if (installed.length > 0 || orphaned === undefined) return { packages, diagnostics, owners, complete };
  return { packages, diagnostics: [...diagnostics, missing(orphaned)], owners, complete: false };
}

function missing(list: RawFile): Diagnostic {
  const saying = "is a file list of dpkg's, but no status file in the image names an installed package";
  return diagnose('package/database-missing', 'error', list, saying);
}
