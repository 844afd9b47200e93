// Packages of Debian and its relatives, from dpkg's status files.
import type { Diagnostic } from '@plombe/model';
import type { Cataloger, CatalogContext, CatalogResult, FileView } from '../cataloger.ts';
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

function missing(path: string): Diagnostic {
  return {
    code: 'package/database-missing',
    level: 'error',
    message: `dpkg's file lists are in the image, but its status file names no installed package.`,
    path,
  };
}
