// Joins what the tracker, its CVE list and the DSA and DLA lists say of one package and vulnerability into one advisory.
import type { Advisory, AffectedPackage } from '@plombe/model';
import type { ListedAdvisory } from './advisory-list.ts';
import type { ListedPackage, ListedVulnerability } from './cve-list.ts';
import { affectedOf, type Row } from './row.ts';
import { compareVersions } from '@plombe/versions';
import { expandRows } from './cve-list.ts';
import type { TrackerEntry } from './tracker.ts';

/** The fixes that DSAs and DLAs state for one package and vulnerability. */
interface Fixes {
  readonly rows: Map<string, { readonly row: Row; readonly regression: boolean }>;
  readonly advisories: Set<string>;
  date?: string;
}

type Fix = Fixes['rows'] extends Map<string, infer Value> ? Value : never;

function outranks(fix: Fix, known: Fix): boolean {
  if (fix.regression !== known.regression) return known.regression;
  const order = compareVersions('deb', fix.row.version ?? '', known.row.version ?? '');
  return order === undefined ? known.row.version === undefined : order > 0;
}

interface Listed {
  readonly block: ListedVulnerability;
  readonly listed: ListedPackage;
}

function keyOf(name: string, id: string): string {
  return `${name} ${id}`;
}

function link(id: string): string {
  return `https://security-tracker.debian.org/tracker/${id}`;
}

export interface JoinOptions {
  /** Codenames for which a line about unstable holds. */
  readonly releases: readonly string[];
  /** True where the tracker's JSON is the publisher's own: then its rows outrank the lists they were made from. */
  readonly trackerRules: boolean;
}

/** Collects the lists first, then joins each entry of the tracker; `rest` gives what only the lists know. */
export class DebianJoin {
  readonly #options: JoinOptions;
  readonly #fixes = new Map<string, Fixes>();
  readonly #listed = new Map<string, Listed>();

  constructor(options: JoinOptions) {
    this.#options = options;
  }

  /**
   * Adds a DSA or DLA. Of several about one flaw the highest fix counts, since the earlier was not the whole repair; a regression
   * update counts only where no other names the flaw.
   */
  addAdvisory(advisory: ListedAdvisory): void {
    if (advisory.vulnerabilities.length === 0 && advisory.regression) return;
    const ids = advisory.vulnerabilities.length === 0 ? [advisory.id] : advisory.vulnerabilities;
    for (const { name, row } of advisory.fixes) {
      for (const id of ids) {
        const key = keyOf(name, id);
        const fixes: Fixes = this.#fixes.get(key) ?? { rows: new Map(), advisories: new Set() };
        const known = fixes.rows.get(row.release);
        const stated = { row, regression: advisory.regression };
        if (known === undefined || outranks(stated, known)) fixes.rows.set(row.release, stated);
        fixes.advisories.add(advisory.id);
        if (advisory.date !== undefined) fixes.date = advisory.date;
        this.#fixes.set(key, fixes);
      }
    }
  }

  /** Adds a block of the CVE list; a rejected one says nothing. */
  addVulnerability(block: ListedVulnerability): void {
    if (block.rejected) return;
    for (const listed of block.packages.values()) this.#listed.set(keyOf(listed.name, block.id), { block, listed });
  }

  /** Returns the advisory for an entry of the tracker, joined with what the lists say of it. */
  joinTracker(name: string, entry: TrackerEntry): Advisory | undefined {
    const key = keyOf(name, entry.id);
    const fixes = this.#fixes.get(key);
    const listed = this.#listed.get(key);
    this.#fixes.delete(key);
    this.#listed.delete(key);
    return this.#join(name, entry.id, entry.rows, fixes, listed, entry);
  }

  /** Yields what the tracker did not have. */
  *rest(): Generator<Advisory> {
    for (const [key, listed] of this.#listed) {
      const fixes = this.#fixes.get(key);
      this.#fixes.delete(key);
      const advisory = this.#join(listed.listed.name, listed.block.id, [], fixes, listed);
      if (advisory !== undefined) yield advisory;
    }
    for (const [key, fixes] of this.#fixes) {
      const space = key.indexOf(' ');
      const advisory = this.#join(key.slice(0, space), key.slice(space + 1), [], fixes);
      if (advisory !== undefined) yield advisory;
    }
  }

  #join(
    name: string,
    id: string,
    tracker: readonly Row[],
    fixes: Fixes | undefined,
    listed?: Listed,
    entry?: TrackerEntry,
  ): Advisory | undefined {
    const rows = this.#rows(tracker, fixes, listed);
    const affected = rows
      .map((row) => affectedOf(name, row))
      .filter((part): part is AffectedPackage => part !== undefined);
    if (affected.length === 0) return undefined;
    const advisories = [...new Set([...(fixes?.advisories ?? []), ...(listed?.block.advisories ?? [])])].sort();
    const summary = entry?.description ?? listed?.block.description;
    return {
      id,
      feed: 'debian',
      aliases: [],
      related: advisories.filter((other) => other !== id),
      upstream: [],
      ...(summary === undefined ? {} : { summary }),
      ...(fixes?.date === undefined ? {} : { publishedAt: fixes.date }),
      severities: [],
      references: [
        link(id),
        ...advisories.filter((other) => other !== id).map(link),
        ...(entry?.bug === undefined ? [] : [`https://bugs.debian.org/${entry.bug}`]),
      ],
      affected,
    };
  }

  /**
   * One row for each release. The tracker's own rows rule where it is the publisher's; else a release's own line in the CVE list, then
   * a DSA's or DLA's fix, then the tracker's row, then the comparison with unstable.
   */
  #rows(tracker: readonly Row[], fixes: Fixes | undefined, listed: Listed | undefined): Row[] {
    const byRelease = new Map<string, Row>();
    const add = (row: Row) => {
      const known = byRelease.get(row.release);
      if (known === undefined) byRelease.set(row.release, row);
      else if (known.urgency === undefined && row.urgency !== undefined) {
        byRelease.set(row.release, { ...known, urgency: row.urgency });
      }
    };
    if (this.#options.trackerRules) for (const row of tracker) add(row);
    const expanded = listed === undefined ? [] : expandRows(listed.listed, this.#options.releases);
    for (const row of expanded)
      if (listed?.listed.releases.has(row.release) === true || row.release === 'sid') add(row);
    for (const { row } of fixes?.rows.values() ?? []) add(row);
    for (const row of tracker) add(row);
    for (const row of expanded) add(row);
    return [...byRelease.values()];
  }
}
