// The values CBOR can hold, as this package represents them (RFC 8949).

/** A tagged value, RFC 8949 section 3.4. */
export interface CborTag {
  readonly kind: 'tag';
  readonly tag: number;
  readonly value: CborValue;
}

/** A floating point number, kept apart from integers because CBOR does. */
export interface CborFloat {
  readonly kind: 'float';
  readonly value: number;
}

/** Keys of maps: COSE allows integers and text (RFC 9052 section 1.4). */
export type CborKey = number | bigint | string;

export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** Integers are `number` where exact, else `bigint`; byte strings are `Uint8Array`. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly CborValue[]
  | CborMap
  | CborTag
  | CborFloat;

/** True for a tagged value, of that tag where one is given. */
export function isTag(value: CborValue, tag?: number): value is CborTag {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'tag' &&
    (tag === undefined || value.tag === tag)
  );
}
