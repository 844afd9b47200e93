// The summary a person grasps in five seconds: what it is, what could not be assessed, how much there is, what to do.
import { by, inert } from '@plombe/kit';
import {
  countBySeverity,
  formatPlatform,
  isSourceTree,
  severityOrder,
  type Cause,
  type Finding,
  type Inventory,
  type ScanResult,
} from '@plombe/model';
import { leftOutBy } from '../../scan/leave-out.ts';
import { byPlace, placeGroups } from '../placed/groups.ts';
import { placedFindings, treeFolder } from '../placed/placed.ts';
import { plural, renderActions } from './actions.ts';
import { cut, cutMiddle, wrap } from './layout.ts';
import type { Palette } from './palette.ts';

/** Returns the lines of the summary, none wider than `width` except names that cannot be cut. */
export function renderSummary(result: ScanResult, palette: Palette, width: number): string[] {
  return [
    ...heading(result.inventory, palette, width),
    '',
    ...renderAssessment(result, palette, width),
    ...counts(result, palette, width),
    ...notes(result, palette, width),
    ...files(result, palette, width),
    ...data(result, palette, width),
    ...endOfLife(result, palette, width),
    ...renderActions(result, palette, width),
  ];
}

function heading({ subject, distribution, layers, packages }: Inventory, palette: Palette, width: number): string[] {
  const platform = subject.platform === undefined ? '' : `  ${formatPlatform(subject.platform)}`;
  const digest = subject.digest ?? subject.configDigest;
  const name = inert(subject.reference ?? subject.name);
  const types = new Map<string, number>();
  for (const found of packages) types.set(found.type, (types.get(found.type) ?? 0) + 1);
  const kinds = [...types].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${count} ${inert(type)}`);
  const what = distribution === undefined ? 'no known distribution' : inert(distribution.name ?? distribution.id);
  const needsNone = subject.source === 'purls' || isSourceTree({ subject, distribution, packages });
  const parts = [
    ...(needsNone ? [] : [what]),
    ...(subject.source === 'sbom' ? ['as an SBOM says'] : []),
    ...(layers.length > 0 && subject.source !== 'dir' ? [plural(layers.length, 'layer')] : []),
    plural(packages.length, 'package') + (kinds.length > 0 ? ` (${kinds.join(', ')})` : ''),
  ];
  // A monorepo has a dozen kinds: more than a line.
  const isLong = (parts.at(-1)?.length ?? 0) > width;
  const shown = isLong ? [...parts.slice(0, -1), plural(packages.length, 'package')] : parts;
  return [
    palette.bold(name) + platform,
    ...(digest === undefined || name.includes(digest) ? [] : [palette.dim(digest)]),
    ...flow('', shown, width),
    ...(isLong ? flow('  ', kinds, width, { separator: ', ' }) : []),
  ];
}

/** What could not be assessed, which comes first, never last: the state, its causes and what to do. */
export function renderAssessment(
  { assessment: { state, causes }, inventory }: Pick<ScanResult, 'assessment' | 'inventory'>,
  palette: Palette,
  width: number,
): string[] {
  if (state === 'assessed') {
    const [first = '', ...rest] = wrap('everything found was compared with data that is young enough', width - 10);
    return [`${palette.state(state, 'ASSESSED')}  ${first}`, ...rest.map((line) => `          ${line}`)];
  }
  const lines = [palette.state(state, `NOT FULLY ASSESSED: ${state}`)];
  const said = new Set(causes.map(({ message }) => message));
  const errors = inventory.diagnostics
    .filter(({ level, message }) => level === 'error' && !said.has(message))
    .map(({ code, message }): Cause => ({ code, message }));
  for (const group of Map.groupBy([...causes, ...errors], ({ code }) => code).values())
    lines.push(...causeLines(group, palette, width));
  return [...lines, ''];
}

/** Causes of one code shown one by one; the JSON report lists all. */
const maxCausesShown = 4;

function causeLines(group: readonly Cause[], palette: Palette, width: number): string[] {
  const lines = group.slice(0, maxCausesShown).map(({ message, packages }) => {
    const count = packages === undefined ? '' : ` [${plural(packages, 'package')}]`;
    return `  ${palette.warn('!')} ${cutMiddle(inert(message), width - 4 - count.length)}${count}`;
  });
  const more = group.length - maxCausesShown;
  if (more > 0) lines.push(`    … and ${more} more of ${inert(group[0]?.code ?? '')}; the JSON report lists all.`);
  const remedy = group[0]?.remedy;
  if (remedy !== undefined) for (const line of wrap(inert(remedy), width - 4)) lines.push(`    ${palette.dim(line)}`);
  return lines;
}

function counts(result: ScanResult, palette: Palette, width: number): string[] {
  const {
    match: { findings },
    assessment: { state },
  } = result;
  const excluded = leftOutText(result);
  if (findings.length === 0) {
    return [
      state === 'unassessable'
        ? 'Findings  not known: nothing could be compared'
        : state === 'assessed'
          ? 'Findings  none'
          : 'Findings  none among what was assessed',
      ...excluded,
    ];
  }
  const bySeverity = countBySeverity(findings);
  const words = severityOrder.filter((word) => bySeverity[word] > 0);
  const texts = words.map((word) => `${bySeverity[word]} ${word}`);
  const exploited = findings.filter(isKnownExploited).length;
  const fixable = findings.filter((finding) => finding.fixedVersions.length > 0).length;
  const lines = flow('Findings  ', texts, width, {
    paint: (text, index) => palette.severity(words[index] ?? 'unknown', text),
  });
  const development = findings.filter(({ scope }) => scope === 'development').length;
  const parts = [
    `${findings.length} in all`,
    `${fixable} with a fix`,
    `${exploited} known exploited`,
    ...(development > 0 ? [`${development} for development only`] : []),
  ];
  const paint = (text: string, index: number): string =>
    index === 2 && exploited > 0 ? palette.severity('critical', text) : text;
  return [...lines, ...flow('          ', parts, width, { separator: ', ', paint }), ...excluded];
}

/** What flags took out, and how many: never a silent zero. */
function leftOutText({ match: { suppressed }, inventory: { packages } }: ScanResult): string[] {
  const development = new Set(packages.flatMap(({ id, scope }) => (scope === 'development' ? [id] : [])));
  const flags = suppressed.flatMap((one) => {
    const flag = leftOutBy(one);
    if (flag === '--exclude-dev' && !one.packages.some((id) => development.has(id))) return [];
    return flag ?? [];
  });
  return [...Map.groupBy(flags, (flag) => flag)].sort(by(([flag]) => flag)).map(([flag, { length }]) => {
    const why = flag === '--exclude-dev' ? ' for development only' : '';
    return `          ${plural(length, 'finding')}${why} left out (${flag})`;
  });
}

/** What a flag asked for that came to nothing: a mistyped one would go unseen. */
const askedInVain: ReadonlySet<string> = new Set(['inventory/excluded', 'vex/unmatched']);

function notes({ inventory: { diagnostics } }: ScanResult, palette: Palette, width: number): string[] {
  const told = diagnostics.filter(({ code, level }) => level === 'note' && askedInVain.has(code));
  return told.flatMap(({ message }) =>
    wrap(inert(message), width - 10).map((line, index) =>
      palette.dim(`${index === 0 ? 'Note      ' : ' '.repeat(10)}${line}`),
    ),
  );
}

/** Files of a source tree that are named with how many findings they bring. */
const maxFilesShown = 5;

/** Which files of a source tree bring most findings; nothing of other subjects, and of a tree whose findings are all of one. */
function files(result: ScanResult, palette: Palette, width: number): string[] {
  if (treeFolder(result.inventory) === undefined) return [];
  const groups = placeGroups(result);
  const placed = placedFindings(result).filter(({ place }) => place !== undefined);
  const found = [...byPlace(placed, groups, ({ places }) => places)].sort(
    by(
      ([, entries]) => -entries.length,
      ([path]) => path,
    ),
  );
  if (found.length < 2) return [];
  const texts = found
    .slice(0, maxFilesShown)
    .map(([path, entries]) => `${entries.length} in ${cutMiddle(`/${inert(path)}`, 48)}`);
  const rest = found.length - texts.length;
  return flow('Files     ', rest > 0 ? [...texts, `${rest} more`] : texts, width, {
    paint: (text) => palette.dim(text),
  });
}

function data({ database, match: { shards } }: ScanResult, palette: Palette, width: number): string[] {
  const oldest = database.oldestData?.slice(0, 10);
  if (database.kind === 'none') return ['Data      none: nothing was compared'];
  if (database.kind === 'starter') {
    const age = oldest === undefined ? '' : `, oldest data of ${oldest}`;
    const text = `Data      starter database${age}.`;
    const next = 'Replace it with current data: plombe db update';
    const lines = text.length + next.length < width ? [`${text} ${next}`] : [text, `          ${next}`];
    return lines.map((line) => palette.warn(line));
  }
  const used = shards.filter(({ role, packages, state }) => role !== 'facts' && packages !== 0 && state !== 'missing');
  const names = used.map(
    ({ id, dataDate, fetchedAt }) => `${inert(id)} of ${(dataDate ?? fetchedAt ?? '?').slice(0, 10)}`,
  );
  const more = names.length > 4 ? [`… (${names.length} in all, oldest of ${oldest ?? '?'})`] : [];
  const parts = names.length === 0 ? ['none needed'] : [...names.slice(0, 4), ...more];
  return flow('Data      ', parts, width, { separator: ', ' });
}

function endOfLife({ match }: ScanResult, palette: Palette, width: number): string[] {
  const ended = match.endOfLife.filter((entry) => entry.ended);
  return [...Map.groupBy(ended, ({ product }) => product)].map(([product, entries]) => {
    const list = entries.map(({ release, date }) => `${inert(release)} (${date.slice(0, 10)})`);
    const shown = `${inert(product)} ${list.slice(0, 4).join(', ')}`;
    const more = list.length > 4 ? ` and ${list.length - 4} more` : '';
    return palette.warn(cut(`No more security support  ${shown}${more}`, width));
  });
}

/** Joins texts with ` · ` or a comma into lines of at most `width`, the first behind `title`, the rest under it. */
function flow(
  title: string,
  texts: readonly string[],
  width: number,
  {
    separator = ' · ',
    paint = (text) => text,
  }: { readonly separator?: string; readonly paint?: (text: string, index: number) => string } = {},
): string[] {
  const atEnd = separator === ', ' ? ',' : '';
  const lines: string[] = [];
  let line = title;
  let length = title.length;
  for (const [index, text] of texts.entries()) {
    const room = index < texts.length - 1 ? atEnd.length : 0;
    if (index > 0 && length + separator.length + text.length + room > width) {
      lines.push(line + atEnd);
      line = ' '.repeat(title.length);
      length = title.length;
    } else if (index > 0) {
      line += separator;
      length += separator.length;
    }
    line += paint(text, index);
    length += text.length;
  }
  return [...lines, line];
}

/** The last line after a long table: what the summary above it said. */
export function renderClosing({ match: { findings }, assessment: { state } }: ScanResult, palette: Palette): string {
  const bySeverity = countBySeverity(findings);
  const worst = severityOrder.filter((word) => bySeverity[word] > 0 && word !== 'unknown').slice(0, 2);
  const counts = worst.map((word) => palette.severity(word, `${bySeverity[word]} ${word}`));
  const exploited = findings.filter(isKnownExploited).length;
  const known = exploited > 0 ? [palette.severity('critical', `${exploited} known exploited`)] : [];
  return [plural(findings.length, 'finding'), ...known, ...counts, palette.state(state, state)].join(' · ');
}

function isKnownExploited({ knownExploited }: Finding): boolean {
  return knownExploited !== undefined;
}
