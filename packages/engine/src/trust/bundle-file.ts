// A Sigstore bundle over a file, or over a digest, without any registry.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseDigest, type Digest, type VerificationReport } from '@plombe/model';
import { gibibyte, inert, mebibyte, PlombeError } from '@plombe/kit';
import { isAttestationResult, verifyBundle, type SigstoreResult } from '@plombe/trust';
import { readSmallFile } from './files.ts';
import { reportOf } from './report.ts';
import type { Demands } from './verify.ts';

/** As large as a bundle may be: an SBOM attestation has up to 21 MB. */
const maxBundleBytes = 32 * mebibyte;
/** Read whole, since some signatures can only be checked with all bytes; larger artifacts are named by their digest. */
const maxArtifactBytes = 2 * gibibyte - 1;

/**
 * Verifies the bundle file over each of `artifacts`, files or `sha256:HEX`; one report for each, in order. Any statement about it counts, an
 * attestation too: the result says which. Throws `source/…`, and `config/invalid` for an anchor that is not Sigstore's and a digest that is none.
 */
export function verifyBundleFile(
  path: string,
  artifacts: readonly string[],
  { anchor, annotations = {}, threshold = 1 }: Demands,
): readonly VerificationReport[] {
  if (anchor.kind !== 'sigstore') {
    throw new PlombeError('config/invalid', 'A Sigstore bundle is not verified by a trust policy of Notation.', {
      remedy: 'Give --key, or --certificate-identity with --certificate-oidc-issuer and --trusted-root.',
    });
  }
  const bundle = readSmallFile(path, 'The bundle', maxBundleBytes);
  const task = { bundle, trust: anchor.trust, annotations, expect: { kind: 'any' } } as const;
  return artifacts.map((artifact) => verifyArtifact(artifact, task, threshold));
}

function verifyArtifact(
  artifact: string,
  task: Omit<Parameters<typeof verifyBundle>[0], 'subject'>,
  threshold: number,
): VerificationReport {
  const named = artifactDigest(artifact);
  const bytes = named === undefined ? readArtifact(artifact) : undefined;
  const digest = named ?? digestOf(bytes ?? new Uint8Array());
  const subject = { digest, ...(bytes === undefined ? {} : { bytes }) };
  const result: SigstoreResult = verifyBundle({ ...task, subject });
  const report = reportOf({
    subject: { reference: artifact, digest },
    signatures: [result],
    attestations: [],
    wanted: 'signatures',
    threshold,
    limits: [],
    ignored: [],
  });
  return isAttestationResult(result) ? { ...report, attestations: [result] } : report;
}

/** What is meant as a digest and is none is no name of a file. */
function artifactDigest(artifact: string): Digest | undefined {
  const digest = parseDigest(artifact);
  if (digest !== undefined || !/^sha\d+:/i.test(artifact) || existsSync(artifact)) return digest;
  throw new PlombeError('config/invalid', `${inert(artifact)} is no digest.`, {
    remedy: 'Write sha256: and 64 lower-case hexadecimal digits, or name a file.',
  });
}

function readArtifact(path: string): Uint8Array {
  // A pipe or device is read as it comes; a file says its size.
  return path === '/dev/stdin' ? readFileSync(path) : readSmallFile(path, 'The artifact', maxArtifactBytes);
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
