// What a verification asks a plugin, and what its answer means (plugin-extensibility, "Verification workflow using plugin").
import { isPlombeError, messageOf } from '@plombe/kit';
import type { Certificate } from '@plombe/pki';
import { payloadMediaType, type SignedAttributes } from '../envelope/envelope.ts';
import { formatTime } from '../envelope/time.ts';
import type { TrustPolicyStatement } from '../trust-policy/policy.ts';
import {
  verifierCapabilities,
  type PluginConfig,
  type PluginMetadata,
  type VerifierCapability,
  type VerifySignatureRequest,
  type VerifySignatureResponse,
} from './protocol.ts';
import { parseVerifySignature } from './responses.ts';
import { pluginMetadata, runPlugin, type Plugin } from './run.ts';

/** A plugin as a verification sees it. Both may throw `notation/plugin`. */
export interface VerificationPlugin {
  metadata(): Promise<PluginMetadata>;
  verify(request: VerifySignatureRequest): Promise<VerifySignatureResponse>;
}

/** Returns the verification side of an installed plugin. */
export function verificationPlugin(plugin: Plugin, config?: PluginConfig): VerificationPlugin {
  return {
    metadata: () => pluginMetadata(plugin, config),
    verify: (request) =>
      runPlugin(
        plugin,
        'verify-signature',
        config === undefined ? request : { ...request, pluginConfig: config },
        parseVerifySignature,
      ),
  };
}

/** What a plugin takes over, or why it cannot be used. */
export type PluginOffer =
  | { readonly kind: 'usable'; readonly plugin: VerificationPlugin; readonly steps: readonly VerifierCapability[] }
  | { readonly kind: 'unusable'; readonly message: string };

/** Finds the plugin that a signature demands and compares its version. Throws nothing of the plugin's. */
export async function findPlugin(
  attributes: SignedAttributes,
  find: ((name: string) => Promise<VerificationPlugin | undefined>) | undefined,
): Promise<PluginOffer> {
  const name = attributes.verificationPlugin ?? '';
  const least = attributes.verificationPluginMinVersion;
  try {
    const plugin = await find?.(name);
    if (plugin === undefined)
      return { kind: 'unusable', message: `the signature demands the plugin ${name}, which is not at hand` };
    const { version, capabilities } = await plugin.metadata();
    const steps = verifierCapabilities.filter((one) => capabilities.includes(one));
    if (steps.length === 0) return { kind: 'unusable', message: `the plugin ${name} cannot verify` };
    if (least !== undefined && !atLeast(version, least))
      return { kind: 'unusable', message: `the plugin ${name} is ${version}, the signature demands ${least} or later` };
    return { kind: 'usable', plugin, steps };
  } catch (thrown) {
    if (!isPlombeError(thrown, 'notation/plugin')) throw thrown;
    return { kind: 'unusable', message: messageOf(thrown) };
  }
}

const semver = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** SemVer 2.0.0 section 11; a version that is none is never at least another. */
export function atLeast(version: string, least: string): boolean {
  const [a, b] = [semver.exec(version), semver.exec(least)];
  if (a === null || b === null) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part]) - Number(b[part]);
    if (difference !== 0) return difference > 0;
  }
  return comparePrerelease(a[4], b[4]) >= 0;
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === y) continue;
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const [xNumber, yNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (xNumber && yNumber && Number(x) !== Number(y)) return Number(x) - Number(y);
    if (xNumber !== yNumber) return xNumber ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** Builds the request for the steps a plugin takes over. */
export function verifyRequest(
  attributes: SignedAttributes,
  chain: readonly Certificate[],
  { trustedIdentities }: TrustPolicyStatement,
  steps: readonly VerifierCapability[],
): VerifySignatureRequest {
  const { scheme, expiryMs, authenticSigningTimeMs, verificationPlugin: name } = attributes;
  const minVersion = attributes.verificationPluginMinVersion;
  return {
    contractVersion: '1.0',
    signature: {
      criticalAttributes: {
        contentType: payloadMediaType,
        signingScheme: scheme,
        ...(expiryMs !== undefined && { expiry: formatTime(expiryMs) }),
        ...(authenticSigningTimeMs !== undefined && { authenticSigningTime: formatTime(authenticSigningTimeMs) }),
        ...(name !== undefined && { verificationPlugin: name }),
        ...(minVersion !== undefined && { verificationPluginMinVersion: minVersion }),
        extendedAttributes: extendedOf(attributes),
      },
      unprocessedAttributes: unknownCritical(attributes),
      certificateChain: chain.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
    },
    trustPolicy: {
      trustedIdentities: trustedIdentities === '*' ? ['*'] : trustedIdentities.map(({ text }) => text),
      signatureVerification: steps,
    },
  };
}

/** Names of the critical attributes that only a plugin can understand. */
export function unknownCritical({ extended }: SignedAttributes): readonly string[] {
  return extended.filter(({ critical }) => critical).map(({ name }) => name);
}

/** Only primitive values can be passed on; a critical attribute that is none stays unprocessed and is rejected by its absence. */
function extendedOf({ extended }: SignedAttributes): Readonly<Record<string, string | number | boolean | null>> {
  const values = Object.create(null) as Record<string, string | number | boolean | null>;
  for (const { name, value, critical } of extended)
    if (critical && (value === null || ['string', 'number', 'boolean'].includes(typeof value)))
      values[name] = value as string | number | boolean | null;
  return values;
}
