// Reads the answers of plugins; whatever breaks the protocol is `notation/plugin`, never a guess (plugin-extensibility, "Plugin contract").
import { field, isObject, textField, type JsonObject } from '@plombe/kit';
import { notaryAlgorithms } from '../envelope/algorithm.ts';
import { decodeBase64 } from '../envelope/base64.ts';
import { maxChainLength } from '../envelope/envelope.ts';
import { shown } from '../envelope/headers.ts';
import { demand } from '../malformed.ts';
import type {
  DescribeKeyResponse,
  GenerateEnvelopeResponse,
  GenerateSignatureResponse,
  PluginMetadata,
  VerifySignatureResponse,
} from './protocol.ts';

/** Reads the answer to `get-plugin-metadata`; it must support contract version 1.x. Throws `Malformed`. */
export function parseMetadata(answer: JsonObject): PluginMetadata {
  const supportedContractVersions = texts(answer, 'supportedContractVersions');
  const capabilities = texts(answer, 'capabilities');
  demand(capabilities.length > 0, 'capabilities are empty');
  demand(
    supportedContractVersions.includes('1.0'),
    `it supports the contract ${supportedContractVersions.map(shown).join(', ')}, not 1.0`,
  );
  return {
    name: text(answer, 'name'),
    description: text(answer, 'description'),
    version: text(answer, 'version'),
    url: text(answer, 'url'),
    supportedContractVersions,
    capabilities,
  };
}

/** Reads the answer to `describe-key` for a key. Throws `Malformed`. */
export function parseDescribeKey(answer: JsonObject, keyId: string): DescribeKeyResponse {
  demand(text(answer, 'keyId') === keyId, 'the answer is about another key');
  const keySpec = notaryAlgorithms.find((row) => row.keySpec === field(answer, 'keySpec'))?.keySpec;
  demand(keySpec !== undefined, 'keySpec is not one the specification names');
  return { keyId, keySpec };
}

/** Reads the answer to `generate-signature` for a key. Throws `Malformed`. */
export function parseGenerateSignature(answer: JsonObject, keyId: string): GenerateSignatureResponse {
  demand(text(answer, 'keyId') === keyId, 'the answer is about another key');
  const signingAlgorithm = text(answer, 'signingAlgorithm');
  demand(
    notaryAlgorithms.some((row) => row.name === signingAlgorithm),
    'signingAlgorithm is not one the specification names',
  );
  const chain = texts(answer, 'certificateChain');
  demand(chain.length > 0 && chain.length <= maxChainLength, 'certificateChain is empty or too long');
  return {
    keyId,
    signingAlgorithm,
    signature: decodeBase64(field(answer, 'signature'), 'signature'),
    certificateChain: chain.map((one) => decodeBase64(one, 'certificateChain')),
  };
}

/** Reads the answer to `generate-envelope` for a media type. Throws `Malformed`. */
export function parseGenerateEnvelope(answer: JsonObject, mediaType: string): GenerateEnvelopeResponse {
  demand(text(answer, 'signatureEnvelopeType') === mediaType, 'the envelope is of another type than asked for');
  const annotations = Object.create(null) as Record<string, string>;
  const given = field(answer, 'annotations') ?? {};
  demand(isObject(given), 'annotations are not an object');
  for (const [name, value] of Object.entries(given)) {
    demand(typeof value === 'string', `annotation ${shown(name)} is not a text`);
    annotations[name] = value;
  }
  return {
    signatureEnvelope: decodeBase64(field(answer, 'signatureEnvelope'), 'signatureEnvelope'),
    signatureEnvelopeType: mediaType,
    annotations,
  };
}

/** Reads the answer to `verify-signature`. Throws `Malformed`. */
export function parseVerifySignature(answer: JsonObject): VerifySignatureResponse {
  const results = field(answer, 'verificationResults');
  demand(isObject(results), 'verificationResults are missing');
  const verificationResults = new Map<string, { readonly success: boolean; readonly reason: string }>();
  for (const [name, result] of Object.entries(results)) {
    demand(isObject(result), `the result ${shown(name)} is not an object`);
    const success = field(result, 'success');
    demand(typeof success === 'boolean', `the result ${shown(name)} says neither true nor false`);
    verificationResults.set(name, { success, reason: textField(result, 'reason') ?? '' });
  }
  return { verificationResults, processedAttributes: texts(answer, 'processedAttributes') };
}

function text(answer: JsonObject, name: string): string {
  const value = field(answer, name);
  demand(typeof value === 'string' && value !== '', `${name} is missing`);
  return value;
}

function texts(answer: JsonObject, name: string): readonly string[] {
  const value = field(answer, name);
  demand(Array.isArray(value) && value.every((one) => typeof one === 'string'), `${name} is not a list of texts`);
  return value;
}
