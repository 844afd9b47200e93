// A verification for people: the verdict first, then who signed, each failed check with what to do, and why others do not count.
import { inert } from '@plombe/kit';
import type { SignatureResult, VerificationCheck, VerificationReport, Verdict } from '@plombe/model';
import { paletteFor, type Palette } from '../reports/table/palette.ts';
import { wrap } from '../reports/table/layout.ts';

const words: Readonly<Record<Verdict, string>> = {
  verified: 'VERIFIED',
  rejected: 'REJECTED',
  undecidable: 'UNDECIDABLE',
};

const names: Readonly<Record<SignatureResult['format'], string>> = {
  bundle: 'Sigstore bundle',
  tag: 'cosign tag',
  jws: 'Notation JWS',
  cose: 'Notation COSE',
};

/** Results beyond these are counted: a thousand refused signatures would hide the verdict. */
const maxShown = 20;

/** Renders the report as lines with line ends, none wider than `width` where that can be had. */
export function renderVerification(
  report: VerificationReport,
  options: { readonly colour: boolean; readonly width: number },
): string {
  const palette = paletteFor(options.colour);
  const { reference, digest } = report.subject;
  const title = reference === undefined ? digest : reference.includes(digest) ? reference : `${reference} (${digest})`;
  const lines = [`${paintVerdict(palette, report.verdict)}  ${inert(title)}`];
  const results = [...report.signatures, ...report.attestations];
  const order: readonly Verdict[] = ['verified', 'undecidable', 'rejected'];
  const sorted = results.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  for (const result of sorted.slice(0, maxShown)) lines.push(...resultLines(result, palette, options.width));
  if (sorted.length > maxShown) lines.push(`  … and ${sorted.length - maxShown} more; -o json shows all.`);
  for (const reason of report.reasons) lines.push(...indented(inert(reason), '  ', options.width));
  return `${lines.join('\n')}\n`;
}

function paintVerdict(palette: Palette, verdict: Verdict): string {
  const word = words[verdict];
  if (verdict === 'verified') return palette.good(word);
  return verdict === 'undecidable' ? palette.warn(word) : palette.severity('critical', word);
}

function resultLines(result: SignatureResult, palette: Palette, width: number): readonly string[] {
  const mark = { verified: palette.good('✓'), rejected: palette.severity('high', '✗'), undecidable: palette.warn('?') };
  const type = 'predicateType' in result && typeof result.predicateType === 'string' ? `, ${result.predicateType}` : '';
  const who = result.signer === undefined ? '' : ` by ${result.signer}`;
  const lines = [`  ${mark[result.verdict]} ${inert(`${names[result.format]}${type}${who}`)}`];
  const annotations = Object.entries(result.annotations).map(([key, value]) => `${key}=${value}`);
  if (annotations.length > 0) lines.push(...indented(inert(annotations.join(', ')), '    ', width));
  for (const check of result.checks) {
    if (check.outcome === 'pass' || check.outcome === 'skip') continue;
    lines.push(...indented(checkText(check), '    ', width));
  }
  return lines;
}

function checkText({ id, outcome, message }: VerificationCheck): string {
  return inert(`${outcome === 'warn' ? 'warning, ' : ''}${id}: ${message}`);
}

function indented(text: string, indent: string, width: number): readonly string[] {
  return wrap(text, Math.max(40, width - indent.length)).map((line) => `${indent}${line}`);
}
