// One record of RustSec/advisory-db to an advisory: Markdown whose first fence is TOML (advisory format V4).
import { field, isObject, listField, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { Advisory, AffectedPackage, Severity } from '@plombe/model';
import { severityOfVector } from '../../normal/cvss.ts';
import { clipText, parseDate, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import { intervalsOf, rangesOf, without } from '../../normal/requirements.ts';

/** Where a record is: `crates/<name>/RUSTSEC-<year>-<number>.md`. Those below `rust/`, of the toolchain, are about no crate. */
export const recordPath = /(?:^|\/)crates\/[^/]+\/RUSTSEC-\d{4}-\d{4,}\.md$/;

/** Returns the TOML of a record and the title below it; undefined where there is no fence at its beginning. */
export function splitRecord(text: string): { readonly toml: string; readonly title?: string } | undefined {
  const opening = /^\s*```toml[ \t]*\r?\n/.exec(text.slice(0, 200));
  if (opening === null) return undefined;
  const end = text.indexOf('\n```', opening[0].length - 1);
  if (end < 0) return undefined;
  const rest = text.slice(end + 4, end + 4 + 4000);
  const title = clipText(/(?:^|\n)#[ \t]+([^\n]{1,1000})/.exec(rest)?.[1]);
  const toml = text.slice(opening[0].length, end + 1);
  return title === undefined ? { toml } : { toml, title };
}

/** Cargo's requirements are npm's but for a bare version, which means `^`, and for bounds with fewer than three numbers, which are of the release. */
function asNpmRange(requirement: string): string {
  return requirement
    .split(',')
    .map((text) => {
      const [, sign = '', version = ''] = /^\s*(>=|<=|>|<|=|\^|~)?\s*(\S*)\s*$/.exec(text) ?? [];
      if (sign === '') return /^\d/.test(version) ? `^${version}` : version;
      const dots = version.split('.').length - 1;
      const isShort = (sign === '>=' || sign === '<') && /^[\d.]+$/.test(version) && dots < 2;
      return `${sign}${version}${isShort ? '.0'.repeat(2 - dots) : ''}`;
    })
    .join(' ');
}

function severityOf(advisory: JsonObject, informational: string | undefined): Severity | undefined {
  const stated = severityOfVector('rustsec', textField(advisory, 'cvss') ?? '');
  if (stated !== undefined) return stated;
  // That a crate is unmaintained is no flaw of its code; `unsound` may be one.
  return informational === 'unmaintained' || informational === 'notice'
    ? { author: 'rustsec', word: 'negligible' }
    : undefined;
}

type Qualifiers = NonNullable<AffectedPackage['qualifiers']>;

/** Architectures and systems as Rust names them, and the functions by crate. */
export function rustQualifiers(
  name: string,
  stated: { readonly arch: readonly string[]; readonly os: readonly string[]; readonly functions: readonly string[] },
): Qualifiers | undefined {
  const functions = stated.functions.filter((text) => parseToken(text) !== undefined);
  const qualifiers: Qualifiers = {
    ...(stated.arch.length === 0 ? {} : { architectures: stated.arch }),
    ...(stated.os.length === 0 ? {} : { systems: stated.os }),
    ...(functions.length === 0 ? {} : { symbols: { [name]: functions } }),
  };
  return Object.keys(qualifiers).length === 0 ? undefined : qualifiers;
}

/** Says which systems an advisory is about; undefined for all. */
export function onlyOn(systems: readonly string[] | undefined): string | undefined {
  return systems === undefined || systems.length === 0 ? undefined : clipText(`only on ${systems.join(', ')}`, 120);
}

/** Returns the advisory of a record's TOML, or why it is none. */
export function parseRustSec(value: unknown, title: string | undefined): Advisory | { readonly cause: string } {
  const advisory = isObject(value) ? objectField(value, 'advisory') : undefined;
  if (!isObject(value) || advisory === undefined) return { cause: 'has no table [advisory]' };
  const id = parseId(field(advisory, 'id'));
  const name = parseToken(field(advisory, 'package'));
  if (id === undefined || name === undefined) return { cause: 'names no id or no package' };
  const versions = objectField(value, 'versions') ?? {};
  const patched = intervalsOf('semver', textsField(versions, 'patched').map(asNpmRange));
  const unaffected = intervalsOf('semver', textsField(versions, 'unaffected').map(asNpmRange));
  if (patched === undefined || unaffected === undefined) return { cause: 'has a requirement that cannot be read' };
  const left = without('semver', [{}], [...patched, ...unaffected]);
  const fixes = new Set(patched.flatMap(({ from }) => (from === undefined ? [] : [from.version])));
  const informational = clipText(textField(advisory, 'informational'), 40);
  const severity = severityOf(advisory, informational);
  const affected = objectField(value, 'affected') ?? {};
  const qualifiers = rustQualifiers(name, {
    arch: textsField(affected, 'arch'),
    os: textsField(affected, 'os'),
    functions: Object.keys(objectField(affected, 'functions') ?? {}),
  });
  const note = informational ?? onlyOn(qualifiers?.systems);
  const aliases = parseIds(listField(advisory, 'aliases'), [id]);
  const publishedAt = parseDate(field(advisory, 'date'));
  const withdrawnAt = textField(advisory, 'withdrawn');
  const summary = title ?? clipText(textField(advisory, 'title'));
  return {
    id,
    feed: 'rustsec',
    aliases,
    related: parseIds(listField(advisory, 'related'), [id, ...aliases]),
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(withdrawnAt === undefined ? {} : { withdrawnAt }),
    severities: severity === undefined ? [] : [severity],
    references: parseLinks([
      `https://rustsec.org/advisories/${id}.html`,
      field(advisory, 'url'),
      ...listField(advisory, 'references'),
    ]),
    affected: [
      {
        ecosystem: 'crates.io',
        name,
        ranges: rangesOf('semver', left, (end) => fixes.has(end.version)),
        versions: [],
        status: left.length === 0 ? 'not_affected' : 'affected',
        ...(note === undefined ? {} : { statusNote: note }),
        ...(qualifiers === undefined ? {} : { qualifiers }),
      },
    ],
  };
}
