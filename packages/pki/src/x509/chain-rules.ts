// What a certificate must satisfy to stand in a chain: validity, criticality, authority, lengths and names.
import type { Certificate } from './certificate.ts';
import { isSelfIssued } from './issued.ts';
import { constraintProblem } from './name-constraints.ts';

/** Why a certificate cannot stand anywhere in a chain at a moment, as a clause. */
export function commonProblem(
  certificate: Pick<Certificate, 'notBeforeMs' | 'notAfterMs' | 'unknownCritical'>,
  atMs: number,
): string | undefined {
  const { notBeforeMs, notAfterMs, unknownCritical } = certificate;
  if (!Number.isFinite(atMs)) return 'the moment to judge it at is not known';
  if (atMs < notBeforeMs) return `it is not valid before ${text(notBeforeMs)}, and the moment is ${text(atMs)}`;
  // notAfter has whole seconds and is included; a moment within that second is still inside.
  if (atMs >= notAfterMs + 1000) return `it expired at ${text(notAfterMs)}, and the moment is ${text(atMs)}`;
  if (unknownCritical.length > 0)
    return `it has critical extensions that are not supported: ${unknownCritical.join(', ')}`;
  return undefined;
}

function text(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Why a certificate may not be the issuer of a path (leaf first), as a clause. */
export function authorityProblem(issuer: Certificate, path: readonly Certificate[]): string | undefined {
  const { basicConstraints, keyUsage, nameConstraints } = issuer;
  if (basicConstraints?.ca !== true) return 'it is no certificate authority';
  if (keyUsage !== undefined && !keyUsage.includes('keyCertSign')) return 'its key may not sign certificates';
  const below = path.slice(1).filter((one) => !isSelfIssued(one)).length;
  if (basicConstraints.pathLength !== undefined && below > basicConstraints.pathLength) {
    return `it allows ${basicConstraints.pathLength} intermediate certificates below, not ${below}`;
  }
  if (nameConstraints === undefined) return undefined;
  for (const [index, one] of path.entries()) {
    if (index > 0 && isSelfIssued(one)) continue;
    const problem = constraintProblem(nameConstraints, one);
    if (problem !== undefined) return `its name constraints are broken: ${problem}`;
  }
  return undefined;
}
