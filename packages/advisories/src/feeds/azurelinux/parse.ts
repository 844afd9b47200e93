// OVAL definitions of Azure Linux to advisories.
import type { Advisory, RangeEvent } from '@plombe/model';
import type { OvalDefinition, OvalReader, OvalState } from './oval.ts';
import { clipText, findCves, parseDate, parseId, parseToken } from '../../normal/ids.ts';
import type { FeedItem } from '../../feed.ts';
import { compareVersions } from '@plombe/versions';
import { severityWord } from '../../normal/cvss.ts';

/** Epoch 0 is the same as none, and is left out as rpm leaves it out. */
function withoutEpoch0(evr: string): string {
  return evr.startsWith('0:') ? evr.slice(2) : evr;
}

/**
 * Returns the version as real files mean it: `0: 1.20.10-1.azl3` has no space, `0:0.9.0.cm2` no release and so no tag of one, and of
 * `1.17.13-2,1.18.8-2,1.21.6-1.azl3`, a fix for each branch, the highest counts.
 */
function versionOf(evr: string): string | undefined {
  const stated = withoutEpoch0(evr.replaceAll(' ', ''));
  const highest = stated.split(',').sort((a, b) => compareVersions('rpm', b, a) ?? 0)[0] as string;
  return parseToken(highest.includes('-') ? highest : highest.replace(/\.(?:azl|cm)\d+$/, ''));
}

/** Returns the boundary that a comparison sets; undefined for operations that Azure Linux does not use. */
function eventOf({ operation, evr }: OvalState): RangeEvent | undefined {
  const version = versionOf(evr);
  if (version === undefined) return undefined;
  // `less than null`, real: affected, and nobody has said since when it is not.
  if (version === 'null') return { introduced: '0' };
  if (operation === 'less than') return { fixed: version };
  if (operation === 'less than or equal') return { lastAffected: version };
  if (operation !== 'greater than') return undefined;
  // Greater than 0.0.0 is every version. Else the caret makes the next version after it in rpm's order: the bound is exclusive.
  return { introduced: /^0(?:\.0)*$/.test(version) ? '0' : `${version}^` };
}

/** Returns the advisory of a definition, undefined where it does not apply, or the reason why it cannot be read. */
export function parseDefinition(definition: OvalDefinition, oval: OvalReader, ecosystem: string): FeedItem | undefined {
  if (definition.patchable === 'Not Applicable') return undefined;
  const problem = (cause: string): FeedItem => ({ kind: 'problem', record: definition.id.slice(0, 100), cause });
  const id = parseId(definition.reference) ?? findCves(definition.title ?? '')[0];
  if (id === undefined) return problem('names no vulnerability');
  if (definition.unreadable || definition.tests.length === 0)
    return problem('has criteria other than comparisons joined by AND');
  const comparisons = definition.tests.map((test) => oval.comparison(test));
  const name = parseToken(comparisons[0]?.name);
  if (name === undefined || comparisons.some((comparison) => comparison?.name !== name)) {
    return problem('refers to tests that are not there, or to several packages');
  }
  const events: RangeEvent[] = [];
  for (const comparison of comparisons) {
    const event = comparison === undefined ? undefined : eventOf(comparison.state);
    if (event === undefined)
      return problem(`compares with an unknown operation (${comparison?.state.operation.slice(0, 40) ?? ''})`);
    events.push(event);
  }
  if (!events.some((event) => event.introduced !== undefined)) events.unshift({ introduced: '0' });
  return { kind: 'advisory', advisory: advisoryOf(id, name, events, definition, ecosystem) };
}

function advisoryOf(
  id: string,
  name: string,
  events: readonly RangeEvent[],
  definition: OvalDefinition,
  ecosystem: string,
): Advisory {
  const word = severityWord(definition.severity);
  const publishedAt = parseDate(definition.date);
  const summary = clipText(definition.description ?? definition.title);
  const fixed = events.some((event) => event.fixed !== undefined);
  const bounded = events.some((event) => event.introduced === undefined);
  const severity = word === undefined ? undefined : { author: 'azurelinux', word };
  return {
    id,
    feed: 'azurelinux',
    aliases: [],
    related: [],
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    severities: severity === undefined ? [] : [severity],
    references: id.startsWith('CVE-') ? [`https://nvd.nist.gov/vuln/detail/${id}`] : [],
    affected: [
      {
        ecosystem,
        name,
        ranges: [{ scheme: 'rpm', events }],
        versions: [],
        ...(bounded
          ? { status: 'affected' }
          : { status: 'under_investigation', statusNote: 'the feed names no version with the fix' }),
        ...(definition.patchable === 'false' && !fixed ? { statusNote: 'not patchable yet' } : {}),
        ...(severity === undefined ? {} : { severity }),
      },
    ],
  };
}
