// The actions of the summary: what to do, where, and what it removes; one line each, with the layers' instructions below where they do not fit.
import { inert } from '@plombe/kit';
import type { Action, ScanResult } from '@plombe/model';
import { remedyText } from '../texts/remedy.ts';
import { cut } from './layout.ts';
import type { Palette } from './palette.ts';

/** Room below which a part of an instruction or path says nothing. */
const minDetail = 14;

interface Line {
  readonly action: Action;
  /** `12. upgrade X A to B in layer N`. */
  readonly what: string;
  /** ` in layer N`; empty where there is none to tell. */
  readonly layer: string;
  readonly effect: string;
  readonly exploited: string;
  /** The instruction that made the layer; empty where none is known. */
  readonly made: string;
  /** Columns left for instruction and path. */
  readonly room: number;
}

/** Returns the title and a line per action, none wider than `width` except names that cannot be cut. */
export function renderActions({ actions, inventory }: ScanResult, palette: Palette, width: number): string[] {
  if (actions.length === 0) return [];
  const lines = actions.map((action, index) => lineOf(action, index, inventory.layers.length > 1, width));
  // All instructions beside their actions, or all below: a list reads by its columns.
  const beside = lines.every(({ made, room }) => room - 3 >= Math.min(made.length, minDetail));
  const shown = lines.flatMap(({ action, what, layer, effect, exploited, made, room }) => {
    const first = beside && made !== '' ? ` (${cut(made, room - 3)})` : '';
    const removes = `${effect}${palette.severity('critical', exploited)}`;
    const where = place(action, room - first.length);
    // In an image its layer says where; in a tree only the file does.
    const below = layer === '' && where === '' ? place(action, width - 8 - effect.length - exploited.length) : '';
    if (below !== '') return [what, `   ${palette.dim(below)}: ${removes}`];
    if (room < 0) return [what, `    ${removes}`];
    return [`${what}${palette.dim(first + where)}: ${removes}`];
  });
  const title = actions.length === 1 ? 'Do this first' : `Do these ${actions.length} first`;
  return ['', palette.bold(title), ...shown, ...(beside ? [] : legend(lines, palette, width))];
}

function lineOf(action: Action, index: number, layered: boolean, width: number): Line {
  const { layerIndex, createdBy, findings, knownExploited } = action;
  const layer = layerIndex !== undefined && (layered || createdBy !== undefined) ? ` in layer ${layerIndex}` : '';
  const what = `${String(index + 1).padStart(2)}. ${whatToDo(action)}${layer}`;
  const effect = `removes ${plural(findings, 'finding')}`;
  const left = width - what.length - 2 - effect.length;
  const long = knownExploited === 0 ? '' : `, ${knownExploited} of them known exploited`;
  const exploited = long.length <= left ? long : long.replace(' of them', '');
  const made = layer === '' || createdBy === undefined ? '' : instruction(createdBy);
  return { action, what, layer, effect, exploited, made, room: left - exploited.length };
}

/** The instruction of each layer that the actions name. */
function legend(lines: readonly Line[], palette: Palette, width: number): string[] {
  const made = new Map(lines.map(({ action, made: text }) => [action.layerIndex ?? -1, text]));
  return [...made]
    .filter(([, text]) => text !== '')
    .sort(([a], [b]) => a - b)
    .map(([index, text]) => palette.dim(cut(`    layer ${index}: ${text}`, width)));
}

/** `upgrade X A to B`, each part cut to what a line has room for. */
function whatToDo(action: Action): string {
  return remedyText(action, {
    name: (text) => cut(inert(text), 40),
    version: (text) => cut(inert(text), 30),
  });
}

/** Where the files are, as far as it fits into `room`; the end of a path says most. */
function place({ path, places = 1 }: Action, room: number): string {
  if (path === undefined) return '';
  const more = places > 1 ? ` and ${places - 1} more` : '';
  const folder = `/${inert(path.replace(metadataFile, ''))}`;
  const left = room - ' at '.length - more.length;
  if (left < Math.min(folder.length, minDetail)) return '';
  return ` at ${folder.length <= left ? folder : `…${folder.slice(folder.length - left + 1)}`}${more}`;
}

/** What is upgraded is the folder around it. */
const metadataFile = /\/(?:package\.json|[^/]+\.(?:dist|egg)-info(?:\/.*)?)$/;

/** Returns a history instruction as its author wrote it: without what docker and BuildKit put around it. */
export function instruction(createdBy: string): string {
  return inert(
    createdBy
      .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
      .replace(/^(?:RUN )?(?:\|\d+ (?:\S+=\S* )*)?\/bin\/sh -c /, 'RUN ')
      .replace(/ # buildkit$/, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
