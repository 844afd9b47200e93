// `plombe explain`: for each package that an advisory names, why it matched or did not.
import type { Explanation } from '@plombe/advisories';
import { layoutTable, paletteFor, renderAssessment, scanInventory, wrap, type Column } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Assessment, Inventory } from '@plombe/model';
import { openSession } from '../compose/context.ts';
import { openAdvisories } from '../compose/database.ts';
import { openSubject } from '../compose/subject.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { version } from '../version.ts';

/** Ids of the sources read: `CVE-2024-3094`, `GHSA-…`, `GO-2024-1`, `DSA-5000-1`, `RLSA-2024:1`. */
const idShape = /^[A-Za-z][A-Za-z0-9]*[-:][A-Za-z0-9:._-]{1,100}$/;

/** Prints the explanation per image. Returns 1 where a package is affected, 3 where that was not fully assessed, else 0. */
export async function explainCommand(id: string, subject: string, values: Settings): Promise<number> {
  if (!idShape.test(id)) {
    throw new PlombeError('config/invalid', `"${inert(id)}" is not the id of a vulnerability, such as CVE-2024-3094.`);
  }
  const { ctx, progress } = openSession(values);
  const database = openAdvisories(values, ctx);
  let exitCode: number = exitCodes.fine;
  try {
    for await (const inventory of openSubject(subject, values, ctx)) {
      progress.clear();
      const explanation = database.explain(id, inventory);
      const { assessment } = scanInventory(inventory, { database, version }, ctx);
      const width = process.stdout.columns ?? 120;
      const lines = [...describe(explanation, inventory, width), ...doubts(assessment, inventory, width)];
      print(`${lines.join('\n')}\n`);
      exitCode = Math.max(exitCode, codeOf(explanation, assessment, values));
    }
  } finally {
    progress.clear();
    database.close();
  }
  return exitCode;
}

function codeOf({ explained }: Explanation, { state }: Assessment, { allow = [] }: Settings): number {
  if (explained.some(({ outcome }) => outcome === 'affected')) return exitCodes.findings;
  return state === 'assessed' || allow.includes(state) ? exitCodes.fine : exitCodes.notAssessed;
}

/** An answer from old data or of half an inventory says so: "not affected" is a claim too. */
function doubts(assessment: Assessment, inventory: Inventory, width: number): string[] {
  if (assessment.state === 'assessed') return [];
  return ['', ...renderAssessment({ assessment, inventory }, paletteFor(false), width).slice(0, -1)];
}

function describe(explanation: Explanation, inventory: Inventory, width: number): string[] {
  const { vulnerability, aliases, explained, withoutData, known } = explanation;
  const also = aliases.length > 0 ? ` (also ${aliases.map(inert).join(', ')})` : '';
  const lines = [
    `${inert(vulnerability)}${also} in ${inert(inventory.subject.reference ?? inventory.subject.name)}`,
    '',
  ];
  if (explained.length === 0) {
    lines.push(
      known
        ? 'No package of this subject is named by an advisory about it.'
        : 'No advisory for the ecosystems of this subject names it.',
    );
  } else {
    lines.push(...reasons(explained, width));
  }
  // Twenty entries: enough to find the file, and no page of paths where many versions are in the image.
  lines.push(...places(new Set(explained.slice(0, 20).flatMap(({ packages }) => packages)), inventory));
  for (const ecosystem of withoutData)
    lines.push(`There is no advisory data for ${inert(ecosystem)}: nothing can be said of its packages.`);
  return lines;
}

type Explained = Explanation['explained'][number];

const columns: readonly Column<Explained>[] = [
  { title: 'OUTCOME', text: ({ outcome }) => outcome.replaceAll('_', ' '), dropOrder: 0 },
  { title: 'PACKAGE', text: (entry) => inert(`${entry.packageName} ${entry.packageVersion}`), dropOrder: 0 },
  { title: 'ADVISORY', text: (entry) => inert(`${entry.advisory} (${entry.feed})`), dropOrder: 1 },
  { title: 'FIXED IN', text: ({ fixedVersion }) => inert(fixedVersion ?? '-'), dropOrder: 2 },
];
const why: Column<Explained> = { title: 'WHY', text: ({ reason }) => inert(reason), dropOrder: 0 };

/** A row per entry, with its reason at the end where all fit, else below: a reason that is cut explains nothing. */
function reasons(explained: readonly Explained[], width: number): string[] {
  const beside = layoutTable([...columns, why], explained, Infinity);
  if (beside.every((line) => line.length <= width)) return beside;
  const [title = '', ...rows] = layoutTable(columns, explained, width);
  const below = rows.flatMap((row, index) => [
    row,
    ...wrap(inert(explained[index]?.reason ?? ''), width - 4).map((line) => `    ${line}`),
  ]);
  return [title, ...below];
}

function places(ids: ReadonlySet<string>, inventory: Inventory): string[] {
  return inventory.packages
    .filter(({ id }) => ids.has(id))
    .flatMap(({ id, evidence }) =>
      evidence.slice(0, 3).map(({ path, layerIndex }) => {
        // An SBOM may say the path and no layer.
        const layer = inventory.layers.length === 0 ? '' : ` in layer ${layerIndex}`;
        return `  ${inert(id)}: /${inert(path)}${layer}`;
      }),
    );
}
