// A difference as text: counts first, then findings, then packages, each by the layer that it came by.
import { by, inert } from '@plombe/kit';
import { instruction, plural } from '../table/actions.ts';
import { cut, cutMiddle } from '../table/layout.ts';
import { paletteFor, type Palette } from '../table/palette.ts';
import type { Changes, DiffPlace, DiffSide, FindingChange, PackageChange, ResultDiff } from './diff.ts';

interface Line {
  readonly sign: '+' | '-' | '~';
  readonly text: string;
  readonly place: DiffPlace;
}

/** Lines of at most `width`, except names that cannot be cut. */
export function renderDiff(
  diff: ResultDiff,
  { colour, width }: { readonly colour: boolean; readonly width: number },
): string {
  const palette = paletteFor(colour);
  const lines = [sideLine('A', diff.a), sideLine('B', diff.b)];
  if (diff.commonLayers > 0) {
    lines.push(
      `The first ${plural(diff.commonLayers, 'layer')} of ${diff.a.layers} and ${diff.b.layers} are the same.`,
    );
  }
  if (!diff.sameData)
    lines.push(palette.warn('They were compared with different advisory data: findings may differ by that alone.'));
  for (const [name, { state }] of [
    ['A', diff.a],
    ['B', diff.b],
  ] as const)
    if (state !== 'assessed')
      lines.push(palette.warn(`${name} was not fully assessed (${state}): what is missing may be unknown.`));
  lines.push('', countsLine('Findings', diff.findings), countsLine('Packages', diff.packages));
  lines.push(...block('Findings', findingLines(diff.findings), palette, width));
  lines.push(...block('Packages', packageLines(diff.packages), palette, width));
  return `${lines.join('\n')}\n`;
}

function sideLine(name: string, { subject }: DiffSide): string {
  const shown = subject.reference ?? subject.name;
  const digest = subject.digest === undefined || shown.includes(subject.digest) ? '' : `  ${subject.digest}`;
  return inert(`${name}  ${shown}${digest}`);
}

function countsLine(title: string, { added, removed, changed, unchanged }: Changes<unknown>): string {
  return `${title}  ${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} the same`;
}

/** Without its title where there is nothing. */
function block(title: string, lines: readonly Line[], palette: Palette, width: number): string[] {
  if (lines.length === 0) return [];
  const paint: Readonly<Record<Line['sign'], (text: string) => string>> = {
    '+': (text) => palette.warn(text),
    '-': (text) => palette.good(text),
    '~': (text) => text,
  };
  const groups = [
    ...Map.groupBy(
      lines,
      ({ place, sign }) => `${place.layer?.index ?? -1} ${sign === '-'} ${place.path ?? ''}`,
    ).values(),
  ].sort(
    by(
      ([first]) => first?.place.layer?.index ?? -1,
      ([first]) => first?.place.path ?? '',
    ),
  );
  const shown = groups.flatMap((group) => {
    const head = headOf(group[0]?.place ?? {}, group[0]?.sign === '-' ? 'A' : 'B', width - 2);
    return [palette.dim(`  ${head}`), ...group.map(({ sign, text }) => paint[sign](`    ${sign} ${inert(text)}`))];
  });
  return ['', palette.bold(title), ...shown];
}

/** `layer 2 of B: RUN apt-get …`; `/web/yarn.lock of B` where there are no layers to tell apart. */
function headOf({ layer, path }: DiffPlace, side: string, width: number): string {
  if (path !== undefined) return cutMiddle(`/${inert(path)} of ${side}`, width);
  if (layer === undefined) return `no known place of ${side}`;
  const made = layer.createdBy === undefined ? '' : `: ${instruction(layer.createdBy)}`;
  return cut(`layer ${layer.index} of ${side}${made}`, width);
}

function findingLines({ added, removed, changed }: Changes<FindingChange>): readonly Line[] {
  const line = (sign: Line['sign'], change: FindingChange): Line => {
    const { vulnerability, packageName, from, to } = change;
    const side = to ?? from;
    const name = `${vulnerability} in ${packageName} ${side?.packageVersion ?? ''}`;
    const exploited = side?.knownExploited === true ? ', known exploited' : '';
    const text =
      sign === '~'
        ? `${name}: ${whatChanged(change)}`
        : `${side?.severity ?? ''} ${name}${exploited}${fixText(change)}`;
    return { sign, text, place: change };
  };
  return [
    ...added.map((change) => line('+', change)),
    ...removed.map((change) => line('-', change)),
    ...changed.map((change) => line('~', change)),
  ];
}

function fixText({ to }: FindingChange): string {
  if (to === undefined) return '';
  return to.fixedVersions[0] === undefined ? ', no fix known' : `, fixed in ${to.fixedVersions[0]}`;
}

function whatChanged({ from, to }: FindingChange): string {
  if (from === undefined || to === undefined) return '';
  const parts = [
    from.severity === to.severity ? '' : `severity ${from.severity} → ${to.severity}`,
    from.status === to.status ? '' : `${from.status.replaceAll('_', ' ')} → ${to.status.replaceAll('_', ' ')}`,
    from.knownExploited === to.knownExploited
      ? ''
      : to.knownExploited
        ? 'now known exploited'
        : 'no longer known exploited',
    from.fixedVersions.join() === to.fixedVersions.join()
      ? ''
      : `fixed in ${from.fixedVersions.join(', ') || 'none'} → ${to.fixedVersions.join(', ') || 'none'}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function packageLines({ added, removed, changed }: Changes<PackageChange>): readonly Line[] {
  const line = (sign: Line['sign'], change: PackageChange): Line => {
    const { type, name, from, to } = change;
    const versions = from !== undefined && to !== undefined ? `${from} → ${to}` : (to ?? from ?? '');
    return { sign, text: `${name} ${versions} (${type})`, place: change };
  };
  return [
    ...added.map((change) => line('+', change)),
    ...removed.map((change) => line('-', change)),
    ...changed.map((change) => line('~', change)),
  ];
}
