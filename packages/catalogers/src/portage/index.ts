// Packages of Gentoo and its relatives, from Portage's database of installed packages.
import { decodePath, decodeText, kibibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { lineDistiller } from '../lines.ts';
import { isOwnable } from '../ownable.ts';
import { licencesOf } from './licences.ts';
import { splitPackage } from './names.ts';

/** Packages installed with Portage or pkgcore: Gentoo and its relatives. */
export const portageCataloger: Cataloger = {
  id: 'portage',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: true,
  where: { names: ['PF', 'SLOT', 'LICENSE', 'repository', 'CHOST', 'CONTENTS'] },
  wants,
  catalog,
};

const folder = 'var/db/pkg/';

/** A word or a line each. */
const small: Want = { kind: 'whole', maxBytes: 16 * kibibyte };
const contents: Want = { kind: 'distill', create: () => lineDistiller(ownedPath) };
/** Each package has most of them; any says that the package is there. */
const smallFiles: ReadonlySet<string> = new Set(['PF', 'SLOT', 'LICENSE', 'repository', 'CHOST']);
const maxProblems = 20;

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.startsWith(folder) || (type !== 'file' && type !== 'hardlink')) return undefined;
  const parts = path.split('/');
  if (parts.length !== 6) return undefined;
  const name = parts[5] as string;
  if (smallFiles.has(name)) return small;
  return name === 'CONTENTS' ? contents : undefined;
}

/** `obj PATH MD5 MTIME`, where the path may have spaces; folders and links cannot be evidence. */
function ownedPath(line: string): string | undefined {
  const match = /^obj \/(.+) [0-9a-f]{32} \d+$/.exec(line);
  return match !== null && isOwnable(match[1] as string) ? match[1] : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  for (const [place, files] of entriesOf(view)) {
    const found = packageOf(place, files);
    if (found === undefined) {
      complete = false;
      const [file] = files.values();
      const saying = 'is of a package that has no valid name and version';
      if (file !== undefined && diagnostics.length < maxProblems)
        diagnostics.push(diagnose('package/database-corrupt', 'error', file, saying));
      continue;
    }
    const list = files.get('CONTENTS');
    const paths = list === undefined ? [] : decodePath(list.content).split('\n').filter(Boolean);
    for (const path of paths) owners.set(path, packages.length);
    packages.push(found);
  }
  return { packages, diagnostics, owners, complete };
}

/** Folder of each package → its files by name. Packages being merged or unmerged (`-MERGING-NAME`) are not installed. */
function entriesOf(view: FileView): ReadonlyMap<string, ReadonlyMap<string, RawFile>> {
  const entries = new Map<string, Map<string, RawFile>>();
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const slash = file.path.lastIndexOf('/');
    const place = file.path.slice(0, slash);
    if (place.includes('/-MERGING-')) continue;
    const files = entries.get(place) ?? new Map<string, RawFile>();
    entries.set(place, files.set(file.path.slice(slash + 1), file));
  }
  return entries;
}

/** The name of the folder counts; `PF` in it says the same. */
function packageOf(place: string, files: ReadonlyMap<string, RawFile>): FoundPackage | undefined {
  const [category = '', name = ''] = place.slice(folder.length).split('/');
  const parts = splitPackage(name) ?? splitPackage(wordOf(files.get('PF')));
  if (parts === undefined || !/^[A-Za-z0-9_][A-Za-z0-9+_.-]{0,63}$/.test(category)) return undefined;
  const evidence = files.get('PF') ?? files.get('CONTENTS') ?? ([...files.values()][0] as RawFile);
  const slot = wordOf(files.get('SLOT'));
  const repository = wordOf(files.get('repository'));
  const architecture = /^([a-z0-9_]+)-/.exec(wordOf(files.get('CHOST')))?.[1];
  const licence = files.get('LICENSE');
  return {
    type: 'ebuild',
    namespace: category,
    ...parts,
    ...(architecture === undefined ? {} : { architecture }),
    licences: licence === undefined ? [] : licencesOf(decodeText(licence.content)),
    paths: [evidence.path],
    facts: {
      ...(/^[A-Za-z0-9_][\w-]{0,63}$/.test(repository) ? { repository } : {}),
      ...(/^[A-Za-z0-9_][\w+./-]{0,63}$/.test(slot) ? { slot } : {}),
    },
  };
}

function wordOf(file: RawFile | undefined): string {
  return file === undefined ? '' : decodeText(file.content).trim();
}
