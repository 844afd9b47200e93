// One YAML record of ruby-advisory-db to an advisory: the versions that are neither patched nor unaffected are affected.
import { field, isObject, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { Advisory, AffectedPackage, Severity } from '@plombe/model';
import { clipText, parseDate, parseId, parseLinks, parseToken } from '../../normal/ids.ts';
import { wordOfScore } from '../../normal/cvss.ts';
import { intervalsOf, rangesOf, without } from '../../normal/requirements.ts';

/** Where a record is in the repository: `gems/<name>/…` or `rubies/<engine>/…`. */
export const recordPath = /(?:^|\/)(gems|rubies)\/([^/]+)\/([^/]+)\.ya?ml$/;

/** `cve: 2023-50725`, `ghsa: gc3j-vvwf-4rp8`, `osvdb: 127779`: the ids are written without what they begin with. */
function idsOf(record: JsonObject, file: string): string[] {
  const written = (key: string, prefix: string): string | undefined => {
    const value = field(record, key);
    const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
    if (text === '') return undefined;
    return parseId(text.startsWith(prefix) ? text : `${prefix}${text}`);
  };
  const related = objectField(record, 'related');
  const others = related === undefined ? [] : textsField(related, 'cve').map((cve) => parseId(`CVE-${cve}`));
  const ids = [written('cve', 'CVE-'), written('ghsa', 'GHSA-'), written('osvdb', 'OSVDB-')];
  const own = ids.filter((id) => id !== undefined);
  return own.length > 0 ? own : [parseId(file), ...others].filter((id) => id !== undefined);
}

/** Scores without their vectors, the newest version first. */
function severitiesOf(record: JsonObject): Severity[] {
  return ['cvss_v4', 'cvss_v3', 'cvss_v2'].flatMap((key) => {
    const value = field(record, key);
    const score = typeof value === 'string' ? Number(value) : value;
    if (typeof score !== 'number' || !(score >= 0 && score <= 10)) return [];
    // CVSS 2 has no "critical": its scale ends with high.
    const word = key === 'cvss_v2' && score >= 9 ? 'high' : wordOfScore(score);
    return [{ author: 'rubysec', word, score }];
  });
}

/** Returns the part about the gem or the engine; undefined where a requirement cannot be read or nothing is affected. */
function affectedOf(record: JsonObject, ecosystem: string, name: string): AffectedPackage | { readonly cause: string } {
  const patched = intervalsOf('gem', textsField(record, 'patched_versions'));
  const unaffected = intervalsOf('gem', textsField(record, 'unaffected_versions'));
  if (patched === undefined || unaffected === undefined) return { cause: 'has a requirement that cannot be read' };
  const fixes = new Set(patched.flatMap(({ from }) => (from === undefined ? [] : [from.version])));
  const affected = without('gem', [{}], [...patched, ...unaffected]);
  const platform = clipText(textField(record, 'platform'), 40);
  return {
    ecosystem,
    name,
    ranges: rangesOf('gem', affected, (end) => fixes.has(end.version)),
    versions: [],
    status: affected.length === 0 ? 'not_affected' : 'affected',
    ...(platform === undefined ? {} : { statusNote: `platform ${platform}` }),
  };
}

/** Returns the advisory of a record at this path, or why it is none. */
export function parseRubySec(path: string, value: unknown): Advisory | { readonly cause: string } {
  const [, kind, , file = ''] = recordPath.exec(path) ?? [];
  if (kind === undefined || !isObject(value)) return { cause: 'is no record' };
  const name = parseToken(field(value, kind === 'gems' ? 'gem' : 'engine'));
  if (name === undefined) return { cause: 'names no gem and no engine' };
  const affected = affectedOf(value, kind === 'gems' ? 'RubyGems' : 'Ruby', name);
  if ('cause' in affected) return affected;
  const [id, ...aliases] = idsOf(value, file);
  if (id === undefined) return { cause: 'has no id' };
  const summary = clipText(textField(value, 'title'));
  const publishedAt = parseDate(field(value, 'date'));
  const related = objectField(value, 'related');
  return {
    id,
    feed: 'rubysec',
    aliases: [...new Set(aliases)].sort(),
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    severities: severitiesOf(value),
    references: parseLinks([field(value, 'url'), ...(related === undefined ? [] : textsField(related, 'url'))]),
    affected: [affected],
  };
}
