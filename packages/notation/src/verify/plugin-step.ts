// The steps that a verification plugin takes over, and what its answer makes of them.
import { isPlombeError, messageOf } from '@plombe/kit';
import { shown } from '../envelope/headers.ts';
import type { VerifierCapability, VerifySignatureResponse } from '../plugin/protocol.ts';
import { findPlugin, unknownCritical, verifyRequest, type PluginOffer } from '../plugin/verification.ts';
import { fail, pass, skip, type Checks, type StepResult } from './checks.ts';
import type { VerificationInput } from './input.ts';
import type { IntactSignature } from './integrity.ts';

/** Finds the plugin a signature demands, unless it has failed already. */
export async function findOffer(
  input: VerificationInput,
  signature: IntactSignature,
  checks: Checks,
): Promise<PluginOffer> {
  if (checks.failed) return { kind: 'unusable', message: 'not asked, the signature has failed already' };
  return findPlugin(signature.envelope.attributes, input.plugin);
}

/** Lets the plugin make its steps. Returns whether it trusts the identity; undefined where it was not asked about that. */
export async function pluginStep(
  { statement }: VerificationInput,
  { envelope, chain }: IntactSignature,
  offer: PluginOffer,
  checks: Checks,
): Promise<boolean | undefined> {
  if (offer.kind === 'unusable') {
    checks.add('critical-attributes', 'enforce', fail(offer.message));
    return undefined;
  }
  const steps = offer.steps.filter((one) => actionOf(one, statement) !== 'skip');
  if (steps.length < offer.steps.length)
    checks.add('revocation', 'skip', skip('the trust policy skips the revocation check'));
  if (checks.failed) {
    checks.add('critical-attributes', 'enforce', fail('the plugin was not asked, the signature has failed already'));
    return undefined;
  }
  const unknown = unknownCritical(envelope.attributes);
  try {
    const response = await offer.plugin.verify(verifyRequest(envelope.attributes, chain, statement, steps));
    checks.add('critical-attributes', 'enforce', attributesResult(response, steps, unknown));
    let identified: boolean | undefined;
    for (const one of steps) {
      const passed = checks.add(checkNames[one], actionOf(one, statement), stepResult(response, one));
      if (one === 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY') identified = passed;
    }
    return identified;
  } catch (thrown) {
    if (!isPlombeError(thrown, 'notation/plugin')) throw thrown;
    checks.add('critical-attributes', 'enforce', fail(messageOf(thrown)));
    return undefined;
  }
}

/** Every critical attribute must be processed, and nothing answered that was not asked. */
function attributesResult(
  { verificationResults, processedAttributes }: VerifySignatureResponse,
  steps: readonly string[],
  unknown: readonly string[],
): StepResult {
  const left = unknown.filter((name) => !processedAttributes.includes(name));
  if (left.length > 0) return fail(`the plugin left out ${left.map(shown).join(', ')}`);
  const unasked = [...verificationResults.keys()].filter((name) => !steps.includes(name));
  if (unasked.length > 0) return fail(`the plugin answered what nobody asked: ${unasked.map(shown).join(', ')}`);
  return pass('the plugin processed every critical attribute');
}

function stepResult({ verificationResults }: VerifySignatureResponse, step: VerifierCapability): StepResult {
  const result = verificationResults.get(step);
  if (result === undefined) return fail(`the plugin did not answer ${step}`);
  return result.success ? pass(`the plugin agrees: ${result.reason}`) : fail(`the plugin refuses: ${result.reason}`);
}

const checkNames: Readonly<Record<VerifierCapability, string>> = {
  'SIGNATURE_VERIFIER.TRUSTED_IDENTITY': 'identity',
  'SIGNATURE_VERIFIER.REVOCATION_CHECK': 'revocation',
};

function actionOf(step: VerifierCapability, { actions }: VerificationInput['statement']): 'enforce' | 'log' | 'skip' {
  return step === 'SIGNATURE_VERIFIER.REVOCATION_CHECK' ? actions.revocation : actions.authenticity;
}
