// Reading unknown JSON safely: own properties only, no prototype is ever consulted (T73).

export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a plain JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns an own property, or undefined. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Returns an own property that is a string, or undefined. */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = field(object, key);
  return typeof value === 'string' ? value : undefined;
}

/**
 * Returns an own property that is a number, or a text of one, as services of OAuth write both. Undefined for all else, of which `Number` makes what its
 * own methods say, or throws.
 */
export function numberField(object: JsonObject, key: string): number | undefined {
  const value = field(object, key);
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : undefined;
  return Number.isFinite(number) ? number : undefined;
}

/** Returns an own property's array, or an empty one. */
export function listField(object: JsonObject, key: string): readonly unknown[] {
  const value = field(object, key);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Returns the strings of an own property's array. */
export function textsField(object: JsonObject, key: string): readonly string[] {
  return listField(object, key).filter((value) => typeof value === 'string');
}

/** Returns the objects of an own property's array. */
export function objectsField(object: JsonObject, key: string): readonly JsonObject[] {
  return listField(object, key).filter(isObject);
}

/** Returns an own property that is an object, or undefined. */
export function objectField(object: JsonObject, key: string): JsonObject | undefined {
  const value = field(object, key);
  return isObject(value) ? value : undefined;
}
