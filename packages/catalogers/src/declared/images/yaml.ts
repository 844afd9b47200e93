// YAML as persons write it: several documents in a file, anchors and merges. What cannot be read is nobody's concern but its maker's.
import { parsePlainYaml, parseYaml } from '@plombe/formats';
import { isObject, kibibyte, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import { textOf } from '../read.ts';

const maxDocuments = 2000;
/** A reader of all of YAML takes 5 s for each MiB; files that persons write have under 100 KiB. */
const maxFullYaml = 128 * kibibyte;
/** Places that repeat an anchor, with those inside of it: a compose file of 60 services has 150. */
const maxAliases = 1000;

/** Returns the mappings of a file, and whether a document could not be read. */
export function documentsOf(file: RawFile): { readonly documents: readonly JsonObject[]; readonly isWhole: boolean } {
  const documents: JsonObject[] = [];
  if (file.truncated) return { documents, isWhole: false };
  const texts = textOf(file).split(/^---(?:[ \t][^\n]*)?\r?$/m);
  let isWhole = texts.length <= maxDocuments;
  let left = maxFullYaml;
  for (const text of texts.slice(0, maxDocuments)) {
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = parsePlainYaml(text);
      if (value === undefined && (left -= text.length) >= 0) value = parseYaml(text, maxAliases);
    } catch {
      value = undefined;
    }
    if (isObject(value)) documents.push(value);
    else isWhole = false;
  }
  return { documents, isWhole };
}

/** Objects of one document that are visited; repeated ones once. */
const maxObjects = 200_000;

/** Visits every object of a value once, deep ones too. */
export function* objectsOf(value: unknown): Generator<JsonObject> {
  const seen = new Set<unknown>();
  const stack: unknown[] = [value];
  while (stack.length > 0 && seen.size < maxObjects) {
    const one = stack.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (isObject(one)) yield one;
    const inner: readonly unknown[] = Array.isArray(one) ? (one as readonly unknown[]) : Object.values(one);
    for (let at = inner.length - 1; at >= 0; at--) stack.push(inner[at]);
  }
}
