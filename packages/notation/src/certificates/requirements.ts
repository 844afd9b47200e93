// What every certificate of a signing chain must be, whoever trusts it (signature-specification, "Certificate Requirements").
import { inert } from '@plombe/kit';
import { isSelfSigned, oid, purpose, rsaBits, verifySigned, type Certificate, type KeyUsage } from '@plombe/pki';
import { algorithmOfKey } from '../envelope/algorithm.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

const forbiddenUsages: readonly KeyUsage[] = [
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

const forbiddenPurposes: Readonly<Record<string, string>> = {
  [purpose.any]: 'anyExtendedKeyUsage',
  [serverAuth]: 'serverAuth',
  [clientAuth]: 'clientAuth',
  [purpose.emailProtection]: 'emailProtection',
  [purpose.timeStamping]: 'timeStamping',
};

/**
 * Returns why the certificates are no complete code signing chain, leaf first and root last, or undefined where they are.
 * Only basic constraints, key usage and extended key usage are looked at, as the specification wants; validity is judged elsewhere.
 * SHA-1 and RSA below 2048 bits fail as signatures that are not supported.
 */
export function chainProblem(chain: readonly Certificate[]): string | undefined {
  const [leaf] = chain;
  if (leaf === undefined) return 'there is no certificate';
  const problem = leafProblem(leaf);
  if (problem !== undefined) return `${nameOf(leaf)}: ${problem}`;
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    const linkProblem = next === undefined ? rootProblem(certificate) : issuedProblem(certificate, next);
    const found = linkProblem ?? (index === 0 ? undefined : authorityProblem(certificate, index - 1));
    if (found !== undefined) return `${nameOf(certificate)}: ${found}`;
  }
  return undefined;
}

/** Returns why a certificate must not sign code, or undefined. The extended key usage may be absent or hold further purposes. */
function leafProblem(leaf: Certificate): string | undefined {
  if (leaf.basicConstraints?.ca === true) return 'a signing certificate must not be a certificate authority';
  const usage = usageProblem(leaf, 'digitalSignature');
  if (usage !== undefined) return usage;
  const forbidden = forbiddenUsages.filter((one) => leaf.keyUsage?.includes(one));
  if (forbidden.length > 0) return `its key usage must not hold ${forbidden.join(', ')}`;
  const purposes = (leaf.extendedKeyUsage ?? []).flatMap((one) => forbiddenPurposes[one] ?? []);
  if (purposes.length > 0) return `its extended key usage must not hold ${purposes.join(', ')}`;
  return algorithmOfKey(leaf.publicKey) === undefined
    ? 'its key is not RSA of 2048, 3072 or 4096 bits, nor on P-256, P-384 or P-521'
    : undefined;
}

function authorityProblem(authority: Certificate, below: number): string | undefined {
  const constraints = authority.basicConstraints;
  if (constraints?.ca !== true) return 'an issuer must be a certificate authority';
  if (authority.extensions.get(oid.basicConstraints)?.critical !== true) return 'basic constraints must be critical';
  if (constraints.pathLength !== undefined && below > constraints.pathLength)
    return `it allows ${String(constraints.pathLength)} intermediate certificates below, not ${String(below)}`;
  return usageProblem(authority, 'keyCertSign') ?? keySizeProblem(authority);
}

/** Issuers are held to the sizes that signing certificates have; RSA may be of any size from 2048 bits on. */
function keySizeProblem({ publicKey }: Certificate): string | undefined {
  if (algorithmOfKey(publicKey) !== undefined) return undefined;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  return publicKey.asymmetricKeyType === 'rsa' && bits >= rsaBits.min && bits <= rsaBits.max
    ? undefined
    : 'its key is neither RSA from 2048 bits nor on P-256, P-384 or P-521';
}

function usageProblem(certificate: Certificate, usage: KeyUsage): string | undefined {
  if (certificate.keyUsage === undefined) return 'it has no key usage';
  if (certificate.extensions.get(oid.keyUsage)?.critical !== true) return 'its key usage must be critical';
  return certificate.keyUsage.includes(usage) ? undefined : `its key usage must hold ${usage}`;
}

function issuedProblem(certificate: Certificate, issuer: Certificate): string | undefined {
  if (Buffer.compare(certificate.issuer.der, issuer.subject.der) !== 0)
    return 'the next certificate of the chain is not its issuer';
  if (isSelfSigned(certificate)) return 'it is signed with its own key, but is not the last of the chain';
  const verdict = verifySigned(certificate, issuer);
  return verdict.kind === 'verified' ? undefined : `its issuer's signature does not hold: ${verdict.reason}`;
}

function rootProblem(certificate: Certificate): string | undefined {
  return isSelfSigned(certificate) ? undefined : 'the chain does not end with a root certificate';
}

/** Returns why not every certificate of the chain is valid at a moment (both ends included), or undefined. */
export function validityProblem(
  chain: readonly Certificate[],
  fromMs: number,
  toMs: number = fromMs,
): string | undefined {
  for (const one of chain) {
    if (!(fromMs >= one.notBeforeMs)) return `${nameOf(one)} is not valid before ${isoTime(one.notBeforeMs)}`;
    // The last second is part of the validity, whole.
    if (!(toMs < one.notAfterMs + 1000)) return `${nameOf(one)} expired at ${isoTime(one.notAfterMs)}`;
  }
  return undefined;
}

/** Returns a moment as ISO text for messages. */
export function isoTime(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15
    ? new Date(ms).toISOString().replace('.000Z', 'Z')
    : 'an unknown time';
}

/** Returns the subject of a certificate for people, inert and short. */
export function nameOf({ subject, serial }: Certificate): string {
  return inert(subject.text === '' ? `certificate ${serial}` : subject.text.slice(0, 200));
}
