// Declared licences: SPDX expressions where they are valid ones, else names.
import { joinExpressions, licenceIds, validExpression } from '@plombe/kit';

/** A declared licence: one id of the SPDX list, a valid expression of several or of a reference, or text that is neither. */
export type DeclaredLicence =
  | { readonly kind: 'id'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string };

/** Tells what a declared licence is; ids are given as the list spells them, deprecated ones as what replaced them (SPDX 2.3, annex D). */
export function readLicence(text: string): DeclaredLicence {
  const expression = validExpression(text);
  if (expression === undefined) return { kind: 'name', text };
  return { kind: licenceIds.has(expression.toLowerCase()) ? 'id' : 'expression', text: expression };
}

/** Reads what a package declares, each once; where all of several are valid, they hold together as one expression. */
export function readLicences(declared: readonly string[]): readonly DeclaredLicence[] {
  const read = [...new Set(declared)].filter((text) => text.trim() !== '').map(readLicence);
  const isMixed = read.some(({ kind }) => kind === 'name') || read.every(({ kind }) => kind === 'id');
  if (read.length < 2 || isMixed) return read;
  return [
    readLicence(
      joinExpressions(
        read.map(({ text }) => text),
        'AND',
      ),
    ),
  ];
}

/** The references to licences of no list that are in an expression. */
export function referencesIn(expression: string): readonly string[] {
  return expression.match(/\bLicenseRef-[A-Za-z0-9.-]+/g) ?? [];
}
