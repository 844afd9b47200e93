// The registry's rules as an operator writes them: kind RegistryConfig, a closed schema.
import { field, inert, isObject, PlombeError, textsField, type JsonObject } from '@plombe/kit';
import { compileGlobs } from '@plombe/policy';
import { defaultRules, type QuotaRule, type RegistryRules, type RetentionRule } from '@plombe/store';

/** Everything that a value is asked about; throws with the place of what is wrong. */
export interface Place {
  readonly path: string;
  fail(reason: string): PlombeError;
  at(key: string | number): Place;
}

/** Reads the parsed YAML. `file` names it in messages. Throws `config/invalid` for every unknown, missing or wrong field. */
export function parseRegistryConfig(document: unknown, file: string): RegistryRules {
  const root = placeOf(file, '');
  const object = objectAt(document, root, [
    'apiVersion',
    'kind',
    'garbageCollection',
    'uploads',
    'quotas',
    'immutableTags',
    'retention',
    // Read in upstream/config.ts.
    'upstream',
    'cache',
    'replication',
  ]);
  if (field(object, 'apiVersion') !== 'plombe/v1') throw root.at('apiVersion').fail('must be plombe/v1');
  if (field(object, 'kind') !== 'RegistryConfig') throw root.at('kind').fail('must be RegistryConfig');
  const collection = objectAt(field(object, 'garbageCollection') ?? {}, root.at('garbageCollection'), [
    'grace',
    'every',
  ]);
  const uploads = objectAt(field(object, 'uploads') ?? {}, root.at('uploads'), ['expire']);
  const immutable = listAt(object, 'immutableTags', root).map(({ value, place }) => {
    const rule = objectAt(value, place, ['repositories', 'tags']);
    return { matches: globsAt(rule, 'repositories', place), matchesTag: globsAt(rule, 'tags', place) };
  });
  return {
    isImmutable: (repository, tag) => immutable.some((rule) => rule.matches(repository) && rule.matchesTag(tag)),
    quotas: listAt(object, 'quotas', root).map(({ value, place }) => quotaOf(value, place)),
    retention: listAt(object, 'retention', root).map(({ value, place }) => retentionOf(value, place)),
    graceMs: durationAt(collection, 'grace', root.at('garbageCollection')) ?? defaultRules.graceMs,
    everyMs: durationAt(collection, 'every', root.at('garbageCollection')) ?? defaultRules.everyMs,
    uploadsMs: durationAt(uploads, 'expire', root.at('uploads')) ?? defaultRules.uploadsMs,
  };
}

function quotaOf(value: unknown, place: Place): QuotaRule {
  const rule = objectAt(value, place, ['repositories', 'limit']);
  return {
    name: textsField(rule, 'repositories').map(inert).join(', '),
    matches: globsAt(rule, 'repositories', place),
    limitBytes: sizeAt(rule, 'limit', place),
  };
}

function retentionOf(value: unknown, place: Place): RetentionRule {
  const rule = objectAt(value, place, ['repositories', 'tags', 'keepLast', 'keepFor', 'untaggedAfter']);
  const keepLast = field(rule, 'keepLast');
  if (keepLast !== undefined && !(typeof keepLast === 'number' && Number.isSafeInteger(keepLast) && keepLast >= 0)) {
    throw place.at('keepLast').fail('must be a number of tags');
  }
  const keepForMs = durationAt(rule, 'keepFor', place);
  const untaggedAfterMs = durationAt(rule, 'untaggedAfter', place);
  if (keepLast === undefined && keepForMs === undefined && untaggedAfterMs === undefined) {
    throw place.fail('must have keepLast, keepFor or untaggedAfter');
  }
  return {
    matches: globsAt(rule, 'repositories', place),
    matchesTag: field(rule, 'tags') === undefined ? () => true : globsAt(rule, 'tags', place),
    ...(keepLast === undefined ? {} : { keepLast }),
    ...(keepForMs === undefined ? {} : { keepForMs }),
    ...(untaggedAfterMs === undefined ? {} : { untaggedAfterMs }),
  };
}

/** Returns the place of a value in a file, for messages. */
export function placeOf(file: string, path: string): Place {
  return {
    path,
    fail: (reason) =>
      new PlombeError('config/invalid', `${inert(file)}: ${path === '' ? 'it' : inert(path)} ${reason}.`, {
        remedy: 'docs/registry.md describes every field.',
      }),
    at: (key) => placeOf(file, typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  };
}

/** Returns an object that has no other fields than these. Throws `config/invalid`. */
export function objectAt(value: unknown, place: Place, known: readonly string[]): JsonObject {
  if (!isObject(value)) throw place.fail('must be an object');
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw place.at(other.slice(0, 100)).fail(`is no field; there are ${known.join(', ')}`);
  return value;
}

/** Returns the entries of a list; none where there is no such field. Throws `config/invalid`. */
export function listAt(
  object: JsonObject,
  key: string,
  root: Place,
): readonly { readonly value: unknown; readonly place: Place }[] {
  const list = field(object, key) ?? [];
  if (!Array.isArray(list)) throw root.at(key).fail('must be a list');
  return (list as readonly unknown[]).map((value, index) => ({ value, place: root.at(key).at(index) }));
}

/** Returns a test for the globs of a list. Throws `config/invalid` where there are none. */
export function globsAt(object: JsonObject, key: string, place: Place): (text: string) => boolean {
  const list = field(object, key);
  const texts = textsField(object, key);
  const isFine = Array.isArray(list) && list.length > 0 && list.length === texts.length && !texts.includes('');
  if (!isFine) throw place.at(key).fail('must be a list of globs, such as team/**');
  return compileGlobs(texts);
}

const durationUnits: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Timers take no longer intervals than 24 days; ages may be longer. */
const maxTimerMs = 24 * 86_400_000;

/** Returns milliseconds; undefined where there is no such field. Throws `config/invalid`. */
export function durationAt(object: JsonObject, key: string, place: Place): number | undefined {
  const value = field(object, key);
  if (value === undefined) return undefined;
  const [, count, unit] = typeof value === 'string' ? (/^([1-9][0-9]{0,5})([smhd])$/.exec(value) ?? []) : [];
  const ms = Number(count) * (durationUnits[unit ?? ''] ?? Number.NaN);
  if (!Number.isFinite(ms)) throw place.at(key).fail('must be a time: 30m, 24h, 90d');
  if (key === 'every' && ms > maxTimerMs) throw place.at(key).fail('must be at most 24d');
  return ms;
}

const sizeUnits: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Returns bytes. Throws `config/invalid`. */
export function sizeAt(object: JsonObject, key: string, place: Place): number {
  const value = field(object, key);
  const [, count, unit] = typeof value === 'string' ? (/^([1-9][0-9]{0,6})(MiB|GiB|TiB)$/.exec(value) ?? []) : [];
  const bytes = Number(count) * (sizeUnits[unit ?? ''] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes)) throw place.at(key).fail('must be a size: 500MiB, 50GiB, 2TiB');
  return bytes;
}
