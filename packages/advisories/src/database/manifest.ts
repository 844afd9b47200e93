// The manifest of a database: which shards there are, what each holds, and the digest that proves it.
import {
  field,
  inert,
  isObject,
  listField,
  objectField,
  objectsField,
  PlombeError,
  textField,
  textsField,
} from '@plombe/kit';
import type { JsonObject } from '@plombe/kit';

/** Raised when the layout of shards changes; a reader refuses any other. */
export const databaseSchemaVersion = 2;

/** Raised when a builder writes other rows from the same documents: shards of an older one are built again. */
export const builderVersion = 4;

export type ShardRole = 'advisories' | 'facts';

/** A document that went into a shard, with what a conditional request needs. */
export interface DocumentRecord {
  readonly name: string;
  readonly origin: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Of a list of changes: the newest that is in the shard. */
  readonly through?: string;
}

/** Packages of one ecosystem, without release, by the names that advisories use; sorted. */
export interface CoveredNames {
  readonly ecosystem: string;
  readonly names: readonly string[];
}

/** One shard. `file` is relative to the database's folder; `sha256` is the hex digest of its bytes. */
export interface ShardRecord {
  readonly id: string;
  readonly feed: string;
  readonly role: ShardRole;
  readonly source: string;
  readonly kind: 'original' | 'derived' | 'approximate';
  readonly licence?: string;
  /** ISO 8601; when the source made the data. */
  readonly dataDate?: string;
  readonly fetchedAt?: string;
  /** When upstream was last asked and had nothing newer; decides the age where it is known. */
  readonly checkedAt?: string;
  /** When the whole was last fetched, where single records have been replaced since. */
  readonly wholeAt?: string;
  readonly records: number;
  /** Records of the documents that were not valid and are not in the shard. */
  readonly problems: number;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly builder: number;
  /** Ecosystems with their release that the shard has rows of, sorted: `Debian:12`. */
  readonly ecosystems: readonly string[];
  /** Ecosystems without release that this shard is the data of; the rest of its rows are extras. */
  readonly covers: readonly string[];
  /** The packages that the shard is the data of, where it is not of all of an ecosystem: NVD's products. */
  readonly coversNames?: CoveredNames;
  readonly documents: readonly DocumentRecord[];
}

export interface DatabaseManifest {
  readonly schemaVersion: number;
  readonly builtAt: string;
  readonly tool: string;
  /** Sorted by id. */
  readonly shards: readonly ShardRecord[];
}

/** Bytes of a manifest: 10,000 shards of 1.5 KiB each are 15 MiB; more is no manifest of ours. */
export const maxManifestBytes = 16 * 1024 * 1024;

/** Parses a manifest. Throws `database/damaged` where it is none or of another schema version. */
export function parseManifest(text: string, path: string): DatabaseManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PlombeError('database/damaged', `${path} is not JSON.`, { cause });
  }
  if (!isObject(value)) throw new PlombeError('database/damaged', `${path} is not a database manifest.`);
  const schemaVersion = field(value, 'schemaVersion');
  if (schemaVersion !== databaseSchemaVersion) {
    throw new PlombeError(
      'database/damaged',
      `${path} has schema version ${typeof schemaVersion === 'number' ? schemaVersion : '?'}; this release reads ${databaseSchemaVersion}.`,
    );
  }
  const shards = objectsField(value, 'shards').map((shard) => parseShard(shard, path));
  return { schemaVersion, builtAt: textField(value, 'builtAt') ?? '', tool: textField(value, 'tool') ?? '', shards };
}

function parseShard(value: JsonObject, path: string): ShardRecord {
  const id = textField(value, 'id') ?? '';
  const file = textField(value, 'file') ?? '';
  const sha256 = textField(value, 'sha256') ?? '';
  const bytes = count(value, 'bytes');
  if (
    !/^[a-z0-9][a-z0-9._-]*$/.test(id) ||
    !/^shards\/[a-z0-9][a-z0-9._-]*$/.test(file) ||
    !/^[0-9a-f]{64}$/.test(sha256)
  ) {
    throw new PlombeError('database/damaged', `${path} names a shard that cannot be: "${inert(id.slice(0, 80))}".`);
  }
  const kind = textField(value, 'kind');
  const optional = (key: 'licence' | 'dataDate' | 'fetchedAt' | 'checkedAt' | 'wholeAt'): Partial<ShardRecord> => {
    const text = textField(value, key);
    return text === undefined ? {} : { [key]: text };
  };
  return {
    id,
    feed: textField(value, 'feed') ?? id,
    role: textField(value, 'role') === 'facts' ? 'facts' : 'advisories',
    source: textField(value, 'source') ?? '',
    kind: kind === 'original' || kind === 'approximate' ? kind : 'derived',
    ...optional('licence'),
    ...optional('dataDate'),
    ...optional('fetchedAt'),
    ...optional('checkedAt'),
    ...optional('wholeAt'),
    records: count(value, 'records'),
    problems: count(value, 'problems'),
    file,
    bytes,
    sha256,
    builder: count(value, 'builder'),
    ecosystems: textsField(value, 'ecosystems'),
    covers: textsField(value, 'covers'),
    ...coveredNames(value),
    documents: listField(value, 'documents').filter(isObject).map(parseDocument),
  };
}

function coveredNames(value: JsonObject): Pick<ShardRecord, 'coversNames'> {
  const covered = objectField(value, 'coversNames');
  const ecosystem = covered === undefined ? undefined : textField(covered, 'ecosystem');
  if (covered === undefined || ecosystem === undefined) return {};
  return { coversNames: { ecosystem, names: textsField(covered, 'names') } };
}

function parseDocument(value: JsonObject): DocumentRecord {
  const etag = textField(value, 'etag');
  const lastModified = textField(value, 'lastModified');
  const through = textField(value, 'through');
  return {
    name: textField(value, 'name') ?? '',
    origin: textField(value, 'origin') ?? '',
    sha256: textField(value, 'sha256') ?? '',
    bytes: count(value, 'bytes'),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(through === undefined ? {} : { through }),
  };
}

function count(value: JsonObject, key: string): number {
  const number = field(value, key);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

/** Renders a manifest: indented, so that a difference of two can be read. */
export function renderManifest(manifest: DatabaseManifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}
