// Packages of R as R installs them: the DESCRIPTION of each folder of a library.
import { decodeText } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { lineDistiller } from '../lines.ts';
import { licencesOf } from './licences.ts';

/** Packages of CRAN and Bioconductor, and R itself. */
export const rCataloger: Cataloger = {
  id: 'r',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['DESCRIPTION'] },
  wants,
  catalog,
};

/** Lines of fields that are read; what continues them is left out, as is all else. */
const fields =
  /^(?:Package|Version|Priority|License|Repository|Built|biocViews|git_url|Remote(?:Type|Host|Username|Repo|Sha|Url)):/;
const description: Want = {
  kind: 'distill',
  create: () => lineDistiller((line) => (fields.test(line) ? line : undefined)),
};

function wants({ path, type }: FileHeader): Want | undefined {
  return path.endsWith('/DESCRIPTION') && (type === 'file' || type === 'hardlink') ? description : undefined;
}

/** "Writing R Extensions", 1.1.1: letters, digits and dots; at least two numbers between dots or hyphens. */
const namePattern = /^[A-Za-z][A-Za-z0-9.]{0,126}$/;
const versionPattern = /^\d{1,18}(?:[.-]\d{1,18}){1,20}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const entry = readFields(file);
    // Only what R installed says with which R it was built; others are sources.
    if (!entry.has('Built')) continue;
    const name = entry.get('Package') ?? '';
    const version = entry.get('Version') ?? '';
    if (!namePattern.test(name) || !versionPattern.test(version)) {
      const saying = 'names no valid package and version; the package is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    } else if (entry.get('Priority') !== 'base') packages.push(packageOf(name, version, entry, file.path));
    else if (name === 'base') packages.push(languageOf(version, file.path));
  }
  return { packages, diagnostics, complete };
}

function readFields(file: RawFile): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of decodeText(file.content).split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && fields.test(line) && !found.has(line.slice(0, colon))) {
      found.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  return found;
}

function packageOf(name: string, version: string, entry: ReadonlyMap<string, string>, path: string): FoundPackage {
  const builtWith = /^R (\d+\.\d+\.\d+)/.exec(entry.get('Built') ?? '')?.[1];
  const repository = entry.get('Repository') ?? '';
  const remote = remoteOf(entry);
  const facts = {
    ...(builtWith === undefined ? {} : { builtWith: `R ${builtWith}` }),
    ...(remote === undefined ? {} : { remote }),
    ...(/^[\w.:/ -]{1,100}$/.test(repository) ? { repository } : {}),
  };
  return {
    type: isBioconductor(entry) ? 'bioconductor' : 'cran',
    name,
    version,
    licences: licencesOf(entry.get('License') ?? ''),
    paths: [path],
    ...(remote === undefined
      ? {}
      : { origin: remote.startsWith('local') || remote.startsWith('url') ? 'archive' : 'vcs' }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Bioconductor's builds name its git server; its packages must have views, which those of CRAN may have too. */
function isBioconductor(entry: ReadonlyMap<string, string>): boolean {
  const repository = entry.get('Repository') ?? '';
  if (/bioconductor/i.test(repository)) return true;
  if (entry.get('git_url')?.startsWith('https://git.bioconductor.org/') === true) return true;
  return repository === '' && entry.has('biocViews') && !entry.has('RemoteType');
}

/** Where remotes, pak and renv installed it from, when not from a repository: `github:OWNER/REPOSITORY@COMMIT`. */
function remoteOf(entry: ReadonlyMap<string, string>): string | undefined {
  const type = entry.get('RemoteType') ?? '';
  if (!/^(?:github|gitlab|bitbucket|git2r?|xgit|local|url|svn)$/.test(type)) return undefined;
  const place = [entry.get('RemoteUsername'), entry.get('RemoteRepo')].filter((part) =>
    /^[\w.-]{1,100}$/.test(part ?? ''),
  );
  const commit = /^[0-9a-f]{7,64}$/.exec(entry.get('RemoteSha') ?? '')?.[0];
  return `${type}${place.length === 2 ? `:${place.join('/')}` : ''}${commit === undefined ? '' : `@${commit}`}`;
}

/** The packages of priority `base` are parts of R and have its version: they are reported as R, once. */
function languageOf(version: string, path: string): FoundPackage {
  const cpes = [`cpe:2.3:a:r-project:r:${version}:*:*:*:*:*:*:*`];
  return { type: 'generic', name: 'r', version, licences: ['GPL-2.0-or-later'], cpes, paths: [path] };
}
