// Python distributions as pip and others install them: dist-info, egg-info and eggs.
import type { Diagnostic, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { archivePackages } from './archives.ts';
import { editableFacts, installFacts } from './install.ts';
import { wants } from './interest.ts';
import { parseMetadata } from './metadata.ts';
import { isArchive, isLeftover, isMetadata, isProgram } from './paths.ts';

/** Distributions of Python, installed by any package manager. */
export const pythonCataloger: Cataloger = {
  id: 'python',
  version: 5,
  wantsVersion: 3,
  attribution: 'file',
  owner: false,
  where: {
    names: ['METADATA', 'PKG-INFO', 'direct_url.json', 'INSTALLER'],
    extensions: ['whl', 'egg', 'pyz', 'pex', 'egg-info', 'egg-link', 'pth', 'py'],
    folders: ['bin', 'sbin'],
  },
  wants,
  catalog,
};

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const editable = editableFacts(view);
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    if (isArchive(file.path) || isProgram(file.path)) {
      const inside = archivePackages(file);
      packages.push(...inside.packages);
      diagnostics.push(...inside.diagnostics);
      complete &&= inside.complete;
      continue;
    }
    if (!isMetadata(file.path)) continue;
    if (isLeftover(file.path)) {
      diagnostics.push(diagnose('package/metadata-invalid', 'note', file, 'is what an upgrade by pip left behind'));
      continue;
    }
    const found = parseMetadata(file);
    if (found === undefined) {
      const saying = 'names no valid package and version; the package is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
      continue;
    }
    const facts = { ...found.facts, ...editable(file.path, found.name), ...installFacts(view, file.path) };
    packages.push(Object.keys(facts).length === 0 ? found : { ...found, facts: sorted(facts) });
  }
  return { packages, diagnostics, complete };
}

function sorted(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
