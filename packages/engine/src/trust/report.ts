// From single results to the verdict on a subject: thresholds count distinct signers, and a limit decides nothing.
import {
  countSigners,
  type AttestationResult,
  type Digest,
  type SignatureResult,
  type VerificationReport,
  type Verdict,
} from '@plombe/model';
import { withRemedies } from './remedies.ts';

/** What the verdict is drawn from. */
export interface ReportParts {
  readonly subject: { readonly reference?: string; readonly digest: Digest };
  readonly signatures: readonly SignatureResult[];
  readonly attestations: readonly AttestationResult[];
  /** Which of the two are asked for. */
  readonly wanted: 'signatures' | 'attestations';
  /** Distinct signers that must have signed, from 1. */
  readonly threshold: number;
  /** Limits that were reached while looking: then the verdict is `undecidable`, whatever was found (T29). */
  readonly limits: readonly string[];
  /** What was passed over, and why. */
  readonly ignored: readonly string[];
}

/** Draws the verdict. `verified`: enough distinct signers; `undecidable`: a limit, or enough only if undecided ones count too. */
export function reportOf(parts: ReportParts): VerificationReport {
  const { subject, signatures, attestations, limits, ignored } = parts;
  const results: readonly SignatureResult[] = parts.wanted === 'signatures' ? signatures : attestations;
  const what = parts.wanted === 'signatures' ? 'signature' : 'attestation';
  const sound = signersOf(results, ['verified']);
  const possible = signersOf(results, ['verified', 'undecidable']);
  const verdict: Verdict =
    limits.length > 0
      ? 'undecidable'
      : sound >= parts.threshold
        ? 'verified'
        : possible >= parts.threshold
          ? 'undecidable'
          : 'rejected';
  const reasons = [...limits, ...summary(verdict, results.length, sound, parts.threshold, what), ...ignored];
  return {
    verdict,
    subject,
    signatures: signatures.map(withRemedies),
    attestations: attestations.map(withRemedies),
    reasons,
  };
}

/**
 * The report as others read it: verified attestations come first, and only they have a statement. What somebody else wrote about the
 * subject is no answer, and a reader of `statement` takes it for one.
 */
export function verificationDocument(report: VerificationReport): VerificationReport {
  const verified = report.attestations.filter(({ verdict }) => verdict === 'verified');
  const others = report.attestations
    .filter(({ verdict }) => verdict !== 'verified')
    .map((one): AttestationResult => {
      const { statement, ...rest } = one;
      return statement === undefined ? one : rest;
    });
  return { ...report, attestations: [...verified, ...others] };
}

function signersOf(results: readonly SignatureResult[], verdicts: readonly Verdict[]): number {
  return countSigners(results.filter(({ verdict }) => verdicts.includes(verdict)));
}

function summary(verdict: Verdict, found: number, sound: number, threshold: number, what: string): readonly string[] {
  if (verdict === 'verified') return [`${count(sound, 'distinct signer')}, ${threshold} required.`];
  if (found === 0) return [`No ${what} was found.`];
  if (threshold > 1) return [`${count(sound, 'distinct signer')}, ${threshold} required.`];
  const is = verdict === 'undecidable' ? 'can be decided' : 'holds';
  return [found === 1 ? `No ${what} ${is}; 1 was found.` : `No ${what} ${is}; ${found} were found.`];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
