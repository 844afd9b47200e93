// A file of the Ubuntu CVE tracker: fields like those of a mail, a line per release and source package.
import type { Advisory, AffectedPackage, RangeEvent, Severity, VulnerabilityStatus } from '@plombe/model';
import { clipText, parseDate, parseId, parseLinks, parseToken, saysDisputed, saysWithdrawn } from '../../normal/ids.ts';
import { severityOfVector, severityWord } from '../../normal/cvss.ts';
import { parseRelease } from './releases.ts';

/** A file's fields: the first line of each, and those that continue it. */
interface Fields {
  readonly first: ReadonlyMap<string, string>;
  readonly more: ReadonlyMap<string, readonly string[]>;
}

function parseFields(text: string): Fields {
  const first = new Map<string, string>();
  const more = new Map<string, string[]>();
  let key = '';
  for (const line of text.split('\n')) {
    if (/^\s/.test(line)) {
      const lines = more.get(key) ?? [];
      lines.push(line.trim());
      more.set(key, lines);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || line.startsWith('#')) continue;
    key = line.slice(0, colon);
    if (!first.has(key)) first.set(key, line.slice(colon + 1).trim());
  }
  return { first, more };
}

interface Statement {
  readonly status: VulnerabilityStatus;
  readonly bound?: RangeEvent;
  readonly note?: string;
}

/**
 * Returns what a status means; undefined where it says nothing of any version: `DNE` (not in the release), `released` without a version.
 * `pending` names a version that is not out yet: it bounds the range and is no fix to be had.
 */
function parseStatus(text: string): Statement | undefined {
  const [, word, remark] = /^(\S+)(?:\s+\((.*)\)?)?/.exec(text) ?? [];
  const reason = clipText(remark?.replace(/\)$/, ''), 120);
  const version = reason !== undefined && /^\d/.test(reason) ? parseToken(reason) : undefined;
  const note = reason === undefined ? word : `${word ?? ''}: ${reason}`;
  switch (word) {
    case 'released':
      return version === undefined ? undefined : { status: 'affected', bound: { fixed: version } };
    case 'not-affected':
      return { status: 'not_affected', ...(note === undefined ? {} : { note }) };
    case 'pending':
      return {
        status: 'affected',
        ...(version === undefined ? {} : { bound: { limit: version } }),
        note: note ?? 'pending',
      };
    case 'needed':
    case 'deferred':
      return { status: 'affected', note: note ?? word };
    case 'needs-triage':
      return { status: 'under_investigation', note: 'needs-triage' };
    case 'ignored':
      return { status: 'will_not_fix', note: note ?? 'ignored' };
    default:
      return undefined;
  }
}

function priority(fields: Fields, ...keys: readonly string[]): Severity | undefined {
  for (const key of keys) {
    const word = severityWord(fields.first.get(key)?.split(/\s/)[0]);
    if (word !== undefined) return { author: 'ubuntu', word };
  }
  return undefined;
}

function cvss(fields: Fields): Severity[] {
  return (fields.more.get('CVSS') ?? []).flatMap((line) => {
    const [, author, vector] = /^([\w.-]{1,40}):\s*(CVSS:\S+)/.exec(line) ?? [];
    const severity =
      author === undefined || vector === undefined ? undefined : severityOfVector(author.toLowerCase(), vector);
    return severity === undefined ? [] : [severity];
  });
}

function affectedOf(fields: Fields): AffectedPackage[] {
  const affected: AffectedPackage[] = [];
  for (const [key, value] of fields.first) {
    const underscore = key.indexOf('_');
    const release = underscore <= 0 ? undefined : parseRelease(key.slice(0, underscore));
    const name = parseToken(key.slice(underscore + 1));
    if (release === undefined || name === undefined) continue;
    const statement = parseStatus(value);
    if (statement === undefined) continue;
    const own = priority(fields, `Priority_${name}_${key.slice(0, underscore)}`, `Priority_${name}`);
    affected.push({
      ecosystem: release.ecosystem,
      name,
      ranges: [
        { scheme: 'deb', events: [{ introduced: '0' }, ...(statement.bound === undefined ? [] : [statement.bound])] },
      ],
      versions: [],
      status: statement.status,
      ...(statement.note === undefined ? {} : { statusNote: statement.note }),
      ...(own === undefined ? {} : { severity: own }),
      ...(release.pocket === undefined ? {} : { qualifiers: { pocket: release.pocket } }),
    });
  }
  return affected;
}

/**
 * A release out of standard support stays affected there, but its extended pocket may have the fix: an image with that version is
 * not affected, whatever it says of its support. The fix bounds the plain statement without being one for everybody.
 */
function boundByPockets(affected: readonly AffectedPackage[]): AffectedPackage[] {
  const fixes = new Map<string, string>();
  for (const { ecosystem, name, qualifiers, ranges } of affected) {
    const fixed = ranges[0]?.events[1]?.fixed;
    if (qualifiers?.pocket?.startsWith('esm') === true && fixed !== undefined) fixes.set(`${ecosystem} ${name}`, fixed);
  }
  return affected.map((part) => {
    const limit = fixes.get(`${part.ecosystem} ${part.name}`);
    const range = part.ranges[0];
    const open = range?.events.length === 1 && part.qualifiers === undefined && part.status !== 'not_affected';
    return open && limit !== undefined
      ? { ...part, ranges: [{ ...range, events: [...range.events, { limit }] }] }
      : part;
  });
}

/** Returns the advisory of a file, or why it is none. */
export function parseTrackerFile(text: string): Advisory | { readonly cause: string } {
  const fields = parseFields(text);
  const id = parseId(fields.first.get('Candidate'));
  if (id === undefined) return { cause: 'names no candidate' };
  const description = fields.more.get('Description')?.join(' ');
  const own = priority(fields, 'Priority');
  const references = fields.more.get('References') ?? [];
  const notices = references.flatMap((url) => /\/(?:notices\/)?((?:USN|LSN)-\d+-\d+)\/?$/.exec(url)?.[1] ?? []);
  const summary = clipText(description);
  const publishedAt = parseDate(fields.first.get('PublicDate')?.slice(0, 10));
  return {
    id,
    feed: 'ubuntu',
    aliases: [],
    related: [...new Set(notices)].sort(),
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(saysWithdrawn(description) ? { withdrawnAt: publishedAt ?? 'unknown' } : {}),
    ...(saysDisputed(description) ? { disputed: true } : {}),
    severities: [...(own === undefined ? [] : [own]), ...cvss(fields)],
    references: parseLinks([`https://ubuntu.com/security/${id}`, ...references]),
    affected: boundByPockets(affectedOf(fields)),
  };
}
