// Bitnami's components: the SPDX document beside each, and the list that older images have instead.
import { mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { parseBitnamiSpdx, parseComponentList } from './parse.ts';

/** Software below `/opt/bitnami`, as Bitnami says what it put there. */
export const bitnamiCataloger: Cataloger = {
  id: 'bitnami',
  where: { names: ['.bitnami_components.json'], extensions: ['spdx'] },
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** The largest documents, of components with some hundred modules, have about 1 MiB. */
const document: Want = { kind: 'whole', maxBytes: 16 * mebibyte };

const folder = 'opt/bitnami/';
const listName = '.bitnami_components.json';

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.startsWith(folder) || (type !== 'file' && type !== 'hardlink')) return undefined;
  if (path.endsWith('.spdx')) return path.includes('/.spdx-') ? document : undefined;
  return path.endsWith(listName) ? document : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const listed: FoundPackage[] = [];
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const isList = file.path.endsWith(listName);
    const parsed = isList ? parseComponentList(file.content, file.path) : parseBitnamiSpdx(file.content, file.path);
    (isList ? listed : packages).push(...parsed.packages);
    if (parsed.cause === undefined) continue;
    const cause = file.truncated ? 'is larger than 16 MiB' : parsed.cause;
    diagnostics.push(
      diagnose('package/metadata-invalid', 'warning', file, `${cause}; its packages are not in the inventory`),
    );
  }
  const documented = new Set(packages.map(({ name }) => name));
  packages.push(...listed.filter(({ name }) => !documented.has(name)));
  return { packages, diagnostics, complete: diagnostics.length === 0 };
}
