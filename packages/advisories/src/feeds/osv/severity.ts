// Severities of an OSV record: CVSS vectors, the database's own word, and where a database hides it.
import { type JsonObject, objectField, objectsField, textField, textsField } from '@plombe/kit';
import { newestFirst, severityOfVector, severityWord } from '../../normal/cvss.ts';
import type { Severity } from '@plombe/model';

const authors: readonly (readonly [RegExp, string])[] = [
  [/^GHSA-/, 'ghsa'],
  [/^PYSEC-/, 'pypa'],
  [/^PSF-/, 'psf'],
  [/^GO-/, 'go'],
  [/^RUSTSEC-/, 'rustsec'],
  [/^BIT-/, 'bitnami'],
  [/^AL[SBE]A-/, 'almalinux'],
  [/^(?:UBUNTU-CVE|USN|LSN)-/, 'ubuntu'],
  [/^(?:DEBIAN-CVE|D[SL]A|DTSA)-/, 'debian'],
  [/^AZL-/, 'azurelinux'],
  [/^MAL-/, 'openssf'],
  [/^(?:RH[SBE]A)-/, 'redhat'],
  [/^RL[SBE]A-/, 'rocky'],
  [/^SUSE-/, 'suse'],
];

/**
 * Returns the author that a record's severities are shown with, told by its id; else its ecosystem or database in lower case. Records made
 * from GHSA under another id say that GitHub reviewed them.
 */
export function authorOf(record: JsonObject, id: string, ecosystem: string | undefined): string {
  const specific = objectField(record, 'database_specific');
  if (specific !== undefined && Object.hasOwn(specific, 'github_reviewed')) return 'ghsa';
  const known = authors.find(([pattern]) => pattern.test(id));
  if (known !== undefined) return known[1];
  return (ecosystem ?? id.split('-')[0] ?? 'osv').toLowerCase().replaceAll(' ', '-');
}

/** Returns what a `severity` array states: CVSS vectors scored, the newest version first; `Ubuntu` entries hold a word. */
export function statedSeverities(object: JsonObject, author: string): Severity[] {
  const found: Severity[] = [];
  for (const entry of objectsField(object, 'severity').slice(0, 20)) {
    const score = textField(entry, 'score') ?? '';
    const type = textField(entry, 'type') ?? '';
    const severity = type.startsWith('CVSS') ? severityOfVector(author, score) : undefined;
    const word = type.startsWith('CVSS') ? undefined : severityWord(score);
    if (severity !== undefined) found.push(severity);
    else if (word !== undefined) found.push({ author: type.toLowerCase() || author, word });
  }
  return newestFirst(found);
}

/** AlmaLinux and its relatives have no field for it: the summary begins with Red Hat's word. */
function wordOfSummary(author: string, summary: string | undefined): Severity['word'] | undefined {
  if (author !== 'almalinux' && author !== 'rocky') return undefined;
  return severityWord(/^(Critical|Important|Moderate|Low):/.exec(summary ?? '')?.[1]);
}

/** Errata for bugs and enhancements (`ALBA-`, `RHEA-` …) that name no vulnerability: Red Hat's relatives export them too. */
function isBugFix(record: JsonObject, id: string): boolean {
  if (!/^(?:AL|RH|RL|RX)[BE]A-/.test(id)) return false;
  return !['aliases', 'related', 'upstream'].some((key) =>
    textsField(record, key).some((other) => other.startsWith('CVE-')),
  );
}

/**
 * Returns the severities of a record, the database's own word first: `database_specific.severity` (GHSA, Bitnami), then the vectors.
 * A vector whose score agrees with the word stands for both. Malware is critical whatever else is said.
 */
export function recordSeverities(record: JsonObject, id: string, author: string): Severity[] {
  if (id.startsWith('MAL-')) return [{ author, word: 'critical' }];
  const specific = objectField(record, 'database_specific');
  const stated = statedSeverities(record, author);
  const word =
    severityWord(specific === undefined ? undefined : textField(specific, 'severity')) ??
    wordOfSummary(author, textField(record, 'summary'));
  if (word === undefined && stated.length === 0 && isBugFix(record, id)) return [{ author, word: 'negligible' }];
  if (word === undefined) return stated;
  const agreeing = stated.find((severity) => severity.author === author && severity.word === word);
  if (agreeing === undefined) return [{ author, word }, ...stated];
  return [agreeing, ...stated.filter((severity) => severity !== agreeing)];
}
