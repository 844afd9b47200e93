// The summary a person grasps in five seconds: what it is, what could not be assessed, how much there is, what to do.
import { inert } from '@plombe/kit';
import {
  countBySeverity,
  formatPlatform,
  severityOrder,
  type Action,
  type Cause,
  type Inventory,
  type ScanResult,
} from '@plombe/model';
import { cut } from './layout.ts';
import type { Palette } from './palette.ts';

/** Returns the lines of the summary, none wider than `width` except names that cannot be cut. */
export function renderSummary(result: ScanResult, palette: Palette, width: number): string[] {
  return [
    ...heading(result.inventory, palette),
    '',
    ...assessment(result, palette, width),
    ...counts(result, palette),
    ...data(result, palette),
    ...endOfLife(result, palette, width),
    ...actions(result, palette, width),
  ];
}

function heading({ subject, distribution, layers, packages }: Inventory, palette: Palette): string[] {
  const platform = subject.platform === undefined ? '' : `  ${formatPlatform(subject.platform)}`;
  const digest = subject.digest ?? subject.configDigest;
  const name = inert(subject.reference ?? subject.name);
  const types = new Map<string, number>();
  for (const found of packages) types.set(found.type, (types.get(found.type) ?? 0) + 1);
  const kinds = [...types].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${count} ${inert(type)}`);
  const what = distribution === undefined ? 'no known distribution' : inert(distribution.name ?? distribution.id);
  const parts = [
    what,
    ...(layers.length > 0 && subject.source !== 'dir' ? [plural(layers.length, 'layer')] : []),
    plural(packages.length, 'package'),
  ];
  return [
    palette.bold(name) + platform,
    ...(digest === undefined || name.includes(digest) ? [] : [palette.dim(digest)]),
    parts.join(' · ') + (kinds.length > 0 ? ` (${kinds.join(', ')})` : ''),
  ];
}

/** What could not be assessed comes first, never last. */
function assessment(
  { assessment: { state, causes }, inventory }: ScanResult,
  palette: Palette,
  width: number,
): string[] {
  if (state === 'assessed')
    return [`${palette.state(state, 'ASSESSED')}  everything found was compared with data that is young enough`];
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
    return `  ${palette.warn('!')} ${cut(inert(message), width - 4 - count.length)}${count}`;
  });
  const more = group.length - maxCausesShown;
  if (more > 0) lines.push(`    … and ${more} more of ${inert(group[0]?.code ?? '')}; the JSON report lists all.`);
  const remedy = group[0]?.remedy;
  if (remedy !== undefined) lines.push(`    ${palette.dim(inert(remedy))}`);
  return lines;
}

function counts({ match: { findings }, assessment: { state } }: ScanResult, palette: Palette): string[] {
  if (findings.length === 0) {
    return [
      state === 'unassessable'
        ? 'Findings  not known: nothing could be compared'
        : state === 'assessed'
          ? 'Findings  none'
          : 'Findings  none among what was assessed',
    ];
  }
  const bySeverity = countBySeverity(findings);
  const words = severityOrder
    .filter((word) => bySeverity[word] > 0)
    .map((word) => palette.severity(word, `${bySeverity[word]} ${word === 'unknown' ? 'of unknown severity' : word}`));
  const exploited = findings.filter((finding) => finding.knownExploited !== undefined).length;
  const fixable = findings.filter((finding) => finding.fixedVersions.length > 0).length;
  const lines = [`Findings  ${words.join(' · ')}`];
  const known = exploited > 0 ? palette.severity('critical', `${exploited} known exploited`) : '0 known exploited';
  return [...lines, `          ${findings.length} in all, ${fixable} with a fix, ${known}`];
}

function data({ database, match: { shards } }: ScanResult, palette: Palette): string[] {
  const oldest = database.oldestData?.slice(0, 10);
  if (database.kind === 'none') return ['Data      none: nothing was compared'];
  if (database.kind === 'starter') {
    const age = oldest === undefined ? '' : `, oldest data of ${oldest}`;
    return [palette.warn(`Data      starter database${age}. Replace it with current data: plombe db update`)];
  }
  const used = shards.filter(({ role, packages, state }) => role !== 'facts' && packages !== 0 && state !== 'missing');
  const names = used.map(
    ({ id, dataDate, fetchedAt }) => `${inert(id)} of ${(dataDate ?? fetchedAt ?? '?').slice(0, 10)}`,
  );
  const more = names.length > 4 ? ` … (${names.length} in all, oldest of ${oldest ?? '?'})` : '';
  return [`Data      ${names.slice(0, 4).join(', ') || 'none needed'}${more}`];
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

function actions({ actions: list, inventory: { layers } }: ScanResult, palette: Palette, width: number): string[] {
  if (list.length === 0) return [];
  const lines = list.map((action, index) => {
    const number = String(index + 1).padStart(2);
    const target = action.targetVersion === undefined ? '' : ` to ${cut(inert(action.targetVersion), 30)}`;
    const exploited = action.knownExploited > 0 ? `, ${action.knownExploited} of them known exploited` : '';
    const what = `${number}. upgrade ${cut(inert(action.packageName), 40)} ${cut(inert(action.packageVersion), 30)}${target}`;
    const effect = `removes ${plural(action.findings, 'finding')}${exploited}`;
    const named = layers.length > 1 || action.createdBy !== undefined;
    const where = action.layerIndex === undefined || !named ? '' : ` in layer ${action.layerIndex}`;
    const room = width - what.length - where.length - effect.length - 2;
    return `${what}${where}${palette.dim(detail(action, room))}: ${effect}`;
  });
  return ['', palette.bold(list.length === 1 ? 'Do this first' : `Do these ${list.length} first`), ...lines];
}

/** The file and the instruction that made the layer, as far as they fit into `room`. */
function detail({ path, places = 1, createdBy }: Action, room: number): string {
  const more = places > 1 ? ` and ${places - 1} more` : '';
  const file = path === undefined ? '' : ` at /${inert(path)}${more}`;
  if (file.length > room) return room < 24 + more.length ? '' : ` at …${file.slice(file.length - room + 5)}`;
  const left = room - file.length - 3;
  return createdBy === undefined || left < 12 ? file : ` (${cut(instruction(createdBy), left)})${file}`;
}

/** Returns a history instruction as its author wrote it: without the builder's shell prefix. */
export function instruction(createdBy: string): string {
  return inert(
    createdBy
      .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
      .replace(/^\/bin\/sh -c /, 'RUN ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
