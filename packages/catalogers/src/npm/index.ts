// npm packages as npm, pnpm and yarn install them: every package.json with a name and a version.
import { mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { parsePackageJson } from './parse.ts';

/** Packages of Node.js, installed by any package manager. */
export const npmCataloger: Cataloger = {
  id: 'npm',
  version: 3,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['package.json'] },
  wants,
  catalog,
};

/** The largest in the registry's 1,000 most used packages has 110 KiB; editors' extensions reach 1.4 MiB. */
const manifest: Want = { kind: 'whole', maxBytes: 2 * mebibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.endsWith('package.json') || (type !== 'file' && type !== 'hardlink')) return undefined;
  return path.length === 12 || path.charCodeAt(path.length - 13) === 0x2f ? manifest : undefined;
}

/** `node_modules/NAME` and `node_modules/@SCOPE/NAME`, and Debian's `/usr/share/nodejs`, where packages are installed. */
const installedPath = /(?:^|\/)(?:node_modules|usr\/share\/nodejs)\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const installed = installedPath.test(`/${file.path}`);
    const parsed = parsePackageJson(file.content);
    if (parsed.kind === 'package') packages.push(packageOf(parsed, file.path, installed));
    else if (installed && parsed.kind === 'broken') {
      const cause = file.truncated ? 'larger than 2 MiB' : parsed.cause;
      const saying = `is ${cause}; the package is not in the inventory`;
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    }
  }
  return { packages, diagnostics, complete };
}

function packageOf(
  { namespace, name, version, licences, isPrivate }: Extract<ReturnType<typeof parsePackageJson>, { kind: 'package' }>,
  path: string,
  installed: boolean,
): FoundPackage {
  const facts = { ...(installed ? {} : { embedded: 'true' }), ...(isPrivate ? { private: 'true' } : {}) };
  return {
    type: 'npm',
    ...(namespace === undefined ? {} : { namespace }),
    name,
    version,
    licences,
    paths: [path],
    ...(installed ? {} : { weak: true }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}
