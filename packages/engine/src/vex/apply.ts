// Takes away the findings that VEX documents say are none, with their reason; what a document says in vain is told.
import type { VexDocument, VexStatement } from '@plombe/advisories';
import { by, inert } from '@plombe/kit';
import type { Diagnostic, Finding, Inventory, MatchResult, Suppressed, VexVerdict } from '@plombe/model';
import { sortSuppressed, suppressedOf } from '../scan/leave-out.ts';
import { ProductFinder } from './products.ts';

/** Statements of one document that are named because they are about nothing here. */
const maxNamed = 3;

interface Placed {
  readonly document: VexDocument;
  readonly statement: VexStatement;
  /** Of all statements of all documents, as they are given: of two of the same time the later one holds. */
  readonly order: number;
}

/** Returns the match without what the documents say is not affected or fixed, and a note for each document that says something in vain. */
export function applyVex(
  match: MatchResult,
  inventory: Pick<Inventory, 'subject' | 'distribution' | 'packages'>,
  documents: readonly VexDocument[],
): { readonly match: MatchResult; readonly notes: readonly Diagnostic[] } {
  if (documents.length === 0) return { match, notes: [] };
  const finder = new ProductFinder(inventory);
  const placed = documents
    .flatMap((document) => document.statements.map((statement) => ({ document, statement })))
    .map((one, order): Placed => ({ ...one, order }));
  const byId = new Map<string, Placed[]>();
  for (const one of placed) {
    for (const id of new Set([one.statement.vulnerability, ...one.statement.aliases].map(idKey))) {
      const same = byId.get(id);
      if (same === undefined) byId.set(id, [one]);
      else same.push(one);
    }
  }
  const used = new Set<VexStatement>();
  const findings: Finding[] = [];
  const suppressed: Suppressed[] = [...match.suppressed];
  for (const finding of match.findings) {
    const verdicts = verdictsFor(finding, byId, finder, used);
    const gone = new Set<string>();
    for (const [{ document, statement }, packages] of verdicts) {
      if (statement.status !== 'not_affected' && statement.status !== 'fixed') continue;
      const vex = verdictOf(document, statement, statement.status);
      suppressed.push({ ...suppressedOf(finding, packages, reasonOf(document, vex)), vex });
      for (const id of packages) gone.add(id);
    }
    const left = gone.size === 0 ? finding.packages : finding.packages.filter((id) => !gone.has(id));
    if (left.length > 0) findings.push(left === finding.packages ? finding : { ...finding, packages: left });
  }
  const notes = documents.flatMap((document) => noteOf(document, used, finder) ?? []);
  if (suppressed.length === match.suppressed.length) return { match, notes };
  return { match: { ...match, findings, suppressed: sortSuppressed(suppressed) }, notes };
}

/** For each statement that has the last word, the packages of the finding that it has it of. `used` gets all that are about the finding. */
function verdictsFor(
  { vulnerability, aliases, advisories, packages }: Finding,
  byId: ReadonlyMap<string, readonly Placed[]>,
  finder: ProductFinder,
  used: Set<VexStatement>,
): ReadonlyMap<Placed, readonly string[]> {
  const ids = new Set([vulnerability, ...aliases, ...advisories.map(({ id }) => id)].map(idKey));
  const asked = [...new Set([...ids].flatMap((id) => byId.get(id) ?? []))].sort(
    by(
      ({ statement }) => instantOf(statement),
      ({ order }) => order,
    ),
  );
  const last = new Map<string, Placed>();
  for (const one of asked) {
    for (const product of one.statement.products) {
      const meant = finder.find(product);
      for (const id of packages) {
        if (meant !== 'everything' && !meant.has(id)) continue;
        last.set(id, one);
        used.add(one.statement);
      }
    }
  }
  const verdicts = new Map<Placed, string[]>();
  for (const [id, one] of last) verdicts.set(one, [...(verdicts.get(one) ?? []), id].sort());
  return verdicts;
}

/** Milliseconds; a statement without a time is older than every other. */
function instantOf({ timestamp }: VexStatement): number {
  const instant = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(instant) ? 0 : instant;
}

function idKey(id: string): string {
  return id.toLowerCase();
}

function verdictOf(
  { author }: VexDocument,
  { justification, statement }: VexStatement,
  status: VexVerdict['status'],
): VexVerdict {
  return {
    status,
    ...(justification === undefined ? {} : { justification }),
    ...(statement === undefined ? {} : { statement }),
    ...(author === undefined ? {} : { author }),
  };
}

/** `not affected: vulnerable code not present, the module is not built (--vex app.openvex.json)`. */
function reasonOf({ name }: VexDocument, { status, justification, statement }: VexVerdict): string {
  const why = [justification?.replaceAll('_', ' '), statement?.slice(0, 300)].filter((text) => text !== undefined);
  const said = [status.replaceAll('_', ' '), ...(why.length === 0 ? [] : [why.join(', ')])].join(': ');
  return `${plainText(said)} (--vex ${plainText(name)})`;
}

/** Parentheses end the reason that a report is read back by. */
function plainText(text: string): string {
  return inert(text).replaceAll(/[()]/g, ' ').replaceAll(/ {2,}/g, ' ').trim();
}

function noteOf(document: VexDocument, used: ReadonlySet<VexStatement>, finder: ProductFinder): Diagnostic | undefined {
  const vain = document.statements.filter((statement) => !used.has(statement));
  if (vain.length === 0) return undefined;
  const elsewhere = vain.filter(({ products }) => products.every((product) => isNothing(finder, product)));
  const named = elsewhere
    .slice(0, maxNamed)
    .map(
      ({ vulnerability, products: [first] }) => `${vulnerability}${first === undefined ? '' : ` of ${labelOf(first)}`}`,
    );
  const more = elsewhere.length > named.length ? ` and ${elsewhere.length - named.length} more` : '';
  const parts = [
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.length} about nothing that is here (${named.join(', ')}${more})`]),
    ...(vain.length === elsewhere.length ? [] : [`${vain.length - elsewhere.length} about no finding`]),
  ];
  const count = `${vain.length} of ${document.statements.length} statements`;
  const message = inert(`--vex ${document.name}: ${count} came to nothing: ${parts.join(', ')}.`);
  return { code: 'vex/unmatched', level: 'note', message };
}

/** The part, and what it is a part of. */
function labelOf({ label, parts }: VexStatement['products'][0]): string {
  const [part] = parts ?? [];
  return part === undefined || part.label === label ? label : `${labelOf(part)} in ${label}`;
}

function isNothing(finder: ProductFinder, product: VexStatement['products'][0]): boolean {
  const meant = finder.find(product);
  return meant !== 'everything' && meant.size === 0;
}
