// Signing through a plugin: raw signatures that are put into an envelope here, or whole envelopes that are checked (plugin-extensibility, "Signing interfaces").
import { isPlombeError, messageOf } from '@plombe/kit';
import { parseCertificate, type Certificate } from '@plombe/pki';
import { chainProblem } from '../certificates/requirements.ts';
import { judgeTimestamp } from '../certificates/timestamp.ts';
import { notaryAlgorithms, type NotaryAlgorithm } from '../envelope/algorithm.ts';
import { envelopeMediaTypes, payloadMediaType, type Envelope, type EnvelopeFormat } from '../envelope/envelope.ts';
import { formatPayload, type TargetArtifact } from '../envelope/payload.ts';
import { checkIntegrity } from '../verify/integrity.ts';
import type { NotarySigner } from '../sign/signer.ts';
import type {
  DescribeKeyRequest,
  GenerateEnvelopeRequest,
  GenerateEnvelopeResponse,
  GenerateSignatureRequest,
  PluginConfig,
} from './protocol.ts';
import { parseDescribeKey, parseGenerateEnvelope, parseGenerateSignature } from './responses.ts';
import { pluginError, runPlugin, type Plugin } from './run.ts';

/** A key of a plugin: what `signingkeys.json` says of it. */
export interface PluginKey {
  readonly keyId: string;
  readonly pluginConfig?: PluginConfig;
}

/** Returns a signer that asks the plugin for each signature; the chain comes with it. Throws `notation/plugin`. */
export async function pluginSigner(plugin: Plugin, key: PluginKey): Promise<NotarySigner> {
  const request: DescribeKeyRequest = { contractVersion: '1.0', ...key };
  const { keySpec } = await runPlugin(plugin, 'describe-key', request, (answer) => parseDescribeKey(answer, key.keyId));
  const algorithm = notaryAlgorithms.find((row) => row.keySpec === keySpec) as NotaryAlgorithm;
  return {
    algorithm,
    async sign(bytes) {
      const answer = await runPlugin(
        plugin,
        'generate-signature',
        {
          ...request,
          keySpec,
          hashAlgorithm: hashNames[algorithm.hash],
          payload: Buffer.from(bytes).toString('base64'),
        } satisfies GenerateSignatureRequest,
        (given) => parseGenerateSignature(given, key.keyId),
      );
      if (answer.signingAlgorithm !== algorithm.name)
        throw pluginError(
          plugin,
          'generate-signature',
          `it signed with ${answer.signingAlgorithm}, not ${algorithm.name}`,
        );
      return { signature: answer.signature, chain: certificates(plugin, answer.certificateChain) };
    },
  };
}

const hashNames = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;

function certificates(plugin: Plugin, chain: readonly Uint8Array[]): readonly Certificate[] {
  try {
    return chain.map(parseCertificate);
  } catch (thrown) {
    if (!isPlombeError(thrown)) throw thrown;
    throw pluginError(plugin, 'generate-signature', messageOf(thrown).replace(/\.$/, ''), { cause: thrown });
  }
}

/** What a plugin should make an envelope for. */
export interface EnvelopeRequest {
  readonly format: EnvelopeFormat;
  readonly target: TargetArtifact;
  readonly expirySeconds?: number;
  /** Roots of the authorities whose time stamps are believed; absent: a time stamp of the plugin is left for the verifier to judge. */
  readonly timestampRoots?: readonly Certificate[];
}

/**
 * Asks a plugin for a whole envelope and believes it only where its signature holds, its chain is a code signing chain and its payload is the
 * one asked for; the plugin may add annotations, never change one. Throws `notation/plugin`.
 */
export async function pluginEnvelope(
  plugin: Plugin,
  key: PluginKey,
  { format, target, expirySeconds, timestampRoots }: EnvelopeRequest,
): Promise<GenerateEnvelopeResponse & { readonly chain: readonly Certificate[] }> {
  const command = 'generate-envelope';
  const mediaType = envelopeMediaTypes[format];
  const request: GenerateEnvelopeRequest = {
    contractVersion: '1.0',
    ...key,
    ...(expirySeconds !== undefined && { expiryDurationInSeconds: expirySeconds }),
    payload: Buffer.from(formatPayload(target)).toString('base64'),
    payloadType: payloadMediaType,
    signatureEnvelopeType: mediaType,
  };
  const answer = await runPlugin(plugin, command, request, (given) => parseGenerateEnvelope(given, mediaType));
  const integrity = checkIntegrity(format, answer.signatureEnvelope);
  if (integrity.kind === 'broken') throw pluginError(plugin, command, integrity.step.message);
  const { envelope, chain, target: signed } = integrity.signature;
  const problem =
    chainProblem(chain) ??
    targetProblem(signed, target) ??
    (expirySeconds !== undefined && envelope.attributes.expiryMs === undefined
      ? 'it left out the expiry that was asked for'
      : undefined) ??
    timestampProblem(envelope, timestampRoots);
  if (problem !== undefined) throw pluginError(plugin, command, problem);
  return { ...answer, chain };
}

function timestampProblem(
  { timestamp, signature }: Envelope,
  roots: readonly Certificate[] | undefined,
): string | undefined {
  if (timestamp === undefined || roots === undefined) return undefined;
  const judged = judgeTimestamp(timestamp, { signature, roots });
  return judged.kind === 'refused' ? `its time stamp does not hold: ${judged.message}` : undefined;
}

function targetProblem(signed: TargetArtifact, asked: TargetArtifact): string | undefined {
  for (const name of ['mediaType', 'digest', 'sizeBytes', 'artifactType'] as const)
    if (signed[name] !== asked[name]) return `it changed the ${name} of the target`;
  for (const [name, value] of Object.entries(asked.annotations))
    if (!Object.hasOwn(signed.annotations, name) || signed.annotations[name] !== value)
      return `it changed the annotation ${name}`;
  return undefined;
}
