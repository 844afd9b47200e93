// What RegistryConfig says of other registries: what stands behind this one, what is kept as a copy, what is copied on.
import { field, isObject, textField, type JsonObject } from '@plombe/kit';
import { durationAt, globsAt, listAt, objectAt, placeOf, sizeAt, type Place } from '../registry/config.ts';
import { isRepository } from '../registry/route.ts';
import type { ReplicationRule } from './replication/rule.ts';
import type { LinkOptions } from './link.ts';

/** Settings of `--upstream`, without its address. */
export type FrontOptions = Omit<LinkOptions, 'origin' | 'prefix' | 'isCache'>;

/** The parts of RegistryConfig about other registries. */
export interface FarConfig {
  readonly front: FrontOptions;
  readonly spoolBytes: number;
  readonly caches: readonly LinkOptions[];
  readonly replication: readonly ReplicationRule[];
}

/** Clients and the proxies before them wait a minute for an answer. */
const defaultWaitMs = 50_000;
const defaultCacheTtlMs = 300_000;
const defaultEveryMs = 3_600_000;
const defaultSpoolBytes = 20 * 2 ** 30;

/** Without a file: nothing is cached and nothing copied, tags are asked for each time, and nothing is served that cannot be asked for. */
export const defaultFarConfig: FarConfig = {
  front: { tagTtlMs: 0, offline: () => false, waitMs: defaultWaitMs },
  spoolBytes: defaultSpoolBytes,
  caches: [],
  replication: [],
};

/** Reads the parsed YAML that `parseRegistryConfig` has accepted. Throws `config/invalid`. */
export function parseFarConfig(document: unknown, file: string): FarConfig {
  const root = placeOf(file, '');
  if (!isObject(document)) throw root.fail('must be an object');
  const place = root.at('upstream');
  const upstream = objectAt(field(document, 'upstream') ?? {}, place, ['tagTtl', 'offline', 'wait', 'spool']);
  return {
    front: {
      tagTtlMs: durationAt(upstream, 'tagTtl', place) ?? 0,
      offline: field(upstream, 'offline') === undefined ? () => false : globsAt(upstream, 'offline', place),
      waitMs: durationAt(upstream, 'wait', place) ?? defaultWaitMs,
    },
    spoolBytes: field(upstream, 'spool') === undefined ? defaultSpoolBytes : sizeAt(upstream, 'spool', place),
    caches: listAt(document, 'cache', root).map(({ value, place: at }) => cacheOf(value, at)),
    replication: listAt(document, 'replication', root).map(({ value, place: at }) => replicationOf(value, at)),
  };
}

function cacheOf(value: unknown, place: Place): LinkOptions {
  const rule = objectAt(value, place, ['prefix', 'upstream', 'ttl', 'offline', 'wait']);
  const offline = field(rule, 'offline') ?? false;
  if (typeof offline !== 'boolean') throw place.at('offline').fail('must be true or false');
  const prefix = (textField(rule, 'prefix') ?? '').replace(/\/\*\*$/, '');
  if (!isRepository(prefix))
    throw place.at('prefix').fail('must be the begin of a name with /**, such as docker-hub/**');
  return {
    prefix,
    origin: originAt(rule, 'upstream', place),
    isCache: true,
    tagTtlMs: durationAt(rule, 'ttl', place) ?? defaultCacheTtlMs,
    offline: () => offline,
    waitMs: durationAt(rule, 'wait', place) ?? defaultWaitMs,
  };
}

function replicationOf(value: unknown, place: Place): ReplicationRule {
  const rule = objectAt(value, place, ['name', 'from', 'to', 'on', 'every', 'referrers']);
  const name = textField(rule, 'name') ?? '';
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
    throw place.at('name').fail('must be a name of small letters, digits and -');
  const to = objectAt(field(rule, 'to'), place.at('to'), ['registry', 'prefix']);
  const prefix = textField(to, 'prefix') ?? '';
  if (prefix !== '' && !isRepository(prefix))
    throw place.at('to').at('prefix').fail('must be the begin of a repository name');
  const on = textField(rule, 'on') ?? 'push';
  if (on !== 'push' && on !== 'schedule') throw place.at('on').fail('must be push or schedule');
  const referrers = field(rule, 'referrers') ?? true;
  if (typeof referrers !== 'boolean') throw place.at('referrers').fail('must be true or false');
  return {
    name,
    matches: globsAt(rule, 'from', place),
    origin: originAt(to, 'registry', place.at('to')),
    prefix,
    on,
    everyMs: durationAt(rule, 'every', place) ?? defaultEveryMs,
    referrers,
  };
}

function originAt(object: JsonObject, key: string, place: Place): URL {
  const origin = parseOrigin(textField(object, key) ?? '');
  if (origin === undefined) throw place.at(key).fail('must be https://HOST[:PORT]; http is for loopback addresses');
  return origin;
}

/** Returns the address of a registry without path, query and login; undefined for others, and for http that leaves this machine. */
export function parseOrigin(text: string): URL | undefined {
  const url = URL.parse(text);
  if (
    url === null ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username + url.password !== ''
  )
    return undefined;
  const isLoopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback) ? url : undefined;
}
