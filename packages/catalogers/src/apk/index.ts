// Packages of Alpine and its relatives, from apk's database of installed packages.
import type { Diagnostic, FileHeader, RawFile } from '@plombe/model';
import { mebibyte } from '@plombe/kit';
import type { Cataloger, CatalogContext, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { parseInstalled } from './parse.ts';

/** Packages installed with apk: Alpine, Wolfi, Chainguard and their relatives. */
export const apkCataloger: Cataloger = {
  id: 'apk',
  version: 5,
  wantsVersion: 2,
  attribution: 'database',
  owner: true,
  where: { names: ['installed', 'lib', 'apk', 'db'] },
  wants,
  catalog,
};

/** apk-tools 2 keeps it in `/lib`, apk-tools 3 on merged `/usr` systems in `/usr/lib`. */
const databasePaths: readonly string[] = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];

/** Folders that may be symlinks on the way to the database, such as `/lib` of a merged `/usr`. */
const linkPaths: ReadonlySet<string> = new Set(['lib', 'lib/apk', 'lib/apk/db', 'usr/lib/apk', 'usr/lib/apk/db']);

/** A large image of 1,000 packages has 9 MiB, and the text takes as much again while it is read. */
const database: Want = { kind: 'whole', maxBytes: 64 * mebibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (databasePaths.includes(path))
    return type === 'file' || type === 'symlink' || type === 'hardlink' ? database : undefined;
  return type === 'symlink' && linkPaths.has(path) ? { kind: 'link' } : undefined;
}

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const packages: CatalogResult['packages'][number][] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  const files = new Set(
    databasePaths.map((path) => view.get(path)).filter((file): file is RawFile => file !== undefined),
  );
  for (const file of files) {
    const reading = parseInstalled(file.content, file.path, ctx.distribution?.id);
    const causes = file.truncated ? [...reading.problems, 'the file is larger than the limit'] : reading.problems;
    for (const cause of causes) {
      diagnostics.push(diagnose('package/database-corrupt', 'error', file, `cannot be read whole: ${cause}`));
      complete = false;
    }
    for (const { found, owned } of reading.installed) {
      for (const path of owned) owners.set(path, packages.length);
      packages.push(found);
    }
  }
  return { packages, diagnostics, owners, complete };
}
