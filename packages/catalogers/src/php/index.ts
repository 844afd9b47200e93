// Packages of PHP: what Composer, PEAR and PECL installed.
import { mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { parseInstalledJson, parseInstalledPhp } from './composer.ts';
import { parseRegistryFile } from './pear.ts';

/** Composer's packages, and those of PEAR and PECL. */
export const phpCataloger: Cataloger = {
  id: 'php',
  version: 2,
  wantsVersion: 1,
  attribution: 'database',
  owner: false,
  where: { names: ['installed.json', 'installed.php'], extensions: ['reg'] },
  wants,
  catalog,
};

/** A shop of 400 packages has 1.1 MiB. */
const installed: Want = { kind: 'whole', maxBytes: 16 * mebibyte };
/** That of PEAR itself, the largest, has 160 KiB. */
const registry: Want = { kind: 'whole', maxBytes: 4 * mebibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.reg')) return path.includes('.registry/') ? registry : undefined;
  return path.endsWith('composer/installed.json') || path.endsWith('composer/installed.php') ? installed : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const tell = (file: Parameters<typeof diagnose>[2], saying: string): void => {
    diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
    complete = false;
  };
  for (const file of view.files()) {
    if (file.type !== 'file' || file.sizeBytes === 0) continue;
    if (file.path.endsWith('.reg')) {
      const found = parseRegistryFile(file.content, file.path);
      if (found === undefined) tell(file, 'names no valid package and version; the package is not in the inventory');
      else packages.push(found);
      continue;
    }
    const isJson = file.path.endsWith('.json');
    // The program's own list is the same one, for code; it counts where the other is not there.
    if (!isJson && view.get(file.path.replace(/php$/, 'json')) !== undefined) continue;
    const read = isJson ? parseInstalledJson : parseInstalledPhp;
    const list = file.truncated ? undefined : read(file.content, file.path);
    if (list === undefined) {
      tell(
        file,
        `is ${file.truncated ? 'larger than 16 MiB' : 'no list of Composer'}; its packages are not in the inventory`,
      );
      continue;
    }
    packages.push(...list.packages);
    if (list.invalid > 0)
      tell(file, `has ${list.invalid} entries without a valid name and version, which are not in the inventory`);
  }
  return { packages, diagnostics, complete };
}
