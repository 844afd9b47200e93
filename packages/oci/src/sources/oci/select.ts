// Which of the images of a layout a subject names.
import type { Descriptor, Digest } from '@plombe/model';
import { inert, PlombeError, sortedUnique } from '@plombe/kit';
import type { IndexDocument } from '../../manifest/manifest.ts';
import { imageEntries } from '../../manifest/platform.ts';

/** What follows the path of a layout or archive: `:name` or `@digest`. */
export interface Selector {
  readonly name?: string;
  readonly digest?: Digest;
}

/** Annotations by which tools name an image in `index.json`: the specification's, and containerd's full reference. */
const refName = 'org.opencontainers.image.ref.name';
const fullName = 'io.containerd.image.name';

/** Names of an entry as its tool wrote them: hostile text. */
export function entryNames(entry: Descriptor): readonly string[] {
  return [entry.annotations?.[fullName], entry.annotations?.[refName]].filter((name) => name !== undefined);
}

/**
 * Returns the entries of `index.json` that the selector names; more than one where they are the platforms of one image. Throws
 * `source/not-found` with the names there are, and `source/ambiguous` where several images are left.
 */
export function selectEntries(index: IndexDocument, selector: Selector, subject: string): readonly Descriptor[] {
  const entries = index.manifests.filter((entry) => isSelected(entry, selector));
  const images = imageEntries({ ...index, manifests: entries });
  if (images.length === 0) {
    const wanted = selector.name === undefined && selector.digest === undefined ? '' : ', not the one asked for';
    throw new PlombeError('source/not-found', `${subject} holds ${listNames(index)}${wanted}.`, {
      remedy: 'Name one of them with :NAME or @DIGEST after the path.',
    });
  }
  if (images.length === 1 || arePlatforms(images, entries)) return images;
  throw new PlombeError('source/ambiguous', `${subject} holds more than one image: ${listNames(index)}.`);
}

function isSelected(entry: Descriptor, selector: Selector): boolean {
  if (selector.digest !== undefined) return entry.digest === selector.digest;
  const { name } = selector;
  if (name === undefined) return true;
  return entryNames(entry).some((given) => given === name || given.endsWith(`:${name}`));
}

/** Entries that bear one name at most and a platform each are one image for several platforms. */
function arePlatforms(images: readonly Descriptor[], entries: readonly Descriptor[]): boolean {
  const names = new Set(entries.flatMap((entry) => entryNames(entry).slice(0, 1)));
  return names.size <= 1 && images.every((entry) => entry.platform !== undefined);
}

/** At most 20 names, so that a hostile layout cannot fill the screen. */
function listNames(index: IndexDocument): string {
  const names = sortedUnique(imageEntries(index).map((entry) => entryNames(entry)[0] ?? `@${entry.digest}`));
  if (names.length === 0) return 'no image';
  const shown = names.slice(0, 20).map((name) => inert(name.slice(0, 300)));
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
