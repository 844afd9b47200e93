// Verifies a signer's certificate: chain at every proved time, certificate log, and who it names. Never at "now".
import { inert, isPlombeError } from '@plombe/kit';
import {
  isSelfIssued,
  parseCertificate,
  purpose,
  verifyChain,
  verifyEmbeddedScts,
  type Certificate,
} from '@plombe/pki';
import { identityOf } from '../identity/identity.ts';
import { allows, ruleText, type IdentityRule } from '../identity/rule.ts';
import { isWithin, type TrustedRoot } from '../root/trusted-root.ts';
import type { Checks } from './checks.ts';
import type { Material } from './evidence.ts';
import { isoTime } from './log.ts';
import type { SignerFacts } from './trust.ts';

/** The signer's certificates of a bundle, leaf first. */
export interface SignerCertificates {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
}

/** Parses the certificates; a root among them is no anchor, and in bundles a rejection: roots come from whoever verifies (T47). */
export function parseSignerCertificates(
  { certificates, withRoot }: Extract<Material, { readonly kind: 'certificates' }>,
  checks: Checks,
): SignerCertificates | undefined {
  try {
    const [leaf, ...others] = certificates.map(parseCertificate);
    if (leaf === undefined) {
      checks.fail('certificate-chain', 'There is no certificate.');
      return undefined;
    }
    const intermediates = others.filter((one) => !isSelfIssued(one));
    if (intermediates.length < others.length && withRoot !== true) {
      checks.fail('certificate-chain', 'The signature brings its own root certificate along.');
      return undefined;
    }
    // Read here, so that a key of no known kind is refused here too.
    return leaf.publicKey.type === 'public' ? { leaf, intermediates } : undefined;
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    const message = `A certificate of the signature cannot be read: ${error.message}`;
    if (error.code === 'pki/limit') checks.undecided('certificate-chain', message);
    else checks.fail('certificate-chain', message);
    return undefined;
  }
}

/** Verifies that the certificate was valid at all proved times and that a certificate log knows it. */
export function verifyCertificate(
  { leaf, intermediates }: SignerCertificates,
  root: TrustedRoot,
  times: readonly number[],
  checks: Checks,
): void {
  if (times.length === 0) {
    checks.fail('certificate-chain', 'No log and no time stamp proves when the signature was made.');
    return;
  }
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes('digitalSignature')) {
    checks.fail('certificate-chain', "The certificate's key is not for signatures.");
    return;
  }
  const issuers = new Map<string, Certificate>();
  for (const atMs of new Set(times)) {
    const issuer = issuerAt({ leaf, intermediates }, root, atMs, checks);
    if (issuer === undefined) return;
    issuers.set(issuer.serial, issuer);
  }
  checks.pass('certificate-chain', `The certificate was valid at ${[...new Set(times)].map(isoTime).join(' and ')}.`);
  if (root.certificateLogs.length === 0) {
    checks.skip('certificate-log', 'The trusted root knows no certificate log.');
    return;
  }
  const logs = root.certificateLogs.map(({ key, window }) => ({ key, ...window }));
  const verdict = verifyEmbeddedScts({ certificate: leaf, issuer: [...issuers.values()][0] as Certificate, logs });
  if (verdict.kind === 'verified') checks.pass('certificate-log', 'A certificate log vouches for the certificate.');
  else checks.fail('certificate-log', `No certificate log vouches for the certificate: ${verdict.reasons.join('; ')}.`);
}

function issuerAt(
  { leaf, intermediates }: SignerCertificates,
  root: TrustedRoot,
  atMs: number,
  checks: Checks,
): Certificate | undefined {
  const reasons: string[] = [];
  let limited = false;
  for (const authority of root.certificateAuthorities) {
    if (!isWithin(authority.window, atMs)) {
      reasons.push(`${authority.url} was not trusted at ${isoTime(atMs)}`);
      continue;
    }
    const verdict = verifyChain({
      leaf,
      intermediates: [...authority.intermediates, ...intermediates],
      roots: [authority.root],
      atMs,
      purpose: purpose.codeSigning,
    });
    if (verdict.kind === 'verified') return verdict.chain[1];
    limited ||= verdict.kind === 'undecidable';
    reasons.push(...verdict.reasons);
  }
  const why =
    reasons.length === 0 ? 'the trusted root knows no certificate authority' : [...new Set(reasons)].join('; ');
  const message = `The certificate does not lead to a trusted authority at ${isoTime(atMs)}: ${why}.`;
  if (limited) checks.undecided('certificate-chain', message);
  else checks.fail('certificate-chain', message);
  return undefined;
}

/** Compares the certificate's identity with the rules; answers who it is where it can be read. */
export function verifyIdentity(leaf: Certificate, rules: readonly IdentityRule[], checks: Checks): SignerFacts {
  const read = identityOf(leaf);
  if (read.kind !== 'parsed') {
    checks.refuse('identity', read);
    return {};
  }
  const { subject, issuer } = read.value;
  const who = issuer === undefined ? subject : `${subject} of ${issuer}`;
  if (rules.some((rule) => allows(rule, read.value))) checks.pass('identity', `The certificate is for ${who}.`);
  else {
    const wanted = rules.length === 0 ? 'nobody' : rules.map(ruleText).join(' or ');
    checks.fail('identity', `The certificate is for ${who}, not ${wanted}.`);
  }
  return { signer: inert(who), signerId: inert(`identity:${issuer ?? ''}:${subject}`) };
}
