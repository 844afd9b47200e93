// The `affected` part of an OSV record: packages, ranges, versions and qualifiers (OSV schema 1.7, "affected").
import type { AffectedPackage, RangeEvent, VersionRange } from '@plombe/model';
import { type JsonObject, field, listField, objectField, objectsField, textField, textsField } from '@plombe/kit';
import { commits, ecosystemBase, normaliseName, schemeOfEcosystem } from '../../normal/ecosystems.ts';
import { clipText, parseToken } from '../../normal/ids.ts';
import { parseEcosystem } from './ecosystem.ts';
import { onlyOn, rustQualifiers } from '../rustsec/parse.ts';
import { severityWord } from '../../normal/cvss.ts';
import { statedSeverities } from './severity.ts';

/** Versions listed by one package of one record: the most in use is about 3,000. */
const maxVersions = 100_000;
const maxEvents = 10_000;

const eventKinds = [
  ['introduced', 'introduced'],
  ['fixed', 'fixed'],
  ['last_affected', 'lastAffected'],
  ['limit', 'limit'],
] as const;

/**
 * Returns what an event says, one boundary each; undefined for a boundary that cannot be read. One that says more than the schema lets it
 * is read whole, and one of a kind that the schema may gain says nothing.
 */
function eventsOf(event: JsonObject): readonly RangeEvent[] | undefined {
  const events: RangeEvent[] = [];
  for (const [key, kind] of eventKinds) {
    const written = field(event, key) ?? undefined;
    if (written === undefined) continue;
    const version = parseToken(written);
    if (version === undefined) return undefined;
    // A limit of `*` is none.
    if (kind !== 'limit' || version !== '*') events.push({ [kind]: version });
  }
  return events;
}

/** Stands for a range with a boundary that cannot be read. To leave the boundary out would widen it: no version can be compared with it. */
const unreadable: VersionRange = { scheme: 'unreadable', events: [{ introduced: '0' }, { fixed: '?' }] };

const onlyCommits: VersionRange = { scheme: commits, events: unreadable.events };

/** Repositories whose records name no package: what is built of them. */
const repositories: ReadonlyMap<string, JsonObject> = new Map([
  ['https://github.com/python/cpython', { ecosystem: 'CPython', name: 'python' }],
]);

function packageOfRepository(affected: JsonObject): JsonObject | undefined {
  for (const range of objectsField(affected, 'ranges').slice(0, maxEvents)) {
    const known = repositories.get((textField(range, 'repo') ?? '').replace(/(?:\.git)?\/?$/, ''));
    if (known !== undefined) return known;
  }
  return undefined;
}

/** GHSA keeps an upper bound that OSV's events cannot say without a fix beside the ranges: `<= 1.2.3`, `< 1.2.4`. */
function lastKnownBound(affected: JsonObject): RangeEvent | undefined {
  const specific = objectField(affected, 'database_specific');
  const text = specific === undefined ? undefined : textField(specific, 'last_known_affected_version_range');
  const [, operator, version] = /^\s*(<=?)\s*(\S+)\s*$/.exec(text ?? '') ?? [];
  if (version === undefined || parseToken(version) === undefined) return undefined;
  return operator === '<=' ? { lastAffected: version } : { limit: version };
}

/**
 * The events of a range in versions. Those of a `GIT` range are commits: where the record is about a package, its other ranges count. Where it is about
 * a repository alone an exporter that knew the versions wrote them beside the range (`extracted_events`, earlier `versions`).
 */
function statedEvents(affected: JsonObject, range: JsonObject): readonly JsonObject[] {
  if (textField(range, 'type') !== 'GIT') return objectsField(range, 'events');
  if (objectField(affected, 'package') !== undefined) return [];
  const specific = objectField(range, 'database_specific');
  if (specific === undefined) return [];
  const extracted = objectsField(specific, 'extracted_events');
  return extracted.length > 0 ? extracted : objectsField(specific, 'versions');
}

function rangesOf(affected: JsonObject, scheme: string): VersionRange[] {
  const ranges: VersionRange[] = [];
  const bound = lastKnownBound(affected);
  for (const range of objectsField(affected, 'ranges').slice(0, maxEvents)) {
    const stated = statedEvents(affected, range).slice(0, maxEvents).map(eventsOf);
    if (stated.includes(undefined)) {
      ranges.push(unreadable);
      continue;
    }
    const events = stated.flatMap((boundaries) => boundaries ?? []);
    if (events.length === 0) continue;
    const open = events.every((event) => event.introduced !== undefined);
    ranges.push({ scheme, events: open && events.length === 1 && bound !== undefined ? [...events, bound] : events });
  }
  return ranges;
}

