// What a time stamp over a signature must be, when it is verified and when it is made (trust-store-trust-policy, "Validate Authentic Timestamp").
import { parseTimestampToken, verifyTimestamp, type Certificate } from '@plombe/pki';
import { nameOf } from './requirements.ts';

/** The span of time in which the signature was stamped, and by whom; revocation is not asked about. */
export type TimestampJudgement =
  | {
      readonly kind: 'holds';
      readonly fromMs: number;
      readonly toMs: number;
      /** Of the authority, leaf first. */
      readonly chain: readonly Certificate[];
    }
  | { readonly kind: 'refused'; readonly message: string };

const signingCertificateV2 = '1.2.840.113549.1.9.16.2.47';
/** ETSI's baseline policy promises one second (RFC 3628 section 5.2). */
const baselinePolicy = '0.4.0.2023.1.1';

/** Judges a TimeStampToken over a signature. Throws nothing for bad input. */
export function judgeTimestamp(
  token: Uint8Array,
  given: { readonly signature: Uint8Array; readonly roots: readonly Certificate[]; readonly nonce?: Uint8Array },
): TimestampJudgement {
  const { signature, roots, nonce } = given;
  const verdict = verifyTimestamp({
    token,
    subject: { message: signature },
    roots,
    ...(nonce !== undefined && { nonce }),
  });
  if (verdict.kind !== 'verified') return { kind: 'refused', message: verdict.reasons.join('; ') };
  const problem = tokenProblem(token) ?? usageProblem(verdict.chain);
  if (problem !== undefined) return { kind: 'refused', message: problem };
  const accuracy = verdict.accuracyMs ?? (verdict.policy === baselinePolicy ? 1000 : 0);
  const { timeMs, chain } = verdict;
  return { kind: 'holds', fromMs: timeMs - accuracy, toMs: timeMs + accuracy, chain };
}

/** The token was verified, so it can be parsed. */
function tokenProblem(token: Uint8Array): string | undefined {
  return parseTimestampToken(token).signed.attributes.has(signingCertificateV2)
    ? undefined
    : 'it has no signing-certificate-v2 attribute';
}

/** Key usage must be there for the authority's certificate and for those above it (signature-specification, "Certificate Requirements"). */
function usageProblem(chain: readonly Certificate[]): string | undefined {
  for (const [index, one] of chain.entries()) {
    const usage = index === 0 ? 'digitalSignature' : 'keyCertSign';
    if (one.keyUsage?.includes(usage) !== true) return `${nameOf(one)}: its key usage must hold ${usage}`;
  }
  return undefined;
}
