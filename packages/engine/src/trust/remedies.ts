// What to do about a check that failed, for every step that a verification may name.
import type { SignatureResult } from '@plombe/model';

/** By check id; what is not named needs no advice beyond its message. */
const remedies: Readonly<Record<string, string>> = {
  signature: 'Check that the key given is that of the signer; if it is, do not use the image.',
  key: 'Give the key that signed, or an identity with its issuer for signatures by certificate.',
  identity: 'Compare the identity and issuer in the certificate with those demanded.',
  subject: 'The signature is of something else: sign this digest.',
  annotations: 'Sign again with -a K=V, or demand what was signed.',
  'certificate-chain': 'Give the trusted root whose authority issued the certificate.',
  'certificate-log': 'Give the trusted root with the key of the certificate log.',
  'log-inclusion':
    'Give the trusted root with the key of the log; an entry that does not hold under it is no evidence.',
  'log-threshold': 'Sign with --signing-config, so that a trusted log holds the signature.',
  'timestamp-threshold': 'Sign with --timestamp-url, so that a trusted authority stamps the signature.',
  timestamp: 'Give the trusted root of the authority that stamped.',
  'authentic-timestamp': 'Sign with --timestamp-url, and put the root of the authority into the trust store tsa.',
  authenticity: "Put the root certificate of the signer into a trust store that the policy's statement names.",
  expiry: 'Sign again; the signature was made for a limited time.',
  revocation: 'Sign again with a certificate that is not revoked, or make the revocation service reachable.',
};

/** Returns the result with what to do behind the message of each failed check. */
export function withRemedies<T extends SignatureResult>(result: T): T {
  if (result.checks.every(({ outcome }) => outcome !== 'fail')) return result;
  const checks = result.checks.map((check) => {
    const remedy = check.outcome === 'fail' && Object.hasOwn(remedies, check.id) ? remedies[check.id] : undefined;
    if (remedy === undefined) return check;
    const message = /[.!?]$/.test(check.message) ? check.message : `${check.message}.`;
    return { ...check, message: `${message} ${remedy}` };
  });
  return { ...result, checks };
}
