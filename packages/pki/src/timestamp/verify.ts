// Whether a time stamp proves that something existed at a time, by an authority that is trusted.
import { messageOf } from '@plombe/kit';
import type { VerificationCheck } from '@plombe/model';
import { createHash } from 'node:crypto';
import { findSigner, verifySignedData } from '../cms/signed-data.ts';
import { readIntegerHex } from '../der/values.ts';
import { parseDer } from '../der/reader.ts';
import { derInteger } from '../der/writer.ts';
import type { Certificate } from '../x509/certificate.ts';
import { label, verifyChain } from '../x509/chain.ts';
import { sameBytes } from '../x509/issued.ts';
import { oid, purpose } from '../x509/oids.ts';
import { parseTimestampResponse, type Imprint } from './request.ts';
import { signingCertificateProblem } from './signing-certificate.ts';
import { parseTimestampToken, type TimestampToken } from './token.ts';

export interface TimestampInput {
  /** The token, or with `form: 'response'` the authority's whole answer (as Sigstore keeps it). */
  readonly token: Uint8Array;
  readonly form?: 'token' | 'response';
  /** What was stamped: the bytes, or their hash. */
  readonly subject: { readonly message: Uint8Array } | { readonly imprint: Imprint };
  readonly roots: readonly Certificate[];
  /** Further certificates of the authority, its own one too where tokens leave it out. */
  readonly intermediates?: readonly Certificate[];
  /** The nonce of the request; the token must repeat it. */
  readonly nonce?: Uint8Array;
  /** Object identifiers of the policies accepted; any where absent. */
  readonly policies?: readonly string[];
}

/** Every certificate of the chain was valid at `timeMs`; whether one of them was revoked is for the caller to ask. */
export type TimestampVerdict =
  | {
      readonly kind: 'verified';
      readonly timeMs: number;
      readonly accuracyMs?: number;
      readonly policy: string;
      readonly serial: string;
      readonly signer: Certificate;
      readonly chain: readonly Certificate[];
      readonly checks: readonly VerificationCheck[];
    }
  | {
      readonly kind: 'rejected' | 'undecidable';
      readonly reasons: readonly string[];
      readonly checks: readonly VerificationCheck[];
    };

/**
 * Verifies a time stamp (RFC 3161, 2.3 and 2.4.2): imprint, nonce, policy, signature, ESSCertID, the signer's critical and only
 * purpose, and its chain at the time of the token. Throws nothing. (T41, T48)
 */
export function verifyTimestamp(input: TimestampInput): TimestampVerdict {
  let token: TimestampToken;
  try {
    token = parseTimestampToken(tokenOf(input));
  } catch (error) {
    return rejected([messageOf(error)]);
  }
  const { signed, timeMs, policy, serial, accuracyMs } = token;
  const problem = subjectProblem(token, input);
  if (problem !== undefined) return rejected([problem]);
  // The caller's own certificates first: their chains are remembered, a copy in the token is not.
  const signer = findSigner(signed.signerId, [...(input.intermediates ?? []), ...input.roots, ...signed.certificates]);
  if (signer === undefined) return rejected(['the certificate of the time stamp is neither in it nor known']);
  const signature = verifySignedData(signed, signer);
  if (signature.kind === 'rejected') return rejected([`the time stamp's signature does not hold: ${signature.reason}`]);
  const unfit = signingCertificateProblem(signed, signer) ?? purposeProblem(signer);
  if (unfit !== undefined) return rejected([`${label(signer)}: ${unfit}`]);
  const chain = verifyChain({
    leaf: signer,
    intermediates: [...signed.certificates, ...(input.intermediates ?? [])],
    roots: input.roots,
    atMs: timeMs,
    purpose: purpose.timeStamping,
    allowSelfSignedLeaf: true,
  });
  if (chain.kind !== 'verified') return rejected(chain.reasons, chain.kind);
  const message = `stamped at ${new Date(timeMs).toISOString()} by ${label(signer)}`;
  return {
    kind: 'verified',
    timeMs,
    ...(accuracyMs === undefined ? {} : { accuracyMs }),
    policy,
    serial,
    signer,
    chain: chain.chain,
    checks: [{ id: 'timestamp', outcome: 'pass', message }],
  };
}

function tokenOf({ token, form }: TimestampInput): Uint8Array {
  if (form !== 'response') return token;
  const answer = parseTimestampResponse(token);
  if (answer.kind === 'granted') return answer.token;
  throw new Error(`The authority refused to stamp: ${[...answer.failures, answer.text].join(' ')}`);
}

function subjectProblem({ imprint, nonce, policy }: TimestampToken, input: TimestampInput): string | undefined {
  const { subject } = input;
  const wanted =
    'message' in subject
      ? { hash: imprint.hash, digest: createHash(imprint.hash).update(subject.message).digest() }
      : subject.imprint;
  if (imprint.hash !== wanted.hash) return `the time stamp is over ${imprint.hash}, not ${wanted.hash}`;
  if (!sameBytes(imprint.digest, wanted.digest)) return 'the time stamp is for something else';
  if (input.nonce !== undefined && nonce !== readIntegerHex(parseDer(derInteger(input.nonce)))) {
    return 'the time stamp does not repeat the nonce of the request';
  }
  if (input.policies !== undefined && !input.policies.includes(policy))
    return `the policy ${policy} of the time stamp is not accepted`;
  return undefined;
}

/** RFC 3161, 2.3: extended key usage must be critical and hold only time stamping; the key must be for signatures. */
function purposeProblem(signer: Certificate): string | undefined {
  const { extendedKeyUsage: purposes, keyUsage } = signer;
  if (purposes?.length !== 1 || purposes[0] !== purpose.timeStamping)
    return 'its extended key usage is not time stamping alone';
  if (signer.extensions.get(oid.extendedKeyUsage)?.critical !== true) return 'its extended key usage is not critical';
  const other = keyUsage?.find((usage) => usage !== 'digitalSignature' && usage !== 'nonRepudiation');
  return other === undefined ? undefined : `its key usage allows ${other}`;
}

function rejected(reasons: readonly string[], kind: 'rejected' | 'undecidable' = 'rejected'): TimestampVerdict {
  return { kind, reasons, checks: [{ id: 'timestamp', outcome: 'fail', message: reasons.join('; ') }] };
}
