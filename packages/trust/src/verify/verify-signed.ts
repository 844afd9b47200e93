// Verifies one signature with all that came along: signer, log entries, time stamps, certificate, thresholds. Throws nothing.
import type { PublicKey } from '../keys/public-key.ts';
import { keyOfCertificate } from '../keys/public-key.ts';
import { parseSignerCertificates, verifyCertificate, verifyIdentity, type SignerCertificates } from './certificate.ts';
import type { Checks } from './checks.ts';
import type { Signed } from './evidence.ts';
import { verifyEntries, type VouchedEntry } from './log.ts';
import { digestsOf, signatureOutcome } from './signature.ts';
import { verifyTimestamps, type VouchedTime } from './times.ts';
import { isWithin } from '../root/trusted-root.ts';
import type { SignerFacts, Trust } from './trust.ts';

/** Verifies a signature under the given trust and notes each check. The caller has parsed it and compares the subject. */
export function verifySigned(signed: Signed, trust: Trust, checks: Checks): SignerFacts {
  const certificates =
    signed.material.kind === 'certificates' ? parseSignerCertificates(signed.material, checks) : undefined;
  if (!checks.holds) return {};
  const key = verifySignature(signed, trust, certificates, checks);
  if (key === undefined) return {};
  const { entries, times } = verifyProofs(signed, trust, key, certificates, checks);
  const moments = [...entries.flatMap(({ timeMs }) => (timeMs === undefined ? [] : [timeMs])), ...times];
  const signedAt = moments.length === 0 ? {} : { signedAtMs: Math.min(...moments) };
  if (trust.anchor.kind === 'keys' || certificates === undefined)
    return { signer: key.id, signerId: key.id, ...signedAt };
  if (trust.trustedRoot === undefined) {
    checks.undecided('certificate-chain', 'A certificate can only be judged with a trusted root, and none was given.');
    return {};
  }
  verifyCertificate(certificates, trust.trustedRoot, moments, checks);
  return { ...verifyIdentity(certificates.leaf, trust.anchor.rules, checks), keyId: key.id, ...signedAt };
}

/** Finds the key that signed: one of the given ones, or that of the certificate. */
function verifySignature(
  signed: Signed,
  { anchor }: Trust,
  certificates: SignerCertificates | undefined,
  checks: Checks,
): PublicKey | undefined {
  const own = certificates === undefined ? undefined : keyOfCertificate(certificates.leaf);
  const candidates = anchor.kind === 'keys' ? anchor.keys : own === undefined ? [] : [own];
  if (candidates.length === 0) {
    const why = anchor.kind === 'keys' ? 'No key was given.' : 'It is signed with a key, not with a certificate.';
    checks.fail('key', why);
    return undefined;
  }
  const fitting = own === undefined ? candidates : candidates.filter(({ id }) => id === own.id);
  if (fitting.length === 0) {
    checks.fail('key', 'The key of its certificate is none of the given keys.');
    return undefined;
  }
  let unknown = false;
  for (const candidate of fitting) {
    const outcome = signatureOutcome(candidate.key, signed.content, signed.signature);
    if (outcome === 'fits') {
      checks.pass('signature', `The signature fits the content and ${candidate.id}.`);
      return candidate;
    }
    unknown ||= outcome === 'unknown';
  }
  if (unknown)
    checks.undecided('signature', 'A signature by this kind of key can only be checked with the signed bytes.');
  else
    checks.fail('signature', `The signature does not fit the content and ${fitting.map(({ id }) => id).join(', ')}.`);
  return undefined;
}

function verifyProofs(
  signed: Signed,
  trust: Trust,
  key: PublicKey,
  certificates: SignerCertificates | undefined,
  checks: Checks,
): { readonly entries: readonly VouchedEntry[]; readonly times: readonly number[] } {
  const { trustedRoot: root } = trust;
  const evidence = {
    signature: signed.signature,
    contentDigest: digestsOf(signed.content),
    ...(signed.envelope === undefined ? {} : { envelope: signed.envelope }),
    ...(signed.envelopeBytes === undefined ? {} : { envelopeBytes: signed.envelopeBytes }),
    ...(certificates === undefined ? {} : { certificate: certificates.leaf.bytes }),
    spki: key.spki,
  };
  const entries = verifyEntries(signed.entries, evidence, root, checks);
  const vouched = verifyTimestamps(signed.timestamps, signed.stamped ?? signed.signature, root, checks);
  judgeLogWindows(entries, vouched, checks);
  const neededLogs = trust.requireLogs ?? (trust.anchor.kind === 'identities' && (root?.logs.length ?? 0) > 0 ? 1 : 0);
  const logs = new Set(entries.map(({ log }) => log)).size;
  threshold(checks, 'log-threshold', 'logs', logs, neededLogs);
  const authorities = new Set(vouched.map(({ authority }) => authority)).size;
  threshold(checks, 'timestamp-threshold', 'time stamp authorities', authorities, trust.requireTimestamps ?? 0);
  return { entries, times: vouched.map(({ timeMs }) => timeMs) };
}

/** Rekor v2 proves no time: its key must have been trusted at the stamped times, and without any its window must be open. */
function judgeLogWindows(entries: readonly VouchedEntry[], times: readonly VouchedTime[], checks: Checks): void {
  for (const { log, timeMs } of entries) {
    if (timeMs !== undefined) continue;
    const outside =
      times.length === 0 ? log.window.untilMs !== undefined : times.some((one) => !isWithin(log.window, one.timeMs));
    if (outside)
      checks.fail('log-inclusion', `${log.url} was not trusted when the signature was made, or no time proves it.`);
  }
}

function threshold(
  checks: Checks,
  id: 'log-threshold' | 'timestamp-threshold',
  what: string,
  count: number,
  needed: number,
): void {
  if (needed === 0) return;
  const message = `${count} distinct trusted ${what} vouch for it, ${needed} needed.`;
  if (count >= needed) checks.pass(id, message);
  else checks.fail(id, message);
}
