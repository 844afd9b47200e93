// The documents of a docker archive: `manifest.json`, and `repositories` of archives before docker 1.10.
import {
  decodeText,
  field,
  inert,
  isObject,
  mebibyte,
  objectField,
  PlombeError,
  textField,
  textsField,
} from '@plombe/kit';
import { formatReference, parseReference } from '../../reference/reference.ts';

/** The largest archives hold a few hundred images with under 1 KiB each. */
export const maxDocumentBytes = 4 * mebibyte;

/** As in a manifest: twice what runtimes stack at most. */
const maxLayers = 1000;

/** One image of an archive, as docker names it. All texts are hostile. */
export interface ArchivedImage {
  /** Names inside the archive. */
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

/** Parses `manifest.json`. Throws `registry/manifest-invalid` where it is not a list of images. */
export function parseArchiveManifest(bytes: Uint8Array, subject: string): readonly ArchivedImage[] {
  const value = parseJson(bytes, `manifest.json of ${subject}`);
  if (!Array.isArray(value)) throw invalid(`manifest.json of ${subject} is no list`);
  return (value as readonly unknown[]).map((entry): ArchivedImage => {
    const config = isObject(entry) ? textField(entry, 'Config') : undefined;
    if (!isObject(entry) || config === undefined || !Array.isArray(field(entry, 'Layers'))) {
      throw invalid(`manifest.json of ${subject} has an entry without Config or Layers`);
    }
    const keys = Object.keys(entry).map((key) => key.toLowerCase());
    if (new Set(keys).size < keys.length) {
      throw invalid(`manifest.json of ${subject} is ambiguous: an entry has two keys that differ in letter case only`);
    }
    const layers = textsField(entry, 'Layers');
    if (layers.length > maxLayers) throw invalid(`manifest.json of ${subject} has more than ${maxLayers} layers`);
    return { config, layers, tags: textsField(entry, 'RepoTags') };
  });
}

/** Parses `repositories`: returns tag (`name:tag`) → id of the top layer. Throws `registry/manifest-invalid`. */
export function parseRepositories(bytes: Uint8Array, subject: string): ReadonlyMap<string, string> {
  const value = parseJson(bytes, `repositories of ${subject}`);
  if (!isObject(value)) throw invalid(`repositories of ${subject} is no object`);
  const found = new Map<string, string>();
  for (const name of Object.keys(value)) {
    const tags = objectField(value, name) ?? {};
    for (const tag of Object.keys(tags)) {
      const id = textField(tags, tag);
      if (id !== undefined && /^[0-9a-f]{64}$/.test(id)) found.set(`${name}:${tag}`, id);
    }
  }
  return found;
}

/**
 * Returns the images that a selector names: `name:tag`, only a tag, or `@N` for the N-th of the archive. Throws
 * `source/not-found` with the names there are, and `source/ambiguous` where several are left.
 */
export function selectArchived<T extends { readonly tags: readonly string[] }>(
  images: readonly T[],
  selector: string | undefined,
  subject: string,
): T {
  const position = /^@([0-9]{1,6})$/.exec(selector ?? '')?.[1];
  const left =
    position !== undefined
      ? images.filter((_, at) => at === Number(position))
      : images.filter((image) => selector === undefined || image.tags.some((tag) => isNamed(tag, selector)));
  const [only] = left;
  if (only !== undefined && left.length === 1) return only;
  const names = images.slice(0, 20).map((image, at) => inert((image.tags[0] ?? `@${at}`).slice(0, 300)));
  const list =
    names.length === 0 ? 'no image' : names.join(', ') + (images.length > 20 ? ` and ${images.length - 20} more` : '');
  if (only === undefined) throw new PlombeError('source/not-found', `${subject} holds ${list}, not the one asked for.`);
  throw new PlombeError('source/ambiguous', `${subject} holds more than one image: ${list}.`);
}

function isNamed(tag: string, selector: string): boolean {
  return tag === selector || tag.endsWith(`:${selector}`) || canonical(tag) === (canonical(selector) ?? '');
}

/** The canonical reference of a tag; undefined where it is none. */
export function canonical(tag: string | undefined): string | undefined {
  try {
    return tag === undefined ? undefined : formatReference(parseReference(tag));
  } catch {
    return undefined;
  }
}

function parseJson(bytes: Uint8Array, subject: string): unknown {
  try {
    return JSON.parse(decodeText(bytes)) as unknown;
  } catch (cause) {
    throw new PlombeError('registry/manifest-invalid', `${subject} is not JSON.`, { cause });
  }
}

function invalid(sentence: string): PlombeError {
  return new PlombeError('registry/manifest-invalid', `${sentence}.`);
}
