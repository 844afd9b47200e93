// Reading fields that may be of any type: wrong ones are absent, and lists that are none are told.
import { field, isObject, listField, textField, type JsonObject } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';
import { counted } from './problems.ts';

/** The objects of a list; what is in their place otherwise is counted. */
export class ObjectLists {
  readonly #wrong = new Map<string, number>();

  of(object: JsonObject, key: string): readonly JsonObject[] {
    const value = field(object, key);
    if (value === undefined || value === null) return [];
    const entries = listField(object, key);
    const objects = entries.filter(isObject);
    const wrong = Array.isArray(value) ? entries.length - objects.length : 1;
    if (wrong > 0) this.#wrong.set(key, (this.#wrong.get(key) ?? 0) + wrong);
    return objects;
  }

  diagnostics(): Diagnostic[] {
    return [...this.#wrong].map(([key, count]) => ({
      code: 'sbom/malformed',
      level: 'error',
      message: `${counted(count, 'value')} in "${key}" cannot be read: objects are expected.`,
    }));
  }
}

/** Optional text as an optional property: `{ version: '1' }` or `{}`. Empty text is absent. */
export function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>;
}

/** Text of a field, without space around it; absent where it is empty or no text. */
export function trimmed(object: JsonObject, key: string): string | undefined {
  const text = textField(object, key)?.trim();
  return text === '' ? undefined : text;
}

/** CPEs of one component that are kept; Syft guesses dozens. */
const maxCpes = 20;

/** The CPE 2.3 formatted strings among the texts, each once. */
export function cpesOf(texts: readonly (string | undefined)[]): readonly string[] {
  const cpes = texts.filter((text) => text !== undefined && text.startsWith('cpe:2.3:') && text.length <= 1000);
  return [...new Set(cpes as readonly string[])].slice(0, maxCpes);
}

/** Whether a package URL is one of an image. */
export function isImagePurl(purl: string | undefined): boolean {
  return /^pkg:(?:oci|docker)\//i.test(purl ?? '');
}

/** Real versions have under 100 characters. CycloneDX allows 1,024, and each of these may become six of it to be visible (T57). */
export const maxVersionLength = 170;

/** A version; absent where it is longer than any real one. */
export function versionField(object: JsonObject, key: string): string | undefined {
  const version = trimmed(object, key);
  return version === undefined || version.length > maxVersionLength ? undefined : version;
}