/** Go's `ecosystem_specific.imports`: import path → vulnerable symbols; none listed means the whole package. */
function symbolsOf(specific: JsonObject | undefined): Record<string, readonly string[]> | undefined {
  const imports = specific === undefined ? [] : objectsField(specific, 'imports');
  const entries = imports.map((entry): [string | undefined, readonly string[]] => [
    parseToken(field(entry, 'path')),
    textsField(entry, 'symbols').filter((symbol) => parseToken(symbol) !== undefined),
  ]);
  const known = entries.filter((entry): entry is [string, readonly string[]] => entry[0] !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

const namesSeveral = /[\w.+-]+:[\w.+-]+(?:,| and) [\w.+-]+:[\w.+-]+/;

/**
 * The module stream of an rpm whose version says it is built as a module. AlmaLinux has no field for it: `ecosystem_specific` may gain
 * one, until then the record's summary names it (`Important: nodejs:16 security update`). Of several (`virt:rhel and virt-devel:rhel`) the
 * record does not say which package is in which: none is taken, and packages of every stream are compared.
 */
function moduleOf(
  specific: JsonObject | undefined,
  ranges: readonly VersionRange[],
  summary: string | undefined,
): string | undefined {
  const stated = specific === undefined ? undefined : parseToken(field(specific, 'module'));
  if (stated !== undefined) return stated;
  const modular = ranges.some(({ events }) => events.some(({ fixed }) => fixed?.includes('.module') === true));
  if (!modular) return undefined;
  const text = summary ?? '';
  if (namesSeveral.test(text)) return undefined;
  return (
    /(?:^|\s)([\w.+-]+:[\w.+-]+)(?:\/\S+)?\s+(?:security|bug|enhancement|update)/.exec(text)?.[1] ??
    /^new module: ([\w.+-]+:[\w.+-]+)/.exec(text)?.[1]
  );
}

/**
 * Go's database numbers modules whose releases are no module versions (ingress-nginx, Grafana) in `custom_ranges` and calls every module
 * version affected. Which of both a binary's version is cannot be told: the finding stays, with the numbering as a note.
 */
function ownNumbering(specific: JsonObject | undefined): string | undefined {
  const stated = specific === undefined ? [] : objectsField(specific, 'custom_ranges');
  const words = stated.flatMap((range) =>
    objectsField(range, 'events')
      .flatMap((event) => eventsOf(event) ?? [])
      .flatMap(({ introduced, fixed, lastAffected }) => [
        ...(introduced === undefined || introduced === '0' ? [] : [`>= ${introduced}`]),
        ...(fixed === undefined ? [] : [`< ${fixed}`]),
        ...(lastAffected === undefined ? [] : [`<= ${lastAffected}`]),
      ]),
  );
  return words.length === 0 ? undefined : clipText(`in its own numbering ${words.join(', ')}`, 120);
}

/** RustSec's `ecosystem_specific.affects`: architectures, systems and functions; of the toolchain's names for them. */
function rustAffects(name: string, specific: JsonObject | undefined): AffectedPackage['qualifiers'] {
  const affects = specific === undefined ? undefined : objectField(specific, 'affects');
  if (affects === undefined) return undefined;
  return rustQualifiers(name, {
    arch: textsField(affects, 'arch'),
    os: textsField(affects, 'os'),
    functions: textsField(affects, 'functions'),
  });
}

function informational(affected: JsonObject): string | undefined {
  const specific = objectField(affected, 'database_specific');
  return clipText(specific === undefined ? undefined : textField(specific, 'informational'), 40);
}

/** Returns one package of a record; undefined where it names none, or says nothing of its versions. */
export function parseAffected(
  affected: JsonObject,
  summary: string | undefined,
  author: string,
): AffectedPackage | undefined {
  const pkg = objectField(affected, 'package') ?? packageOfRepository(affected);
  const parsed = pkg === undefined ? undefined : parseEcosystem(textField(pkg, 'ecosystem') ?? '');
  const written = pkg === undefined ? undefined : parseToken(field(pkg, 'name'));
  if (parsed === undefined || written === undefined) return undefined;
  const { ecosystem } = parsed;
  const scheme = schemeOfEcosystem(ecosystem);
  const stated = rangesOf(affected, scheme);
  const versions = listField(affected, 'versions')
    .slice(0, maxVersions)
    .map(parseToken)
    .filter((version): version is string => version !== undefined);
  // The PSF's records name commits alone, which no installed version can be compared with: said, rather than passed over.
  const ranges = stated.length === 0 && versions.length === 0 && ecosystem === 'CPython' ? [onlyCommits] : stated;
  if (ranges.length === 0 && versions.length === 0) return undefined;
  const specific = objectField(affected, 'ecosystem_specific');
  const isGo = ecosystemBase(ecosystem) === 'Go';
  const rust = ecosystemBase(ecosystem) === 'crates.io' ? rustAffects(written, specific) : undefined;
  const note = informational(affected) ?? (isGo ? ownNumbering(specific) : onlyOn(rust?.systems));
  const own = severityOf(affected, specific, author, note);
  const architectures =
    specific === undefined ? [] : [...textsField(specific, 'arch'), textField(specific, 'arch') ?? ''].filter(Boolean);
  const module = scheme === 'rpm' ? moduleOf(specific, ranges, summary) : undefined;
  const symbols = isGo ? symbolsOf(specific) : undefined;
  const { pocket } = parsed;
  const qualified =
    architectures.length > 0 ||
    module !== undefined ||
    symbols !== undefined ||
    pocket !== undefined ||
    rust !== undefined;
  return {
    ecosystem,
    name: normaliseName(ecosystem, written),
    ranges,
    versions,
    status: 'affected',
    ...(note === undefined ? {} : { statusNote: note }),
    ...(own === undefined ? {} : { severity: own }),
    ...(qualified
      ? {
          qualifiers: {
            ...(architectures.length === 0 ? {} : { architectures }),
            ...(module === undefined ? {} : { module }),
            ...(pocket === undefined ? {} : { pocket }),
            ...(symbols === undefined ? {} : { symbols }),
            ...rust,
          },
        }
      : {}),
  };
}

function severityOf(
  affected: JsonObject,
  specific: JsonObject | undefined,
  author: string,
  note: string | undefined,
): AffectedPackage['severity'] {
  const stated = statedSeverities(affected, author)[0];
  if (stated !== undefined) return stated;
  const word = severityWord(
    specific === undefined ? undefined : (textField(specific, 'severity') ?? textField(specific, 'urgency')),
  );
  if (word !== undefined) return { author, word };
  // RustSec's notices that a crate is unmaintained are no flaw of its code.
  return note === 'unmaintained' || note === 'notice' ? { author, word: 'negligible' } : undefined;
}
