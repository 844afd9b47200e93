// Finds and verifies a path from a certificate to a trusted root at one moment (RFC 5280, 6.1).
import { inert } from '@plombe/kit';
import type { VerificationCheck } from '@plombe/model';
import type { Certificate } from './certificate.ts';
import { authorityProblem, commonProblem } from './chain-rules.ts';
import { isSelfSigned, sameBytes } from './issued.ts';
import { verifyLink } from './link-memo.ts';

export interface ChainInput {
  /** Undefined (an empty list of certificates) is rejected. */
  readonly leaf: Certificate | undefined;
  /** Untrusted; in any order; may hold the leaf and the root again. */
  readonly intermediates: readonly Certificate[];
  /** Trust anchors. */
  readonly roots: readonly Certificate[];
  /** Every certificate of the path, the root too, must be valid at this moment. */
  readonly atMs: number;
  /** Extended key usage that the leaf must name, and that intermediates must allow where they name any. */
  readonly purpose?: string;
  /** Accepts a leaf that is itself among the roots and signed with its own key. */
  readonly allowSelfSignedLeaf?: boolean;
}

/** `undecidable`: the search was ended by its limit. Reasons and messages are inert. */
export type ChainVerdict =
  | { readonly kind: 'verified'; readonly chain: readonly Certificate[]; readonly checks: readonly VerificationCheck[] }
  | {
      readonly kind: 'rejected' | 'undecidable';
      readonly reasons: readonly string[];
      readonly checks: readonly VerificationCheck[];
    };

/**
 * Ten certificates in a path: the longest public ones have five. 100 signature checks: a path needs one for each link; more are
 * tried only where many authorities share a name, which is how a hostile list makes a verifier work.
 */
export const chainLimits = { certificates: 10, signatures: 100 } as const;

/** Verifies a chain; the verdict's `chain` begins with the leaf and ends with the root. Throws nothing. (T41, T47) */
export function verifyChain(input: ChainInput): ChainVerdict {
  const { leaf, roots, atMs, purpose } = input;
  if (leaf === undefined) return rejected(['there is no certificate to verify']);
  if (roots.length === 0) return rejected(['there is no trusted root']);
  const problem = commonProblem(leaf, atMs) ?? purposeProblem(leaf, purpose);
  if (problem !== undefined) return rejected([`${label(leaf)}: ${problem}`]);
  if (roots.some((root) => sameBytes(root.bytes, leaf.bytes))) {
    if (input.allowSelfSignedLeaf !== true) return rejected([`${label(leaf)}: the certificate is itself a root`]);
    if (!isSelfSigned(leaf)) return rejected([`${label(leaf)}: the certificate is not signed with its own key`]);
    return verified([leaf], atMs);
  }
  const search: Search = { ...input, budget: chainLimits.signatures, reasons: [] };
  const chain = extend(search, [leaf]);
  if (chain !== undefined) return verified(chain, atMs);
  if (search.budget <= 0)
    return rejected(['the search for a chain reached its limit of signature checks'], 'undecidable');
  return rejected(
    search.reasons.length > 0 ? search.reasons : [`${label(leaf)}: no certificate of its issuer is known`],
  );
}

interface Search extends ChainInput {
  budget: number;
  readonly reasons: string[];
}

function extend(search: Search, path: readonly Certificate[]): readonly Certificate[] | undefined {
  const child = path.at(-1) as Certificate;
  const anchors = search.roots.filter((root) => mayIssue(root, child, path));
  const others = search.intermediates.filter(
    (one) => mayIssue(one, child, path) && !anchors.some((root) => sameBytes(root.bytes, one.bytes)),
  );
  if (anchors.length + others.length === 0) note(search, child, 'no certificate of its issuer is known');
  for (const issuer of anchors) if (accepts(search, issuer, path, true)) return [...path, issuer];
  // One place stays for the root.
  if (path.length >= chainLimits.certificates - 1) {
    if (others.length > 0) note(search, child, `the chain is longer than ${chainLimits.certificates} certificates`);
    return undefined;
  }
  for (const issuer of others) {
    const found = accepts(search, issuer, path, false) ? extend(search, [...path, issuer]) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names chain, key identifiers do not contradict, and the certificate is not in the path yet. */
function mayIssue(issuer: Certificate, child: Certificate, path: readonly Certificate[]): boolean {
  if (!sameBytes(issuer.subject.der, child.issuer.der)) return false;
  const { authorityKeyId } = child;
  const { subjectKeyId } = issuer;
  if (authorityKeyId !== undefined && subjectKeyId !== undefined && !sameBytes(authorityKeyId, subjectKeyId))
    return false;
  return !path.some((one) => sameBytes(one.bytes, issuer.bytes));
}

function accepts(search: Search, issuer: Certificate, path: readonly Certificate[], isRoot: boolean): boolean {
  if (search.budget <= 0) return false;
  const child = path.at(-1) as Certificate;
  const purpose = isRoot || issuer.extendedKeyUsage === undefined ? undefined : search.purpose;
  const problem =
    commonProblem(issuer, search.atMs) ?? authorityProblem(issuer, path) ?? purposeProblem(issuer, purpose);
  if (problem !== undefined) {
    note(search, issuer, problem);
    return false;
  }
  search.budget -= 1;
  const verdict = verifyLink(child, issuer);
  if (verdict.kind === 'rejected') note(search, child, `its issuer's signature does not hold: ${verdict.reason}`);
  return verdict.kind === 'verified';
}

function purposeProblem(certificate: Certificate, purpose: string | undefined): string | undefined {
  if (purpose === undefined) return undefined;
  if (certificate.extendedKeyUsage === undefined) return `it names no extended key usage, where ${purpose} is needed`;
  const any = certificate.basicConstraints?.ca === true ? ['2.5.29.37.0'] : [];
  return [purpose, ...any].some((one) => certificate.extendedKeyUsage?.includes(one))
    ? undefined
    : `its extended key usage does not allow ${purpose}`;
}

function note(search: Search, certificate: Certificate, problem: string): void {
  const reason = `${label(certificate)}: ${problem}`;
  if (search.reasons.length < 10 && !search.reasons.includes(reason)) search.reasons.push(reason);
}

/** A certificate for messages, inert: its subject; where that is empty its first name in text, or its serial number. */
export function label({ subject, subjectAltNames, serial }: Certificate): string {
  if (subject.text !== '') return inert(subject.text.slice(0, 200));
  const name = subjectAltNames.find((one) => typeof one.value === 'string');
  return inert(typeof name?.value === 'string' ? name.value.slice(0, 200) : `certificate ${serial}`);
}

function verified(chain: readonly Certificate[], atMs: number): ChainVerdict {
  const message = `${chain.map(label).join(' ← ')}, valid at ${new Date(atMs).toISOString()}`;
  return { kind: 'verified', chain, checks: [{ id: 'certificate-chain', outcome: 'pass', message }] };
}

function rejected(reasons: readonly string[], kind: 'rejected' | 'undecidable' = 'rejected'): ChainVerdict {
  return { kind, reasons, checks: [{ id: 'certificate-chain', outcome: 'fail', message: reasons.join('; ') }] };
}
