// secdb, the format of Alpine's security database and of those modelled on it: package → version that fixes → ids as free text.
import type { Advisory, AffectedPackage } from '@plombe/model';
import { field, isObject, listField, objectField } from '@plombe/kit';
import { findCves, findGhsas, parseId, parseToken } from '../../normal/ids.ts';
import type { FeedItem } from '../../feed.ts';

/** One vulnerability that an entry's text names, with the ids that mean the same and those that only go with it. */
export interface NamedVulnerability {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly related: readonly string[];
}

/**
 * Returns the vulnerabilities that a text of secdb names: each CVE; else each GHSA; else each other id in it (`XSA-207`, `ALPINE-13661`).
 * A GHSA beside a single CVE is an alias. Other ids beside a CVE are related: one XSA may stand beside several CVEs.
 */
export function namedVulnerabilities(entry: string): NamedVulnerability[] {
  // Real entries also write `CVE 2025-48379`.
  const text = entry.replace(/\bCVE[ _](?=\d{4}-\d{4})/gi, 'CVE-');
  const cves = findCves(text);
  const ghsas = findGhsas(text);
  const rest = text
    .replace(/#.*$/, '')
    .replace(/\(.*?\)/g, ' ')
    .split(/[\s/,;]+/)
    .filter(
      (word) =>
        /^(?:[A-Z]{2,}[A-Z0-9]*(?:-[\w.]+)+|[A-Z]{2,}\w*\d[\w.-]*)$/.test(word) &&
        !cves.includes(word) &&
        !ghsas.includes(word),
    )
    .map(parseId)
    .filter((id): id is string => id !== undefined);
  if (cves.length === 1) return [{ id: cves[0] as string, aliases: ghsas, related: rest }];
  if (cves.length > 1) return cves.map((id) => ({ id, aliases: [], related: [...ghsas, ...rest] }));
  if (ghsas.length > 0) return ghsas.map((id) => ({ id, aliases: [], related: rest }));
  return rest.map((id) => ({ id, aliases: [], related: [] }));
}

/** Chainguard's own number beside the CVE or GHSA it stands for: which of them is not told, and it would count twice. */
function isOwnNumber(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith('CGA-');
}

interface Entry {
  readonly named: NamedVulnerability;
  readonly versions: Set<string>;
}

export interface SecdbOptions {
  readonly feed: string;
  readonly ecosystem: string;
  /** Page of a vulnerability. */
  link(id: string): string;
}

function affectedOf(name: string, entry: Entry, ecosystem: string): AffectedPackage {
  // Version 0 says that no version was ever affected. Where a fix is named too, the fix is the safer word.
  const fixes = [...entry.versions].filter((version) => version !== '0');
  return {
    ecosystem,
    name,
    ranges: (fixes.length === 0 ? [undefined] : fixes).map((fixed) => ({
      scheme: 'apk',
      events: fixed === undefined ? [{ introduced: '0' }] : [{ introduced: '0' }, { fixed }],
    })),
    versions: [],
    status: fixes.length === 0 ? 'not_affected' : 'affected',
  };
}

/** Real entries also write `1.2.31-0` for `-r0` and `4.8.0.-r1` with a dot too many. */
function withoutSlip(version: string): string {
  return version.replace(/^([\w.]+)-(\d+)$/, '$1-r$2').replace(/\.(-r\d+)$/, '$1');
}

/** Yields an advisory for each package and vulnerability of a secdb document; what is not in the format is a problem. */
export function* parseSecdb(value: unknown, options: SecdbOptions): Generator<FeedItem> {
  for (const element of isObject(value) ? listField(value, 'packages') : []) {
    const pkg = isObject(element) ? objectField(element, 'pkg') : undefined;
    const name = pkg === undefined ? undefined : parseToken(field(pkg, 'name'));
    const secfixes = pkg === undefined ? undefined : objectField(pkg, 'secfixes');
    if (name === undefined || secfixes === undefined) {
      yield { kind: 'problem', record: name ?? 'a package', cause: 'lacks a name or secfixes' };
      continue;
    }
    const entries = new Map<string, Entry>();
    for (const written of Object.keys(secfixes)) {
      const version = withoutSlip(written);
      if (parseToken(version) === undefined) {
        yield { kind: 'problem', record: `${name} ${version.slice(0, 80)}`, cause: 'is no version' };
        continue;
      }
      const texts = listField(secfixes, written).filter((text) => !isOwnNumber(text));
      for (const text of texts.length === 0 ? listField(secfixes, written) : texts) {
        const named = typeof text === 'string' ? namedVulnerabilities(text.slice(0, 2000)) : [];
        if (named.length === 0) {
          yield {
            kind: 'problem',
            record: `${name} ${version}`,
            cause: `names no id: ${typeof text === 'string' ? text.slice(0, 80) : JSON.stringify(text).slice(0, 80)}`,
          };
        }
        for (const vulnerability of named) {
          const entry = entries.get(vulnerability.id) ?? { named: vulnerability, versions: new Set<string>() };
          entry.versions.add(version);
          entries.set(vulnerability.id, entry);
        }
      }
    }
    for (const entry of entries.values()) yield { kind: 'advisory', advisory: advisoryOf(name, entry, options) };
  }
}

function advisoryOf(name: string, entry: Entry, options: SecdbOptions): Advisory {
  return {
    id: entry.named.id,
    feed: options.feed,
    aliases: entry.named.aliases,
    related: entry.named.related,
    upstream: [],
    severities: [],
    references: [options.link(entry.named.id)],
    affected: [affectedOf(name, entry, options.ecosystem)],
  };
}
