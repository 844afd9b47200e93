// Ids, links and prose of advisories, cut to what is safe to store and print: the text of a feed is hostile (T58).

/** Longest id stored: the longest in use have under 40 characters. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.:+-]{1,99}$/;

/** Returns the id trimmed, or undefined where it is not one (spaces, slashes, over 100 characters). */
export function parseId(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const id = text.trim();
  return idPattern.test(id) ? id : undefined;
}

/** Returns the valid ids, distinct, sorted, without those in `except`. At most 1,000: the widest errata names under 500. */
export function parseIds(texts: Iterable<unknown>, except: readonly string[] = []): string[] {
  const ids = new Set<string>();
  for (const text of texts) {
    const id = parseId(text);
    if (id !== undefined && !except.includes(id)) ids.add(id);
    if (ids.size >= 1000) break;
  }
  return [...ids].sort();
}

/** Returns every CVE id in a text, in order of appearance, distinct. CVE numbering: four digits or more. */
export function findCves(text: string): string[] {
  return [...new Set(text.match(/CVE-\d{4}-\d{4,}/g))];
}

/** Returns every GHSA id in a text, distinct. */
export function findGhsas(text: string): string[] {
  return [...new Set(text.match(/GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}/g))];
}

/** Returns the http and https links, distinct, in order, at most 30 of at most 2,000 characters; anything else is dropped. */
export function parseLinks(texts: Iterable<unknown>): string[] {
  const links = new Set<string>();
  for (const text of texts) {
    if (typeof text === 'string' && /^https?:\/\/[^\s<>"'`\\\u0000-\u001f\u007f-\u009f]{1,2000}$/i.test(text))
      links.add(text);
    if (links.size >= 30) break;
  }
  return [...links];
}

/** Returns one line of at most `maxLength` characters without control characters, or undefined where nothing is left. */
export function clipText(text: string | undefined, maxLength = 300): string | undefined {
  if (text === undefined) return undefined;
  const line = text
    .slice(0, maxLength * 4)
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .toWellFormed();
  if (line === '') return undefined;
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).toWellFormed()}…` : line;
}

/** Returns an ISO 8601 instant or day as given, or undefined where it is not one. */
export function parseDate(text: unknown): string | undefined {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)
    ? text
    : undefined;
}

/** Returns a package name or version as given, or undefined where it is empty, has spaces or control characters, or over 512 characters. */
export function parseToken(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length === 0 || text.length > 512) return undefined;
  return /[\s\u0000-\u001f\u007f-\u009f]/.test(text) ? undefined : text;
}

/**
 * True where title or prose begins by taking the record back: GitHub's `Withdrawn:` and `Withdrawn Advisory:`, NVD's `Rejected reason:`,
 * MITRE's `** REJECT **`.
 */
export function saysWithdrawn(text: string | undefined): boolean {
  const start = text?.slice(0, 100) ?? '';
  return /^\W*withdrawn(?: advisory)?\s*(?::|$)/i.test(start) || /^\s*(?:Rejected reason:|\*\*\s*REJECT)/i.test(start);
}

/** True where the prose begins with MITRE's mark of a disputed vulnerability. */
export function saysDisputed(text: string | undefined): boolean {
  return text !== undefined && /^\s*\*\*\s*DISPUTED\s*\*\*/i.test(text.slice(0, 100));
}
