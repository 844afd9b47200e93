// retire.js's repositories to advisories: per library the versions below one and at or above another.
import {
  field,
  isObject,
  listField,
  objectField,
  objectsField,
  textField,
  textsField,
  type JsonObject,
} from '@plombe/kit';
import type { Advisory, AffectedPackage, VersionRange } from '@plombe/model';
import { compareVersions, type Interval } from '@plombe/versions';
import type { FeedItem } from '../../feed.ts';
import { severityWord } from '../../normal/cvss.ts';
import { clipText, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import { rangesOf, without } from '../../normal/requirements.ts';

/** Entries of the format's tests. */
const noLibraries: ReadonlySet<string> = new Set(['retire-example', 'dont check']);

/** Libraries that retire.js calls otherwise than npm, where it does not say npm's name itself. */
const npmNames: ReadonlyMap<string, string> = new Map([
  ['angularjs', 'angular'],
  ['backbone.js', 'backbone'],
  ['ckeditor', 'ckeditor4'],
  ['ember', 'ember-source'],
  ['froala', 'froala-editor'],
  ['highlightjs', 'highlight.js'],
  ['jquery.datatables', 'datatables.net'],
  ['moment.js', 'moment'],
  ['mustache.js', 'mustache'],
  ['nextjs', 'next'],
  ['pdf.js', 'pdfjs-dist'],
  ['threejs', 'three'],
  ['underscore.js', 'underscore'],
]);

/** Libraries that are not in npm's registry, or where another is by their name. */
const otherLibraries: ReadonlySet<string> = new Set([
  'DWR',
  'ExtJS',
  'flowplayer',
  'jquery-deparam',
  'jquery.prettyPhoto',
  'pendo',
  'prototypejs',
  'sessvars',
  'swfobject',
]);

/** Returns the ecosystem and name of a library. */
function packageOf(key: string, library: JsonObject): Pick<AffectedPackage, 'ecosystem' | 'name'> | undefined {
  if (otherLibraries.has(key)) return { ecosystem: 'JavaScript', name: key.toLowerCase() };
  const name = parseToken(textField(library, 'npmname') ?? npmNames.get(key) ?? key.toLowerCase());
  return name === undefined ? undefined : { ecosystem: 'npm', name };
}

/** `1.9.0b1`, `1.0RC2`, `3.0.RC3`, `1.0.0.beta.3`, `1.4.0-*`: pre-releases as SemVer writes them; four numbers stay. */
function normalVersion(text: string): string {
  const version = text.replace(/-\*$/, '-0');
  const [, numbers, word] = /^(\d+(?:\.\d+)*)\.?((?:alpha|beta|b|rc|pre)[.\d]*)$/i.exec(version) ?? [];
  return numbers === undefined || word === undefined
    ? version
    : `${numbers}${'.0'.repeat(Math.max(0, 3 - numbers.split('.').length))}-${word.toLowerCase()}`;
}

/** What has no bound above is written as below the greatest version there could be (`2.999.999`): its end is no fix. */
function isFix(version: string): boolean {
  return !/(?:^|\.)999/.test(version);
}

function rangesOfVulnerability(vulnerability: JsonObject): VersionRange[] | undefined {
  const bound = (key: string): string | undefined => {
    const text = textField(vulnerability, key);
    return text === undefined || text === '~' ? undefined : normalVersion(text.trim());
  };
  const [below, from] = [bound('below'), bound('atOrAbove')];
  const excluded = textsField(vulnerability, 'excludes').map(normalVersion);
  const all = [below, from, ...excluded].filter((version) => version !== undefined);
  // Four numbers are no semantic version: the order of tags has them.
  const scheme = ['semver', 'tag'].find((id) => all.every((text) => compareVersions(id, text, text) === 0));
  if (scheme === undefined || below === undefined) return undefined;
  const interval: Interval = {
    ...(from === undefined || from === '0' ? {} : { from: { version: from, included: true } }),
    to: { version: below, included: false },
  };
  const points = excluded.map((version): Interval => {
    const point = { version, included: true };
    return { from: point, to: point };
  });
  return rangesOf(scheme, without(scheme, [interval], points), (end) => end.version === below && isFix(below));
}

/** Returns the advisories of one vulnerability of a library, one for each CVE, or why there is none. */
function itemsOf(key: string, index: number, library: JsonObject, vulnerability: JsonObject): FeedItem[] {
  const record = `${key} ${index}`.slice(0, 100);
  const about = packageOf(key, library);
  if (about === undefined) return [{ kind: 'problem', record, cause: 'is of a library without a name' }];
  const ranges = rangesOfVulnerability(vulnerability);
  if (ranges === undefined) return [{ kind: 'problem', record, cause: 'has a range that cannot be read' }];
  const identifiers = objectField(vulnerability, 'identifiers') ?? {};
  const cves = parseIds(listField(identifiers, 'CVE'));
  const ghsa = parseId(field(identifiers, 'githubID'));
  const retid = parseId(field(identifiers, 'retid'));
  const place = key.replace(/[^\w.+-]/g, '-');
  const own = ghsa ?? parseId(`RETIREJS-${place}-${retid ?? `${textField(vulnerability, 'below') ?? ''}-${index}`}`);
  const word = severityWord(textField(vulnerability, 'severity'));
  const summary = clipText(textField(identifiers, 'summary') ?? textField(vulnerability, 'details'));
  const status = /end-of-life|no longer receiving/i.test(summary ?? '') ? { statusNote: 'end of life' } : {};
  const shared: Omit<Advisory, 'id' | 'aliases'> = {
    feed: 'retirejs',
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    severities: word === undefined ? [] : [{ author: 'retirejs', word }],
    references: parseLinks(listField(vulnerability, 'info')),
    affected: [{ ...about, ranges, versions: [], status: 'affected', ...status }],
  };
  const ids = cves.length === 0 ? [own ?? `RETIREJS-${index}`] : cves;
  // With one CVE the GHSA id is its alias; with several it is of all of them, and of none alone.
  const aliases = cves.length === 1 && ghsa !== undefined ? [ghsa] : [];
  return ids.map((id) => ({ kind: 'advisory', advisory: { ...shared, id, aliases } }));
}

/** Returns what a repository says of one library. */
export function parseLibrary(key: string, library: unknown): readonly FeedItem[] {
  if (noLibraries.has(key)) return [];
  if (!isObject(library)) return [{ kind: 'problem', record: key.slice(0, 100), cause: 'is no library' }];
  return objectsField(library, 'vulnerabilities').flatMap((one, index) => itemsOf(key, index, library, one));
}
