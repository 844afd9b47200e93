// Verifies one Notary Project signature under a trust policy: every step is a check of the result (trust-store-trust-policy, "Signature Verification").
import { createHash } from 'node:crypto';
import { inert } from '@plombe/kit';
import type { SignatureResult } from '@plombe/model';
import type { Certificate } from '@plombe/pki';
import { nameOf } from '../certificates/requirements.ts';
import { shown } from '../envelope/headers.ts';
import { unknownCritical } from '../plugin/verification.ts';
import { checkAuthenticity, checkIdentity } from './authenticity.ts';
import { fail, newChecks, pass, skip, type Checks, type StepResult } from './checks.ts';
import type { VerificationInput } from './input.ts';
import { checkIntegrity, checkSubject, type IntactSignature } from './integrity.ts';
import { findOffer, pluginStep } from './plugin-step.ts';
import { checkRevocation } from './revocation.ts';
import { checkExpiry, checkTimestamp, type TimestampResult } from './time.ts';

/**
 * Verifies a signature. `verified` where no enforced step failed, `undecidable` where only a revocation state could not be learned or a limit was reached, else
 * `rejected`. Checks: `integrity`, `subject`, `authenticity`, `identity`, `authentic-timestamp`, `expiry`, `critical-attributes`,
 * `revocation`, `annotations`. No server and no plugin is asked once an enforced step has failed. Throws nothing for bad input; an aborted
 * signal throws its reason.
 */
export async function verifyEnvelope(input: VerificationInput): Promise<SignatureResult> {
  const { format, envelope, statement, manifestDigest } = input;
  const checks = newChecks();
  const base = { format, ...(manifestDigest !== undefined && { digest: manifestDigest }) };
  if (statement.level === 'skip') {
    checks.add('integrity', 'skip', skip(`the trust policy ${shown(statement.name)} skips verification`));
    return { ...base, verdict: checks.verdict(), annotations: {}, checks: checks.list };
  }
  const integrity = checkIntegrity(format, envelope);
  checks.add('integrity', 'enforce', integrity.step);
  if (integrity.kind === 'broken') return { ...base, verdict: checks.verdict(), annotations: {}, checks: checks.list };
  const { chain, target } = integrity.signature;
  const authentic = await checkSignature(input, integrity.signature, checks);
  return {
    ...base,
    verdict: checks.verdict(),
    ...signerOf(chain, authentic),
    annotations: target.annotations,
    checks: checks.list,
  };
}

/** Makes every step behind integrity. Returns whether the signer is proved. */
async function checkSignature(input: VerificationInput, signature: IntactSignature, checks: Checks): Promise<boolean> {
  const { statement, trustStore, nowMs } = input;
  const { envelope, chain, target } = signature;
  const { attributes } = envelope;
  checks.add('subject', 'enforce', checkSubject(target, input.subject));
  checks.add('annotations', 'enforce', checkAnnotations(target.annotations, input.annotations ?? {}));
  const leads = checks.add(
    'authenticity',
    statement.actions.authenticity,
    checkAuthenticity(chain, attributes.scheme, statement, trustStore),
  );
  checks.add('expiry', statement.actions.expiry, checkExpiry(attributes.expiryMs, nowMs));
  const time = await timestampStep(input, signature, checks);
  const offer = attributes.verificationPlugin === undefined ? undefined : await findOffer(input, signature, checks);
  const steps = offer?.kind === 'usable' ? offer.steps : [];
  const identified = steps.includes('SIGNATURE_VERIFIER.TRUSTED_IDENTITY')
    ? undefined
    : checks.add('identity', statement.actions.authenticity, checkIdentity(chain[0] as Certificate, statement));
  if (offer === undefined) checks.add('critical-attributes', 'enforce', checkCritical(signature));
  if (!steps.includes('SIGNATURE_VERIFIER.REVOCATION_CHECK')) await revocationStep(input, chain, leads, time, checks);
  const byPlugin = offer === undefined ? undefined : await pluginStep(input, signature, offer, checks);
  return leads && (identified ?? byPlugin ?? false);
}

function checkAnnotations(
  signed: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): StepResult {
  const names = Object.keys(wanted);
  if (names.length === 0) return skip('no annotations were asked for');
  const missing = names.filter((name) => !Object.hasOwn(signed, name) || signed[name] !== wanted[name]);
  if (missing.length === 0) return pass(`signed with ${names.map(shown).join(', ')}`);
  return fail(`the signed annotations lack the value asked for: ${missing.map(shown).join(', ')}`);
}

function checkCritical({ envelope }: IntactSignature): StepResult {
  const unknown = unknownCritical(envelope.attributes);
  return unknown.length === 0
    ? pass('every critical attribute is known')
    : fail(`critical attributes that are not known: ${unknown.map(shown).join(', ')}`);
}

/** A time stamp is proof only once its authority is asked about too; that is enforced whenever the time stamp is. */
async function timestampStep(
  input: VerificationInput,
  signature: IntactSignature,
  checks: Checks,
): Promise<TimestampResult> {
  const { statement, trustStore, nowMs, revocation: source } = input;
  const action = statement.actions.authenticTimestamp;
  const time = checkTimestamp({ ...signature, statement, trustStore, nowMs });
  const skipsRevocation = statement.actions.revocation === 'skip';
  if (time.authority === undefined || skipsRevocation || checks.failed) {
    checks.add('authentic-timestamp', action, time.step);
    return time;
  }
  const asked = await checkRevocation({ chain: time.authority, nowMs, ...(source !== undefined && { source }) });
  if (asked.kind === 'pass') {
    checks.add('authentic-timestamp', action, time.step);
    return time;
  }
  const step = { kind: asked.kind, message: `the time stamp authority: ${asked.message}` };
  checks.add('authentic-timestamp', action, step);
  return { step };
}

async function revocationStep(
  { statement, nowMs, revocation: source }: VerificationInput,
  chain: readonly Certificate[],
  leads: boolean,
  { signedAtMs }: TimestampResult,
  checks: Checks,
): Promise<void> {
  const action = statement.actions.revocation;
  if (action === 'skip') checks.add('revocation', action, skip('the trust policy skips the revocation check'));
  else if (checks.failed) checks.add('revocation', action, skip('not asked, the signature has failed already'));
  else if (!leads)
    checks.add('revocation', action, {
      kind: 'unknown',
      message: 'not asked, the certificates lead to no trusted root',
    });
  else {
    const question = {
      chain,
      nowMs,
      ...(signedAtMs !== undefined && { signedAtMs }),
      ...(source !== undefined && { source }),
    };
    checks.add('revocation', action, await checkRevocation(question));
  }
}

/** Two certificates of one subject below one root, or of one key, are one signer. Only a proved signer has an id that counts. */
function signerOf(
  chain: readonly Certificate[],
  authentic: boolean,
): Pick<SignatureResult, 'signer' | 'signerId' | 'keyId'> {
  const signer = nameOf(chain[0] as Certificate);
  if (!authentic) return { signer };
  const [leaf, root] = [chain[0], chain.at(-1)] as [Certificate, Certificate];
  const keyId = `key:sha256:${createHash('sha256').update(leaf.spki).digest('hex')}`;
  return { signer, signerId: inert(`identity:${root.subject.text}:${leaf.subject.text}`), keyId };
}
