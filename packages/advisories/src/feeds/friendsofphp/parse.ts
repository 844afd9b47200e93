// One YAML record of FriendsOfPHP/security-advisories to an advisory: a branch each with the versions that are affected.
import { field, isObject, objectField, textField, textsField } from '@plombe/kit';
import { schemeById, type Bound, type Interval } from '@plombe/versions';
import type { Advisory, Severity, SeverityWord, VersionRange } from '@plombe/model';
import { clipText, parseId, parseLinks, parseToken } from '../../normal/ids.ts';
import { normaliseName } from '../../normal/ecosystems.ts';
import { merged } from '../../normal/requirements.ts';

/** Where a record is: `<vendor>/<package>/<id or date>.yaml`. */
export const recordPath = /(?:^|\/)([^/]+)\/([^/]+)\/([^/]+)\.ya?ml$/;

/** The widest has about 60. */
const maxBranches = 1000;

/** `time: ~` says that the branch has no release with the fix: its bound is where the branch ends. */
interface Branch {
  readonly intervals: readonly Interval[];
  readonly hasFix: boolean;
}

function branchesOf(record: Record<string, unknown>): Branch[] | undefined {
  const branches = objectField(record, 'branches');
  if (branches === undefined) return undefined;
  const read = Object.keys(branches)
    .slice(0, maxBranches)
    .map((name): Branch | undefined => {
      const branch = objectField(branches, name);
      const versions = branch === undefined ? [] : textsField(branch, 'versions');
      const intervals = versions.length === 0 ? undefined : schemeById('composer')?.requirement?.(versions.join(','));
      if (branch === undefined || intervals === undefined) return undefined;
      return { intervals, hasFix: (field(branch, 'time') ?? undefined) !== undefined };
    });
  return read.every((branch) => branch !== undefined) && read.length > 0 ? read : undefined;
}

/** Composer reads `<8.4.8` as below `8.4.8-dev`: that is where the range ends, and 8.4.8 what one updates to. */
function release(version: string): string {
  return version.replace(/-dev$/, '');
}

function rangesOf(branches: readonly Branch[]): VersionRange[] {
  const scheme = schemeById('composer');
  if (scheme === undefined) return [];
  const fixes = new Set(
    branches
      .filter(({ hasFix }) => hasFix)
      .flatMap(({ intervals }) => intervals.flatMap(({ to }) => (to === undefined || to.included ? [] : [to.version]))),
  );
  const end = (to: Bound): VersionRange['events'] => {
    if (to.included) return [{ lastAffected: to.version }];
    return [{ limit: to.version }, ...(fixes.has(to.version) ? [{ fixed: release(to.version) }] : [])];
  };
  return merged(
    scheme,
    branches.flatMap(({ intervals }) => intervals),
  ).map(({ from, to }) => ({
    scheme: 'composer',
    events: [{ introduced: from?.version ?? '0' }, ...(to === undefined ? [] : end(to))],
  }));
}

/** Drupal's security team puts its level of risk into the title: `Drupal core - Moderately critical - Access bypass`. */
const drupalLevels: ReadonlyMap<string, SeverityWord> = new Map<string, SeverityWord>([
  ['highly critical', 'critical'],
  ['critical', 'high'],
  ['moderately critical', 'medium'],
  ['less critical', 'low'],
  ['not critical', 'negligible'],
]);

function severitiesOf(name: string, title: string | undefined): Severity[] {
  if (!/^drupal\//i.test(name)) return [];
  const level = /(?:^|- )((?:(?:highly|moderately|less|not) )?critical)(?: -|$)/i.exec(title ?? '')?.[1];
  const word = drupalLevels.get(level?.toLowerCase() ?? '');
  return word === undefined ? [] : [{ author: 'drupal', word }];
}

/** Returns the advisory of a record at this path, or why it is none. */
export function parseFriendsOfPhp(path: string, value: unknown): Advisory | { readonly cause: string } {
  const [, vendor = '', folder = '', file = ''] = recordPath.exec(path) ?? [];
  if (!isObject(value)) return { cause: 'is no record' };
  const named = /^composer:\/\/(\S+)$/.exec(textField(value, 'reference') ?? '')?.[1];
  const name = parseToken(named);
  if (name === undefined) return { cause: 'names no package of Composer' };
  const branches = branchesOf(value);
  if (branches === undefined) return { cause: 'has a branch that cannot be read' };
  const cve = parseId(field(value, 'cve'));
  const id = cve ?? parseId(`FOP-${vendor}-${folder}-${file}`.replace(/[^\w.:+-]/g, '-'));
  if (id === undefined) return { cause: 'has no id' };
  const ghsa = parseId(/GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}/.exec(`${file} ${textField(value, 'link') ?? ''}`)?.[0]);
  const summary = clipText(textField(value, 'title'));
  return {
    id,
    feed: 'friendsofphp',
    aliases: ghsa === undefined || ghsa === id ? [] : [ghsa],
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    severities: severitiesOf(name, summary),
    references: parseLinks([field(value, 'link')]),
    affected: [
      {
        ecosystem: 'Packagist',
        name: normaliseName('Packagist', name),
        ranges: rangesOf(branches),
        versions: [],
        status: 'affected',
      },
    ],
  };
}
