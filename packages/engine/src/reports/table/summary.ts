// The summary a person grasps in five seconds: what it is, what could not be assessed, how much there is, what to do.
import { inert } from '@plombe/kit';
import {
  countBySeverity,
  formatPlatform,
  severityOrder,
  type Action,
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
    ...assessment(result, palette),
    ...counts(result, palette),
    ...data(result, palette),
    ...endOfLife(result, palette),
    ...actions(result.actions, palette, width),
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
    ...(layers.length > 0 ? [plural(layers.length, 'layer')] : []),
    plural(packages.length, 'package'),
  ];
  return [
    palette.bold(name) + platform,
    ...(digest === undefined || name.includes(digest) ? [] : [palette.dim(digest)]),
    parts.join(' · ') + (kinds.length > 0 ? ` (${kinds.join(', ')})` : ''),
  ];
}

/** What could not be assessed comes first, never last. */
function assessment({ assessment: { state, causes }, inventory }: ScanResult, palette: Palette): string[] {
  if (state === 'assessed')
    return [`${palette.state(state, 'ASSESSED')}  everything found was compared with current data`];
  const lines = [palette.state(state, `NOT FULLY ASSESSED: ${state}`)];
  for (const cause of causes) {
    const count = cause.packages === undefined ? '' : ` [${plural(cause.packages, 'package')}]`;
    lines.push(`  ${palette.warn('!')} ${inert(cause.message)}${count}`);
    if (cause.remedy !== undefined) lines.push(`    ${palette.dim(inert(cause.remedy))}`);
  }
  const errors = inventory.diagnostics.filter((note) => note.level === 'error');
  for (const note of errors.slice(0, 10)) lines.push(`  ${palette.warn('!')} ${inert(note.message)}`);
  if (errors.length > 10) lines.push(`  … and ${errors.length - 10} more; the JSON report lists all.`);
  return [...lines, ''];
}

function counts({ match: { findings } }: ScanResult, palette: Palette): string[] {
  if (findings.length === 0) return ['Findings  none among what was assessed'];
  const bySeverity = countBySeverity(findings);
  const words = severityOrder
    .filter((word) => bySeverity[word] > 0)
    .map((word) => palette.severity(word, `${bySeverity[word]} ${word}`));
  const exploited = findings.filter((finding) => finding.knownExploited !== undefined).length;
  const fixable = findings.filter((finding) => finding.fixedVersions.length > 0).length;
  const lines = [`Findings  ${words.join('  ')}`];
  const known = exploited > 0 ? palette.severity('critical', `${exploited} known exploited`) : '0 known exploited';
  return [...lines, `          ${findings.length} in all, ${fixable} with a fix, ${known}`];
}

function data({ database, match: { shards } }: ScanResult, palette: Palette): string[] {
  const age = database.oldestData === undefined ? '' : `, oldest data of ${database.oldestData.slice(0, 10)}`;
  if (database.kind === 'none') return ['Data      none: nothing was compared'];
  const names = shards.filter((shard) => shard.state !== 'missing').map((shard) => shard.id);
  const list = names.length > 6 ? `${names.slice(0, 6).join(', ')} … (${names.length})` : names.join(', ');
  if (database.kind === 'built') return [`Data      ${list || 'no shard needed'}${age}`];
  return [palette.warn(`Data      starter database${age}. Replace it with current data: plombe db update`)];
}

function endOfLife({ match }: ScanResult, palette: Palette): string[] {
  return match.endOfLife
    .filter((entry) => entry.ended)
    .map((entry) =>
      palette.warn(
        `End of life  ${inert(entry.product)} ${inert(entry.release)} has had no security support since ${entry.date}`,
      ),
    );
}

function actions(list: readonly Action[], palette: Palette, width: number): string[] {
  if (list.length === 0) return [];
  const lines = list.map((action, index) => {
    const number = String(index + 1).padStart(2);
    const target = action.targetVersion === undefined ? '' : ` to ${inert(action.targetVersion)}`;
    const exploited = action.knownExploited > 0 ? `, ${action.knownExploited} of them known exploited` : '';
    const what = `${number}. upgrade ${inert(action.packageName)} ${inert(action.packageVersion)}${target}`;
    const effect = `removes ${plural(action.findings, 'finding')}${exploited}`;
    const where = action.layerIndex === undefined ? '' : ` in layer ${action.layerIndex}`;
    const made = action.createdBy === undefined ? '' : ` (${instruction(action.createdBy)})`;
    const room = width - what.length - where.length - effect.length - 4;
    const shown = made.length === 0 || room < 12 ? '' : cut(made, room);
    return `${what}${where}${palette.dim(shown)}: ${effect}`;
  });
  return ['', palette.bold(list.length === 1 ? 'Do this first' : `Do these ${list.length} first`), ...lines];
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
