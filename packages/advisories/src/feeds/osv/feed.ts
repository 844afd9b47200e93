// Makes a feed of OSV records: a zip or tar of them, or single files.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { type ArchiveFile, archiveFiles } from '../../documents/archive.ts';
import { malformed, readBytes } from '../../documents/json.ts';
import type { Context } from '@plombe/model';
import { decodeText, kibibyte, mebibyte } from '@plombe/kit';
import { parseYaml } from '@plombe/formats';
import { parseOsvRecord } from './parse.ts';

/** The largest record in use, an AlmaLinux kernel erratum, has under 2 MiB. */
const maxRecordBytes = 32 * mebibyte;
/** Records that are YAML are written by hand: PyPA's longest has under 40 KiB. A reader of all of YAML takes seconds for each MiB. (T54) */
const maxYamlBytes = 256 * kibibyte;

/** What sets one feed of OSV records apart from another. */
export type OsvSource = Omit<AdvisoryFeed, 'parse' | 'join'>;

function isRecord(name: string): boolean {
  return /\.(?:json|yaml|yml)$/.test(name) && !/(?:^|\/)index\/[^/]*$/.test(name);
}

/** Parses the text of a record. Throws where it is neither JSON nor YAML. */
function parseText(name: string, bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  if (name.endsWith('.json')) return JSON.parse(text) as unknown;
  return parseYaml(text);
}

function itemOf(file: ArchiveFile, feed: string): FeedItem {
  const record = file.name.slice(-100);
  if ('cause' in file) return { kind: 'problem', record, cause: file.cause };
  if (!file.name.endsWith('.json') && file.bytes.length > maxYamlBytes) {
    const cause = `has ${file.bytes.length} bytes of YAML, over ${maxYamlBytes}`;
    return { kind: 'problem', record, cause };
  }
  let value: unknown;
  try {
    value = parseText(file.name, file.bytes);
  } catch {
    return { kind: 'problem', record, cause: 'cannot be parsed' };
  }
  const parsed = parseOsvRecord(value, feed);
  return 'cause' in parsed ? { kind: 'problem', record, cause: parsed.cause } : { kind: 'advisory', advisory: parsed };
}

/**
 * Derived records lost their `last_affected`: where one names no end, whether a later version is affected is not known. Malware has none to
 * lose.
 */
function asDerived(item: FeedItem): FeedItem {
  if (item.kind === 'problem' || /malware|malicious/i.test(item.advisory.summary ?? '')) return item;
  const affected = item.advisory.affected.map((part) => {
    const isOpen = part.ranges.every(({ events }) => events.every(({ introduced }) => introduced !== undefined));
    if (!isOpen || part.versions.length > 0) return part;
    return {
      ...part,
      status: 'under_investigation' as const,
      statusNote: 'derived data: the upper bound is not known',
    };
  });
  return { kind: 'advisory', advisory: { ...item.advisory, affected } };
}

async function* parseDocument(
  document: FeedDocument,
  feed: string,
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  if (isRecord(document.name)) {
    const item = itemOf({ name: document.name, bytes: await readBytes(document, maxRecordBytes, signal) }, feed);
    if (item.kind === 'problem') throw malformed(document, item.cause);
    yield item;
    return;
  }
  let records = 0;
  for await (const file of archiveFiles(document, { wants: isRecord, maxFileBytes: maxRecordBytes, signal })) {
    const item = itemOf(file, feed);
    if (item.kind === 'advisory') records += 1;
    yield document.kind === 'derived' ? asDerived(item) : item;
  }
  if (records === 0) throw malformed(document, 'holds no OSV record');
}

/** Returns a feed that reads OSV records; `all.zip`, a tar of them, or one `.json` or `.yaml`. */
export function createOsvFeed(source: OsvSource): AdvisoryFeed {
  return { ...source, parse: (document, ctx) => parseDocument(document, source.id, ctx) };
}
