// The indexes of nodejs/security-wg to advisories: versions that are vulnerable and not patched, in npm's ranges.
import { field, isObject, listField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { Advisory, AffectedPackage, Severity } from '@plombe/model';
import type { FeedItem } from '../../feed.ts';
import { severityOfVector, severityWord } from '../../normal/cvss.ts';
import { clipText, parseDate, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import { intervalsOf, rangesOf, without } from '../../normal/requirements.ts';

type Affected = Pick<AffectedPackage, 'ranges' | 'status'>;

/**
 * Returns the ranges of what is vulnerable and not patched. The indexes say `vulnerable: 8.x`, `patched: ^8.1.4`: the fix is where a patched
 * interval begins. Undefined where one of them cannot be read.
 */
function affectedOf(vulnerable: string, patched: string | undefined): Affected | undefined {
  const from = intervalsOf('semver', [vulnerable]);
  const safe = patched === undefined || patched.trim() === '' ? [] : intervalsOf('semver', [patched]);
  if (from === undefined || safe === undefined) return undefined;
  const fixes = new Set(safe.flatMap((interval) => (interval.from === undefined ? [] : [interval.from.version])));
  const left = without('semver', from, safe);
  const ranges = rangesOf('semver', left, (end) => fixes.has(end.version));
  return left.length === 0 ? undefined : { ranges, status: 'affected' };
}

const systemNames: ReadonlyMap<string, string> = new Map([
  ['win32', 'windows'],
  ['darwin', 'macos'],
]);

/** `all`, or the platforms as Node.js names them. */
function systemsOf(record: JsonObject): string[] {
  const named = textsField(record, 'affectedEnvironments').map((name) => name.toLowerCase());
  return named.includes('all') ? [] : named.map((name) => systemNames.get(name) ?? name);
}

function coreSeverities(record: JsonObject): Severity[] {
  const word = severityWord(textField(record, 'severity'));
  return word === undefined ? [] : [{ author: 'nodejs', word }];
}

type Shared = Omit<Advisory, 'id' | 'aliases'>;

/** One advisory for each CVE, since a record may be about several; without one the working group's own number. */
function itemsOf(ids: readonly string[], own: string, shared: Shared): FeedItem[] {
  const cves = parseIds(ids);
  return (cves.length === 0 ? [own] : cves).map((id) => ({
    kind: 'advisory',
    advisory: { ...shared, id, aliases: [] },
  }));
}

/** A record of `core-index.json`: Node.js itself. */
export function parseCore(key: string, record: unknown): readonly FeedItem[] {
  const problem = (cause: string): FeedItem[] => [{ kind: 'problem', record: `core ${key}`.slice(0, 100), cause }];
  if (!isObject(record)) return problem('is no record');
  const affected = affectedOf(textField(record, 'vulnerable') ?? '', textField(record, 'patched'));
  if (affected === undefined) return problem('has ranges that cannot be read');
  const systems = systemsOf(record);
  const summary = clipText(textField(record, 'description') ?? textField(record, 'overview'));
  const publishedAt = parseDate(field(record, 'publish_date'));
  return itemsOf(textsField(record, 'cve'), parseId(`NSWG-CORE-${key}`) ?? 'NSWG-CORE', {
    feed: 'nodejs',
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    severities: coreSeverities(record),
    references: parseLinks([field(record, 'ref')]),
    affected: [
      {
        ecosystem: 'Node.js',
        name: 'node',
        versions: [],
        ...affected,
        ...(systems.length === 0 ? {} : { statusNote: `only on ${systems.join(', ')}`, qualifiers: { systems } }),
      },
    ],
  });
}

/** A record of `deps-index.json`: a flaw of a library in Node.js, assessed as not reaching it. The reason is a justification of VEX. */
export function parseDependency(key: string, record: unknown): readonly FeedItem[] {
  const reason = isObject(record) ? clipText(textField(record, 'reason'), 80) : undefined;
  if (!isObject(record) || reason === undefined)
    return [{ kind: 'problem', record: `deps ${key}`.slice(0, 100), cause: 'gives no reason' }];
  const summary = clipText(textField(record, 'description'));
  return itemsOf(textsField(record, 'cve'), parseId(`NSWG-DEPS-${key}`) ?? 'NSWG-DEPS', {
    feed: 'nodejs',
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    severities: [],
    references: parseLinks([field(record, 'ref')]),
    affected: [
      {
        ecosystem: 'Node.js',
        name: 'node',
        ranges: [],
        versions: [],
        status: 'not_affected',
        statusNote: reason.replaceAll('_', ' '),
      },
    ],
  });
}

/** A record of `npm-index.json`: packages of npm, until 2018. */
export function parseNpm(key: string, record: unknown): readonly FeedItem[] {
  const problem = (cause: string): FeedItem[] => [{ kind: 'problem', record: `npm ${key}`.slice(0, 100), cause }];
  const name = isObject(record) ? parseToken(field(record, 'module_name')) : undefined;
  if (!isObject(record) || name === undefined) return problem('names no package');
  const affected = affectedOf(textField(record, 'vulnerable_versions') ?? '', textField(record, 'patched_versions'));
  if (affected === undefined) return problem('has ranges that cannot be read');
  const severity = severityOfVector('nodejs', textField(record, 'cvss_vector') ?? '');
  const summary = clipText(textField(record, 'title'));
  const publishedAt = parseDate(field(record, 'publish_date'));
  return itemsOf(textsField(record, 'cves'), parseId(`NSWG-ECO-${key}`) ?? 'NSWG-ECO', {
    feed: 'nodejs',
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    severities: severity === undefined ? [] : [severity],
    references: parseLinks(listField(record, 'references')),
    affected: [{ ecosystem: 'npm', name, versions: [], ...affected }],
  });
}
