// Step five: no certificate of the chain is revoked (trust-store-trust-policy, "Certificate Revocation Evaluation").
import type { Certificate, RevocationAnswer } from '@plombe/pki';
import { isoTime, nameOf } from '../certificates/requirements.ts';
import { pass, type StepResult } from './checks.ts';
import { askRevocation, type RevocationSource } from './revocation-source.ts';

/** What to ask about. */
export interface RevocationQuestion {
  /** A chain that leads to a trusted root; others are not asked about, their addresses are anybody's. */
  readonly chain: readonly Certificate[];
  readonly nowMs: number;
  /** When the signature was surely made; a key that was lost only later does not count against it. */
  readonly signedAtMs?: number;
  readonly source?: RevocationSource;
}

/** Returns `fail` where one is revoked, `unknown` where one could not be decided, else `pass`. The root is believed: it has no issuer. */
export async function checkRevocation({ chain, nowMs, signedAtMs, source }: RevocationQuestion): Promise<StepResult> {
  const links = chain.slice(0, -1).map((certificate, index) => [certificate, chain[index + 1] as Certificate] as const);
  const asked = links.filter(([one]) => one.ocspUris.length > 0 || one.crlPoints.length > 0);
  if (asked.length === 0) return pass('no certificate names a revocation list or responder');
  if (source === undefined)
    return {
      kind: 'unknown',
      message: `${asked.map(([one]) => nameOf(one)).join(', ')}: revocation was not asked about, no connection is allowed`,
    };
  const answers = await Promise.all(
    asked.map(async ([certificate, issuer]) => ({
      certificate,
      answer: await askRevocation(source, certificate, issuer, nowMs),
    })),
  );
  const lines = answers.map(({ certificate, answer }) => [stateOf(answer, signedAtMs), certificate, answer] as const);
  const worst =
    (['fail', 'unknown', 'pass'] as const).find((state) => lines.some(([one]) => one === state)) ?? 'unknown';
  return {
    kind: worst,
    message: lines
      .filter(([state]) => state === worst)
      .map(([, one, answer]) => messageOf(one, answer))
      .join('; '),
  };
}

function stateOf(answer: RevocationAnswer, signedAtMs: number | undefined): 'pass' | 'fail' | 'unknown' {
  if (answer.kind === 'good') return 'pass';
  if (answer.kind === 'unknown') return 'unknown';
  const { invalidityMs } = answer;
  const later = signedAtMs !== undefined && invalidityMs !== undefined && invalidityMs >= signedAtMs;
  return later ? 'pass' : 'fail';
}

function messageOf(certificate: Certificate, answer: RevocationAnswer): string {
  const name = nameOf(certificate);
  if (answer.kind === 'unknown') return `${name}: revocation state unknown, ${answer.cause}`;
  if (answer.kind === 'good') return `${name} is not revoked`;
  const since = answer.invalidityMs === undefined ? '' : `, not to be trusted since ${isoTime(answer.invalidityMs)}`;
  return `${name} was revoked at ${isoTime(answer.atMs)} (${answer.reason ?? 'no reason given'})${since}`;
}
