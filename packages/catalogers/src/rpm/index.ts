// The rpm cataloger: the packages of rpm's own databases, or of the manifests that stand in for them.
import { inert } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';
import type { CatalogContext, Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { readDatabase } from './database.ts';
import { databasePaths, leadsAstray, manifestPaths, wantsRpmFile } from './locations.ts';
import { readManifest } from './manifest.ts';
import { ownersOf } from './owners.ts';
import { packagesOf, type RpmFields } from './package.ts';

/** Packages installed with rpm; also what Azure Linux and Mariner distroless images list in their manifests. */
export const rpmCataloger: Cataloger = {
  id: 'rpm',
  version: 5,
  wantsVersion: 1,
  attribution: 'database',
  owner: true,
  where: {
    names: [
      'Packages',
      'Packages.db',
      'rpmdb.sqlite',
      'rpmdb.sqlite-wal',
      'container-manifest-1',
      'container-manifest-2',
      'rpm',
    ],
  },
  wants: wantsRpmFile,
  catalog,
};

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const files = new Map(view.files().map((file) => [file.path, file]));
  const diagnostics: Diagnostic[] = [...files.values()].filter(leadsAstray).map(astray);
  let complete = diagnostics.length === 0;
  const fields: RpmFields[] = [];
  const lists: (readonly [number, readonly string[]])[] = [];
  const indexes = new Map<string, number>();
  const add = (rpm: RpmFields): number => {
    const key = `${rpm.name}\n${rpm.epoch}:${rpm.versionRelease}\n${rpm.architecture ?? ''}`;
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, fields.length);
    return fields.push(rpm) - 1;
  };
  for (const path of databasePaths) {
    const file = contentOf(files, path);
    const wal = contentOf(files, `${path}-wal`);
    if (file === undefined) continue;
    const content = readDatabase(file, wal);
    content.fields.forEach((rpm, i) => lists.push([add(rpm), content.owned[i] ?? []]));
    diagnostics.push(...content.diagnostics);
    complete &&= content.complete;
  }
  const manifest = fields.length > 0 ? undefined : manifestPaths.map((path) => contentOf(files, path)).find(Boolean);
  if (manifest !== undefined) {
    const content = readManifest(manifest);
    content.fields.forEach(add);
    diagnostics.push(...content.diagnostics);
    complete &&= content.complete;
  }
  return { packages: packagesOf(fields, ctx.distribution), diagnostics, owners: ownersOf(lists), complete };
}

function contentOf(files: ReadonlyMap<string, RawFile>, path: string): RawFile | undefined {
  const file = files.get(path);
  return file?.type === 'file' ? file : undefined;
}

function astray(link: RawFile): Diagnostic {
  return {
    code: 'package/database-corrupt',
    level: 'error',
    message: `/${link.path} is a symlink to ${inert(link.linkTarget ?? '')}, where no rpm database is looked for`,
    path: link.path,
    layerIndex: link.layerIndex,
  };
}
