// One OSV record to an advisory (OSV schema 1.7, https://ossf.github.io/osv-schema/).
import type { Advisory, AffectedPackage } from '@plombe/model';
import { authorOf, recordSeverities } from './severity.ts';
import { clipText, parseDate, parseId, parseIds, parseLinks, saysDisputed, saysWithdrawn } from '../../normal/ids.ts';
import { field, isObject, listField, objectsField, textField } from '@plombe/kit';
import { parseAffected } from './affected.ts';
import { byBinary } from './binaries.ts';

/** Packages of one record: the widest AlmaLinux erratum has about 1,500. */
const maxAffected = 20_000;

/**
 * Distributions number a CVE anew under a prefix (`DEBIAN-CVE-2024-1`, `UBUNTU-CVE-2024-1`, `ALPINE-CVE-2024-1`) and name it only as
 * upstream. The id itself says that both are the same vulnerability, so it is an alias; other upstream ids stay apart.
 */
function renumberedCve(id: string): string | undefined {
  return /^[A-Z]+-(CVE-\d{4}-\d{4,})$/.exec(id)?.[1];
}

/** Returns the advisory of a record, or why it is none. Fields that the schema may gain are ignored. */
export function parseOsvRecord(value: unknown, feed: string): Advisory | { readonly cause: string } {
  if (!isObject(value)) return { cause: 'is no JSON object' };
  const id = parseId(field(value, 'id'));
  if (id === undefined) return { cause: 'has no id' };
  const parts = objectsField(value, 'affected').slice(0, maxAffected).flatMap(byBinary).slice(0, maxAffected);
  const summary = textField(value, 'summary');
  const details = textField(value, 'details');
  const firstPackage = parts.map((part) => field(part, 'package')).find(isObject);
  const author = authorOf(
    value,
    id,
    firstPackage === undefined ? undefined : textField(firstPackage, 'ecosystem')?.split(':')[0],
  );
  const affected = parts
    .map((part) => parseAffected(part, summary, author))
    .filter((part): part is AffectedPackage => part !== undefined);
  const cve = renumberedCve(id);
  const aliases = parseIds([...listField(value, 'aliases'), cve], [id]);
  const line = clipText(summary ?? details);
  const publishedAt = parseDate(field(value, 'published'));
  const modifiedAt = parseDate(field(value, 'modified'));
  const stated = field(value, 'withdrawn') ?? undefined;
  const isWithdrawn = stated !== undefined || saysWithdrawn(summary) || saysWithdrawn(details);
  const withdrawnAt = isWithdrawn ? (textField(value, 'withdrawn') ?? modifiedAt ?? 'unknown') : undefined;
  return {
    id,
    feed,
    aliases,
    related: parseIds(listField(value, 'related'), [id, ...aliases]),
    upstream: parseIds(listField(value, 'upstream'), [id, ...aliases]),
    ...(line === undefined ? {} : { summary: line }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(withdrawnAt === undefined ? {} : { withdrawnAt }),
    ...(saysDisputed(details) || saysDisputed(summary) ? { disputed: true } : {}),
    severities: recordSeverities(value, id, author),
    references: parseLinks(objectsField(value, 'references').map((reference) => field(reference, 'url'))),
    affected,
  };
}
