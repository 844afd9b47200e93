// Packages of OpenWrt and Yocto images, from opkg's status file and the control files beside it.
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import { decodePath } from '@plombe/kit';
import type { Cataloger, CatalogContext, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { folders, wants } from './interest.ts';
import { parseControl, parseStatus, type Control, type Installed } from './parse.ts';

/** Packages installed with opkg: OpenWrt up to 24.10, Yocto's images, Entware. */
export const opkgCataloger: Cataloger = {
  id: 'opkg',
  version: 2,
  wantsVersion: 2,
  attribution: 'database',
  owner: true,
  where: { names: ['opkg', 'status'], extensions: ['control', 'list'] },
  wants,
  catalog,
};

const maxProblems = 20;

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  const report = (
    file: RawFile,
    code: 'package/database-corrupt' | 'package/database-missing',
    saying: string,
  ): void => {
    complete = false;
    if (diagnostics.length < maxProblems) diagnostics.push(diagnose(code, 'error', file, saying));
  };
  const seen = new Set<RawFile>();
  for (const folder of folders) {
    const status = view.get(`${folder}status`);
    const info = view.files().filter(({ path, type }) => type === 'file' && path.startsWith(`${folder}info/`));
    if (status === undefined) {
      const [first] = info;
      if (first !== undefined && first.path.endsWith('.control'))
        report(
          first,
          'package/database-missing',
          'is of an opkg package, but no status file in the image says which are installed',
        );
      continue;
    }
    if (seen.has(status)) continue;
    seen.add(status);
    const { installed, problems } = parseStatus(status.content);
    for (const problem of problems) report(status, 'package/database-corrupt', `cannot be read whole: ${problem}`);
    if (status.truncated)
      report(status, 'package/database-corrupt', 'cannot be read whole: it is larger than the limit');
    for (const one of installed) {
      const control = view.get(`${folder}info/${one.name}.control`);
      const list = view.get(`${folder}info/${one.name}.list`);
      for (const path of pathsOf(list)) owners.set(path, packages.length);
      packages.push(packageOf(one, control && parseControl(control.content), status.path, ctx));
    }
  }
  return { packages, diagnostics, owners, complete };
}

function packageOf(
  { name, version, architecture }: Installed,
  control: Control | undefined,
  path: string,
  { distribution }: CatalogContext,
): FoundPackage {
  return {
    type: 'opkg',
    ...(distribution === undefined ? {} : { namespace: distribution.id }),
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    source: { name: control?.source ?? name, version },
    licences: control?.licences ?? [],
    ...(control?.cpe === undefined ? {} : { cpes: [control.cpe] }),
    paths: [path],
  };
}

function pathsOf(list: RawFile | undefined): readonly string[] {
  return list === undefined ? [] : decodePath(list.content).split('\n').filter(Boolean);
}
