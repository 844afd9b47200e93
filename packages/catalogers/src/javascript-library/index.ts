// Libraries of JavaScript that are in an image as files of a web application, not as packages of npm.
import { decodeText, mebibyte } from '@plombe/kit';
import type { FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, Distiller, FileView, Want } from '../cataloger.ts';
import { keyOf, libraryOf, LibrarySearch, type Recognised, recogniseName } from './recognise.ts';

/** jQuery and its like, as files and in bundles: by a comment, by the code around a version, by the name of the file. */
export const javascriptLibraryCataloger: Cataloger = {
  id: 'javascript-library',
  where: { extensions: ['js', 'mjs', 'txt'] },
  version: 2,
  wantsVersion: 3,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** The largest bundle known to us has 25 MiB. */
const maxBytes = 32 * mebibyte;

/** Keeps `NAME@VERSION` of each library that a file holds, so that a hundred thousand scripts without cost nothing. */
class LibraryReader implements Distiller {
  readonly #search = new LibrarySearch();
  readonly #isNamed: boolean;
  #bytes = 0;

  constructor(isNamed: boolean) {
    this.#isNamed = isNamed;
  }

  write(chunk: Uint8Array): boolean {
    const part = chunk.subarray(0, maxBytes - this.#bytes);
    this.#bytes += part.length;
    const goesOn = this.#search.add(Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1'));
    return goesOn && this.#bytes < maxBytes;
  }

  /** A file whose name says what it is is kept whatever is in it. */
  finish(): Uint8Array | undefined {
    const lines = this.#search.finish().map(({ library, version }) => `${keyOf(library)}@${version}\n`);
    return lines.length === 0 && !this.#isNamed ? undefined : Buffer.from(lines.join(''));
  }
}

const unnamed: Want = { kind: 'distill', create: () => new LibraryReader(false) };
const named: Want = { kind: 'distill', create: () => new LibraryReader(true) };

/** What webpack takes the comments of a bundle out to, beside it. */
const licences = '.js.LICENSE.txt';

/** `.js` and `.mjs`, but what npm installed: its package.json says more. */
function wants({ path, type }: FileHeader): Want | undefined {
  const { length } = path;
  const last = path.charCodeAt(length - 1);
  const isScript = last === 0x73 && (path.endsWith('.js') || path.endsWith('.mjs'));
  if (!isScript && !(last === 0x74 && path.endsWith(licences))) return undefined;
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.startsWith('node_modules/') || path.includes('/node_modules/')) return undefined;
  return recogniseName(path.slice(path.lastIndexOf('/') + 1)) === undefined ? unnamed : named;
}

function packageOf({ library, version }: Recognised, path: string): FoundPackage {
  const [scope, rest] = (library.npm ?? '').startsWith('@') ? (library.npm ?? '').split('/') : [undefined, library.npm];
  return {
    type: library.npm === undefined ? 'generic' : 'npm',
    ...(scope === undefined ? {} : { namespace: scope }),
    name: rest ?? library.generic ?? '',
    version,
    licences: [],
    paths: [path],
    weak: true,
    facts: { embedded: 'true' },
  };
}

/** What the content says comes before what the name says: a file may be renamed, or be of another version than the folder's others. */
function librariesOf(file: RawFile): readonly Recognised[] {
  const found = decodeText(file.content)
    .split('\n')
    .flatMap((line): Recognised[] => {
      const at = line.lastIndexOf('@');
      const library = libraryOf(line.slice(0, Math.max(0, at)));
      return library === undefined ? [] : [{ library, version: line.slice(at + 1) }];
    });
  const byName = recogniseName(file.path.slice(file.path.lastIndexOf('/') + 1));
  if (byName === undefined || found.some(({ library }) => library === byName.library)) return found;
  return [...found, byName];
}

function catalog(view: FileView): CatalogResult {
  const packages = view
    .files()
    .filter(({ type }) => type === 'file')
    .flatMap((file) => librariesOf(file).map((one) => packageOf(one, file.path)));
  return { packages, diagnostics: [], complete: true };
}
