// Libraries of JavaScript that are in an image as files of a web application, not as packages of npm.
import { concatBytes, decodeText, kibibyte } from '@plombe/kit';
import type { FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, Distiller, FileView, Want } from '../cataloger.ts';
import { recogniseBanners, recogniseName, type Recognised } from './recognise.ts';

/** jQuery and its like, by the comment at the head of the file or by its name. */
export const javascriptLibraryCataloger: Cataloger = {
  id: 'javascript-library',
  where: { extensions: ['js', 'mjs'] },
  version: 1,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** Banners are at the head; a bundle has some behind the first library. */
const headBytes = 32 * kibibyte;

/** Keeps the lines with banners of a file that has any, so that a hundred thousand scripts without cost nothing. */
class BannerReader implements Distiller {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  write(chunk: Uint8Array): boolean {
    if (this.#bytes === 0 && chunk.length >= headBytes && !hasBanner(chunk.subarray(0, headBytes))) return false;
    // A copy: `slice` of a Buffer is none, and the chunk is used again.
    const part = new Uint8Array(chunk.subarray(0, headBytes - this.#bytes));
    this.#parts.push(part);
    this.#bytes += part.length;
    return this.#bytes < headBytes;
  }

  finish(): Uint8Array | undefined {
    const head = concatBytes(this.#parts);
    this.#parts = [];
    return hasBanner(head) ? head : undefined;
  }
}

function hasBanner(head: Uint8Array): boolean {
  return head.length > 0 && recogniseBanners(decodeText(head)).length > 0;
}

const banner: Want = { kind: 'distill', create: () => new BannerReader() };
const named: Want = { kind: 'head', maxBytes: headBytes };

/** `.js` and `.mjs`, but what npm installed: its package.json says more. */
function wants({ path, type }: FileHeader): Want | undefined {
  const { length } = path;
  if (path.charCodeAt(length - 1) !== 0x73 || path.charCodeAt(length - 2) !== 0x6a) return undefined;
  if (!(path.endsWith('.js') || path.endsWith('.mjs')) || (type !== 'file' && type !== 'hardlink')) return undefined;
  if (path.startsWith('node_modules/') || path.includes('/node_modules/')) return undefined;
  return recogniseName(path.slice(path.lastIndexOf('/') + 1)) === undefined ? banner : named;
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

/** What the head says comes before what the name says: a file may be renamed, or be of another version than the folder's others. */
function librariesOf(file: RawFile): readonly Recognised[] {
  const found = recogniseBanners(decodeText(file.content));
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
