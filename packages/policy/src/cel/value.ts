// The values that CEL expressions compute with, and what type each has (cel-spec, langdef.md, "Values").

/** A failed evaluation. A value like others, since `||` and `&&` may take an error away again. */
export class CelError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** An unsigned 64-bit integer; `int` is a bigint and `double` a number. */
export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A type as a value: `type(1) == int`. */
export class CelType {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An instant in nanoseconds since 1970. */
export class CelTimestamp {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

/** A span of time in nanoseconds. */
export class CelDuration {
  readonly ns: bigint;
  constructor(ns: bigint) {
    this.ns = ns;
  }
}

/** A value or none; `value` is undefined for none. */
export class CelOptional {
  readonly value: CelValue | undefined;
  constructor(value?: CelValue) {
    this.value = value;
  }
}

/** An IP address of 4 or 16 bytes as a number; with `prefix`, a network. */
export class CelAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number | undefined;
  constructor(family: 4 | 6, bits: bigint, prefix?: number) {
    this.family = family;
    this.bits = bits;
    this.prefix = prefix;
  }
}

/** Keys by which entries are found: `1`, `1u` and `1.0` are one key. */
export type MapKey = string | bigint | boolean;

/** A map in the order of its making. `uints` holds the keys that are unsigned. */
export class CelMap {
  readonly values: ReadonlyMap<MapKey, CelValue>;
  readonly uints: ReadonlySet<MapKey> | undefined;
  constructor(values: ReadonlyMap<MapKey, CelValue>, uints?: ReadonlySet<MapKey>) {
    this.values = values;
    this.uints = uints;
  }
}

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly CelValue[]
  | CelUint
  | CelMap
  | CelType
  | CelTimestamp
  | CelDuration
  | CelOptional
  | CelAddress
  | CelError;

/** Returns the name of the value's type, as `type()` gives it. */
export function typeName(value: CelValue): string {
  if (value === null) return 'null_type';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof CelUint) return 'uint';
  if (value instanceof CelMap) return 'map';
  if (value instanceof CelType) return 'type';
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp';
  if (value instanceof CelDuration) return 'google.protobuf.Duration';
  if (value instanceof CelOptional) return 'optional_type';
  if (value instanceof CelAddress) return value.prefix === undefined ? 'net.IP' : 'net.CIDR';
  if (value instanceof CelError) return 'error';
  return 'list';
}

/** True for a list. */
export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** The types that have a name in an expression. */
export const namedTypes: ReadonlyMap<string, CelType> = new Map(
  [
    'bool',
    'int',
    'uint',
    'double',
    'string',
    'bytes',
    'list',
    'map',
    'null_type',
    'type',
    'optional_type',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
    'net.IP',
    'net.CIDR',
  ].map((name) => [name, new CelType(name)]),
);

/** The error of a function or operator that does not take these types. */
export function noOverload(name: string, ...values: readonly CelValue[]): CelError {
  return new CelError(`no such overload: ${name}(${values.map(typeName).join(', ')})`);
}

/** Returns the key an entry is found by, or undefined where the value cannot be one. A double must be a whole number. */
export function mapKey(value: CelValue): MapKey | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof CelUint) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** The keys of a map as values. */
export function keysOf(map: CelMap): CelValue[] {
  const { uints } = map;
  if (uints === undefined) return [...map.values.keys()];
  return [...map.values.keys()].map((key) => (uints.has(key) ? new CelUint(key as bigint) : key));
}

/** Deeper JSON becomes an error value: no evidence is that deep, and each level costs stack. */
const maxJsonDepth = 100;

/** Returns JSON as CEL sees it, as Kubernetes does: whole numbers are `int`, others `double`; `undefined` is left out. */
export function fromJson(value: unknown, depth = 0): CelValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (depth > maxJsonDepth) return new CelError('the data is nested too deeply');
  if (Array.isArray(value)) return value.map((item: unknown) => fromJson(item, depth + 1));
  if (value instanceof Date) return new CelTimestamp(BigInt(value.getTime()) * 1_000_000n);
  if (typeof value !== 'object') return new CelError('the data is not JSON');
  return new CelMap(new JsonEntries(value as Readonly<Record<string, unknown>>, depth + 1));
}

/** The fields of a JSON object, each converted when it is first asked for: a rule looks at few of them. */
class JsonEntries implements ReadonlyMap<MapKey, CelValue> {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #depth: number;
  #converted: Map<MapKey, CelValue> | undefined;
  #keys: readonly string[] | undefined;

  constructor(object: Readonly<Record<string, unknown>>, depth: number) {
    this.#object = object;
    this.#depth = depth;
  }

  get size(): number {
    return this.#names().length;
  }

  get [Symbol.toStringTag](): string {
    return 'JsonEntries';
  }

  has(key: MapKey): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#object, key) && this.#object[key] !== undefined;
  }

  get(key: MapKey): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    if (typeof value !== 'object') return value === undefined ? undefined : fromJson(value, this.#depth);
    const kept = this.#converted?.get(key);
    if (kept !== undefined) return kept;
    const converted = fromJson(value, this.#depth);
    this.#converted ??= new Map();
    this.#converted.set(key, converted);
    return converted;
  }

  keys(): MapIterator<MapKey> {
    return this.#names()[Symbol.iterator]() as MapIterator<MapKey>;
  }

  values(): MapIterator<CelValue> {
    return this.#whole().values();
  }

  entries(): MapIterator<[MapKey, CelValue]> {
    return this.#whole().entries();
  }

  [Symbol.iterator](): MapIterator<[MapKey, CelValue]> {
    return this.entries();
  }

  forEach(callback: (value: CelValue, key: MapKey, map: ReadonlyMap<MapKey, CelValue>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  #names(): readonly string[] {
    this.#keys ??= Object.keys(this.#object).filter((key) => this.#object[key] !== undefined);
    return this.#keys;
  }

  #whole(): Map<MapKey, CelValue> {
    return new Map(this.#names().map((key) => [key, this.get(key) as CelValue]));
  }
}
