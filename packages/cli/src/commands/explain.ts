// `plombe explain`: for each package that an advisory names, why it matched or did not; what is known of a vulnerability, a package, a code.
import type { AdvisoryDatabase, Explanation } from '@plombe/advisories';
import {
  describePackages,
  describeVulnerability,
  isAllowed,
  layoutTable,
  packagesNamed,
  paletteFor,
  renderAssessment,
  scanInventory,
  treeFolder,
  withLines,
  wrap,
  type Column,
} from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Assessment, Context, Inventory, Package, ScanResult } from '@plombe/model';
import { readTreeFile } from '@plombe/oci';
import { openSession } from '../compose/context.ts';
import { describeCode, isCode } from '../compose/code-text.ts';
import { openAdvisories } from '../compose/database.ts';
import { openSubject } from '../compose/subject.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { version } from '../version.ts';

/** Ids of the sources read: `CVE-2024-3094`, `GHSA-…`, `GO-2024-1`, `DSA-5000-1`, `RLSA-2024:1`. */
const idShape = /^[A-Za-z][A-Za-z0-9]*[-:][A-Za-z0-9:._-]{1,100}$/;

/**
 * Prints the explanation of a vulnerability, a package or a code. With a subject, returns 1 where a package is affected, 3 where that was not fully
 * assessed, else 0; without one, 0. Throws `config/invalid` for what is none of these.
 */
export async function explainCommand(what: string, subject: string | undefined, values: Settings): Promise<number> {
  if (isCode(what)) {
    print(describeCode(what));
    return exitCodes.fine;
  }
  const { ctx, progress } = openSession(values);
  const database = openAdvisories(values, ctx);
  try {
    if (subject === undefined) {
      print(describeKnown(what, database, process.stdout.columns ?? 120));
      return exitCodes.fine;
    }
    let exitCode: number = exitCodes.fine;
    for await (const inventory of openSubject(subject, values, ctx)) {
      progress.clear();
      const told = explainIn(what, inventory, { database, values, ctx });
      print(`${told.lines.join('\n')}\n`);
      exitCode = Math.max(exitCode, told.exitCode);
    }
    return exitCode;
  } finally {
    progress.clear();
    database.close();
  }
}

function describeKnown(what: string, database: AdvisoryDatabase, width: number): string {
  requireId(what, 'Name the subject too, if it is a package of it.');
  const known = database.about(what);
  if (known === undefined) {
    const remedy = 'See which data there is with `plombe db status`, or fetch what changed with `plombe db update`.';
    throw new PlombeError('config/invalid', `The advisory database does not know ${inert(what)}.`, { remedy });
  }
  return describeVulnerability(known, width);
}

interface Means {
  readonly database: AdvisoryDatabase;
  readonly values: Settings;
  readonly ctx: Context;
}

/** A name that the inventory has is a package; what looks like an id is one. */
function explainIn(
  what: string,
  inventory: Inventory,
  { database, values, ctx }: Means,
): { readonly lines: readonly string[]; readonly exitCode: number } {
  const width = process.stdout.columns ?? 120;
  const result = scanInventory(inventory, { database, version }, ctx);
  const named = packagesNamed(what, inventory.packages);
  if (named.length > 0) {
    const placed = linesIn(result, named);
    const ids = new Set(named.map(({ id }) => id));
    const packages = placed.inventory.packages.filter(({ id }) => ids.has(id));
    const { lines, affected } = describePackages(packages, placed, width);
    return {
      lines: [...lines, ...doubts(result.assessment, inventory, width)],
      exitCode: codeOf(affected, result.assessment, values),
    };
  }
  requireId(what, `${inert(inventory.subject.name)} has no package of that name.`);
  const explanation = database.explain(what, inventory);
  const isAffected = explanation.explained.some(({ outcome }) => outcome === 'affected');
  return {
    lines: [...describe(explanation, inventory, width), ...doubts(result.assessment, inventory, width)],
    exitCode: codeOf(isAffected, result.assessment, values),
  };
}

/** With the lines of lock files, where the subject is a source tree that is still there. */
function linesIn(result: ScanResult, packages: readonly Package[]): ScanResult {
  const folder = treeFolder(result.inventory);
  if (folder === undefined) return result;
  return withLines(result, (path, maxBytes) => readTreeFile(folder, path, maxBytes), packages);
}

function requireId(what: string, remedy: string): void {
  if (idShape.test(what)) return;
  const message = `"${inert(what)}" is not the id of a vulnerability, such as CVE-2024-3094, nor a code of docs/errors.md.`;
  throw new PlombeError('config/invalid', message, { remedy });
}

function codeOf(isAffected: boolean, assessment: Assessment, { allow = [] }: Settings): number {
  if (isAffected) return exitCodes.findings;
  return isAllowed(assessment, allow) ? exitCodes.fine : exitCodes.notAssessed;
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
    lines.push(`There is no whole advisory data for ${inert(ecosystem)}: nothing more can be said of its packages.`);
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
