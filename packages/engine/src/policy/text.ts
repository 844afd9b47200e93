// Decisions for people: the word first, then what stands in the way and what to do, then what holds.
import { inert } from '@plombe/kit';
import type { Decision, DecisionWord, Reason } from '@plombe/policy';
import { layoutTable, wrap } from '../reports/table/layout.ts';
import { paletteFor, type Palette } from '../reports/table/palette.ts';

interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
}

const words: Readonly<Record<DecisionWord, string>> = {
  allow: 'ALLOW',
  warn: 'WARN',
  deny: 'DENY',
  unknown: 'UNKNOWN',
};

/** Renders a decision on a subject. `explain`: also what passes, and what each check looked at. */
export function renderDecision(
  decision: Decision,
  subject: string,
  { colour, width, explain }: TextOptions & { readonly explain: boolean },
): string {
  const palette = paletteFor(colour);
  const lines = [`${paint(palette, decision.decision)}  ${inert(subject)}`];
  if (decision.policies.length === 0) lines.push('  No policy selects it, so nothing forbids it.');
  for (const { name, mode, decision: word, strict } of decision.policies) {
    const soft = word === strict ? '' : `, which mode ${mode} makes ${word}`;
    lines.push(`  ${palette.bold(inert(name))}: ${strict}${soft}`);
    const own = decision.reasons.filter((reason) => reason.policy === name);
    for (const reason of own.filter(({ outcome }) => explain || outcome !== 'pass')) {
      lines.push(...reasonLines(reason, palette, width, explain));
    }
    const passed = own.filter(({ outcome }) => outcome === 'pass').length;
    if (!explain && passed > 0) lines.push(`    ${palette.good('✓')} ${passed} of ${own.length} checks pass`);
  }
  if (explain) lines.push(...wayOut(decision, width));
  return `${lines.join('\n')}\n`;
}

function paint(palette: Palette, word: DecisionWord): string {
  if (word === 'allow') return palette.good(words[word]);
  return word === 'deny' ? palette.severity('critical', words[word]) : palette.warn(words[word]);
}

function reasonLines(reason: Reason, palette: Palette, width: number, explain: boolean): readonly string[] {
  const mark = { pass: palette.good('✓'), fail: palette.severity('high', '✗'), unknown: palette.warn('?') }[
    reason.outcome
  ];
  const [first = '', ...rest] = wrap(`${reason.check}: ${reason.message}`, Math.max(40, width - 6));
  return [
    `    ${mark} ${first}`,
    ...rest.map((line) => `      ${line}`),
    ...(explain ? indented(`looked at: ${reason.lookedAt}`, '      ', width).map((line) => palette.dim(line)) : []),
    ...(reason.remedy === '' || explain ? [] : indented(reason.remedy, '      ', width)),
  ];
}

/** What to do, in the order of the reasons, each once. */
function wayOut({ reasons, decision }: Decision, width: number): readonly string[] {
  const steps = [...new Set(reasons.filter(({ outcome }) => outcome !== 'pass').map(({ remedy }) => remedy))];
  if (steps.length === 0) return [];
  const title = decision === 'allow' ? 'To hold under stricter modes too:' : 'To get to allow:';
  return ['', title, ...steps.flatMap((step, index) => indented(`${index + 1}. ${step}`, '  ', width))];
}

function indented(text: string, indent: string, width: number): readonly string[] {
  return wrap(text, Math.max(40, width - indent.length)).map((line) => `${indent}${line}`);
}

/** One row of a dry run. */
export interface FleetRow {
  readonly subject: string;
  readonly decision: DecisionWord;
  /** What it would be if every policy that selects it were in mode `deny`. */
  readonly strict: DecisionWord;
  /** Checks that do not pass. */
  readonly checks: readonly string[];
  /** Why it could not be judged at all. */
  readonly error?: string;
}

/** Renders who would break, worst first, and how many of each. */
export function renderFleet(rows: readonly FleetRow[], { colour, width }: TextOptions): string {
  const palette = paletteFor(colour);
  const order: readonly DecisionWord[] = ['deny', 'unknown', 'warn', 'allow'];
  const sorted = rows.toSorted((a, b) => order.indexOf(a.strict) - order.indexOf(b.strict));
  const table = layoutTable<FleetRow>(
    [
      {
        title: 'IF ENFORCED',
        text: ({ strict }) => strict,
        paint: ({ strict }, cell) => cell.replace(strict, paintLower(palette, strict)),
        dropOrder: 0,
      },
      { title: 'NOW', text: ({ decision }) => decision, dropOrder: 2 },
      { title: 'SUBJECT', text: ({ subject }) => inert(subject), dropOrder: 0, whole: true },
      { title: 'WHY', text: ({ checks, error }) => error ?? checks.join(', '), dropOrder: 1, elastic: true },
    ],
    sorted,
    width,
  );
  const counts = order.map((word) => `${rows.filter(({ strict }) => strict === word).length} ${word}`);
  return `${[...table, '', `${rows.length} subjects if enforced: ${counts.join(', ')}`].join('\n')}\n`;
}

function paintLower(palette: Palette, word: DecisionWord): string {
  if (word === 'allow') return palette.good(word);
  return word === 'deny' ? palette.severity('critical', word) : palette.warn(word);
}
