// Reads a tagged COSE_Sign1 as a Notary envelope (RFC 9052 sections 3 and 4.2, RFC 9360 for x5chain, signature-envelope-cose).
import { decodeCbor } from '../cbor/decode.ts';
import { isTag, type CborKey, type CborMap, type CborValue } from '../cbor/value.ts';
import { notaryAlgorithms } from '../envelope/algorithm.ts';
import { maxChainLength, payloadMediaType, type Envelope } from '../envelope/envelope.ts';
import { headerNames, shown, signedAttributes } from '../envelope/headers.ts';
import { parseSeconds } from '../envelope/time.ts';
import { demand, within } from '../malformed.ts';
import { labels, signedBytesOf } from './labels.ts';

/** Returns the envelope. Throws `Malformed` and `LimitReached`. */
export function parseCose(bytes: Uint8Array): Envelope {
  const message = decodeCbor(bytes);
  demand(isTag(message, labels.sign1), 'COSE: not a tagged COSE_Sign1');
  const parts = message.value;
  demand(Array.isArray(parts) && parts.length === 4, 'COSE: not an array of four');
  const [protectedBytes, unprotectedHeader, payload, signature] = parts as readonly CborValue[];
  demand(protectedBytes instanceof Uint8Array, 'COSE: the protected header is not a byte string');
  demand(unprotectedHeader instanceof Map, 'COSE: the unprotected header is not a map');
  demand(payload instanceof Uint8Array, 'COSE: the payload is not a byte string');
  demand(signature instanceof Uint8Array, 'COSE: the signature is not a byte string');
  const protectedHeader = decodeCbor(protectedBytes);
  demand(protectedHeader instanceof Map, 'COSE: the protected header is not a map');
  for (const key of unprotectedHeader.keys())
    demand(!protectedHeader.has(key), `COSE: ${shown(String(key))} is both protected and unprotected`);
  const unprotected: CborMap = unprotectedHeader as CborMap;
  return {
    format: 'cose',
    ...protectedParts(protectedHeader as CborMap),
    payload,
    signedBytes: signedBytesOf(protectedBytes, payload),
    signature,
    chain: chainOf(protectedHeader.get(labels.x5chain) ?? unprotected.get(labels.x5chain)),
    ...unprotectedParts(unprotected),
  };
}

function protectedParts(header: CborMap): Pick<Envelope, 'algorithm' | 'attributes'> {
  const algorithm = notaryAlgorithms.find((row) => row.cose === header.get(labels.alg));
  demand(algorithm !== undefined, 'alg: not an algorithm of the Notary Project');
  demand(header.get(labels.contentType) === payloadMediaType, `content type: not ${payloadMediaType}`);
  const own: readonly CborKey[] = [labels.alg, labels.crit, labels.contentType, labels.x5chain];
  const headers = new Map(
    [...header].filter(([key]) => !own.includes(key)).map(([key, value]) => [nameOf(key), value]),
  );
  demand(
    headers.size === header.size - own.filter((key) => header.has(key)).length,
    'COSE: a label and a name collide',
  );
  return { algorithm, attributes: signedAttributes({ headers, crit: critOf(header), time }) };
}

/** The labels that `crit` lists; those of 0 to 8 must not be in it (signature-envelope-cose). x5chain is understood, so it counts as done. */
function critOf(header: CborMap): readonly string[] {
  const crit = header.get(labels.crit);
  demand(Array.isArray(crit) && crit.length > 0, 'crit: not a list of labels');
  const names: string[] = [];
  for (const key of crit as readonly CborValue[]) {
    demand(typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint', 'crit: not a list of labels');
    demand(typeof key === 'string' || key < 0 || key > 8, `crit: must not list label ${String(key)}`);
    demand(header.has(key), `crit: lists ${shown(String(key))}, which is not a protected header`);
    if (key !== labels.x5chain) names.push(nameOf(key));
  }
  return names;
}

/** Integer labels become names that no text label should have. */
function nameOf(key: CborKey): string {
  return typeof key === 'string' ? key : `label ${String(key)}`;
}

/** Times are tag 1 over whole seconds, RFC 8949 section 3.4.2. */
function time(value: unknown, name: string): number {
  const seconds = isTag(value as CborValue, labels.epochTime) ? (value as { value: unknown }).value : undefined;
  return parseSeconds(seconds, name);
}

function chainOf(value: CborValue): readonly Uint8Array[] {
  demand(Array.isArray(value) && value.length > 0, 'x5chain: no certificates');
  within(value.length <= maxChainLength, `x5chain: more than ${String(maxChainLength)} certificates`);
  const chain = value as readonly CborValue[];
  demand(
    chain.every((one) => one instanceof Uint8Array),
    'x5chain: a certificate is not a byte string',
  );
  return chain;
}

function unprotectedParts(header: CborMap): Pick<Envelope, 'timestamp' | 'signingAgent'> {
  const timestamp = header.get(headerNames.timestamp);
  const agent = header.get(headerNames.signingAgent);
  demand(timestamp === undefined || timestamp instanceof Uint8Array, `${headerNames.timestamp}: not a byte string`);
  return { ...(timestamp !== undefined && { timestamp }), ...(typeof agent === 'string' && { signingAgent: agent }) };
}
