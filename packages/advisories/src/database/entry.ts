// How a shard stores what advisories say of one package: a JSON array of short arrays, one row of the table per package.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeText, kibibyte, mebibyte } from '@plombe/kit';
import type {
  AffectedPackage,
  RangeEvent,
  Severity,
  SeverityWord,
  VersionRange,
  VulnerabilityStatus,
} from '@plombe/model';

/** One advisory's statement about one package of one ecosystem, as the matcher reads it. */
export interface AffectedEntry {
  readonly advisory: string;
  readonly status: VulnerabilityStatus;
  readonly ranges: readonly VersionRange[];
  readonly versions: readonly string[];
  readonly statusNote?: string;
  readonly severity?: Severity;
  readonly qualifiers?: NonNullable<AffectedPackage['qualifiers']>;
}

/** `[advisory, status, ranges, versions, note, severity, qualifiers]`, without trailing empty fields. */
export type EntryRow = readonly unknown[];

export type SeverityRow = readonly [string, SeverityWord, number?, string?];

const statusCodes: Readonly<Record<VulnerabilityStatus, string>> = {
  affected: 'a',
  will_not_fix: 'w',
  not_affected: 'n',
  fixed: 'f',
  under_investigation: 'u',
};

const statusWords = new Map(Object.entries(statusCodes).map(([word, code]) => [code, word as VulnerabilityStatus]));

/** Returns the row of one affected package. Versions that `coveredBy` says are within the ranges are left out. */
export function encodeEntry(
  advisory: string,
  affected: AffectedPackage,
  coveredBy: (version: string, ranges: readonly VersionRange[]) => boolean,
): EntryRow {
  const versions = affected.versions.filter((version) => !coveredBy(version, affected.ranges));
  const row: unknown[] = [
    advisory,
    statusCodes[affected.status],
    affected.ranges.map((range) => [range.scheme, ...range.events.flatMap(encodeEvent)]),
    versions.length === 0 ? 0 : versions,
    affected.statusNote ?? 0,
    affected.severity === undefined ? 0 : encodeSeverity(affected.severity),
    affected.qualifiers ?? 0,
  ];
  while (row.length > 3 && row.at(-1) === 0) row.pop();
  return row;
}

function encodeEvent(event: RangeEvent): string[] {
  const texts: string[] = [];
  if (event.introduced !== undefined) texts.push(`i${event.introduced}`);
  if (event.fixed !== undefined) texts.push(`f${event.fixed}`);
  if (event.lastAffected !== undefined) texts.push(`l${event.lastAffected}`);
  if (event.limit !== undefined) texts.push(`x${event.limit}`);
  return texts;
}

/** Returns the short form of a severity. */
export function encodeSeverity(severity: Severity): SeverityRow {
  if (severity.vector !== undefined) return [severity.author, severity.word, severity.score, severity.vector];
  return severity.score === undefined
    ? [severity.author, severity.word]
    : [severity.author, severity.word, severity.score];
}

/** Returns the severity of a short form. JSON turns an absent score into null. */
export function decodeSeverity(row: SeverityRow): Severity {
  const [author, word, score, vector] = row;
  return {
    author,
    word,
    ...(typeof score === 'number' ? { score } : {}),
    ...(typeof vector === 'string' ? { vector } : {}),
  };
}

/** Under this size a text is stored as it is: inflating would cost more than reading. Above are kernels, browsers and runtimes, which shrink tenfold. */
const deflatedFromCharacters = 8 * kibibyte;

/** Returns what a shard stores for a list of rows: its JSON, deflated (RFC 1951) where it is long. */
export function packEntries(rows: readonly string[]): string | Uint8Array {
  const text = `[${rows.join(',')}]`;
  return text.length < deflatedFromCharacters ? text : deflateRawSync(text);
}

/** Returns the rows of what a shard stores. Throws where it is damaged. */
export function unpackEntries(stored: string | Uint8Array): EntryRow[] {
  return JSON.parse(
    typeof stored === 'string' ? stored : decodeText(inflateRawSync(stored, { maxOutputLength: 256 * mebibyte })),
  ) as EntryRow[];
}

/** Returns the entries of one package. They come from a shard whose digest was checked. */
export function decodeEntries(stored: string | Uint8Array): AffectedEntry[] {
  return unpackEntries(stored).map(decodeEntry);
}

function decodeEntry(row: EntryRow): AffectedEntry {
  const versions = row[3];
  const note = row[4];
  const severity = row[5];
  const qualifiers = row[6];
  const entry: Writable<AffectedEntry> = {
    advisory: row[0] as string,
    status: statusWords.get(row[1] as string) ?? 'affected',
    ranges: (row[2] as readonly (readonly string[])[]).map(decodeRange),
    versions: versions ? (versions as readonly string[]) : none,
  };
  if (note) entry.statusNote = note as string;
  if (severity) entry.severity = decodeSeverity(severity as SeverityRow);
  if (qualifiers) entry.qualifiers = qualifiers as NonNullable<AffectedPackage['qualifiers']>;
  return entry;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const none: readonly string[] = [];

function decodeRange(row: readonly string[]): VersionRange {
  return { scheme: row[0] as string, events: row.slice(1).map(decodeEvent) };
}

function decodeEvent(text: string): RangeEvent {
  const version = text.slice(1);
  switch (text[0]) {
    case 'i':
      return { introduced: version };
    case 'f':
      return { fixed: version };
    case 'l':
      return { lastAffected: version };
    default:
      return { limit: version };
  }
}
