// Writes a Notary envelope as a tagged COSE_Sign1 (RFC 9052 section 4.2, signature-envelope-cose).
import { encodeCbor } from '../cbor/encode.ts';
import type { CborKey, CborValue } from '../cbor/value.ts';
import { payloadMediaType, type EnvelopeBuilder, type EnvelopeDraft } from '../envelope/envelope.ts';
import { attributeHeaders, headerNames } from '../envelope/headers.ts';
import { labels, signedBytesOf } from './labels.ts';

/** Returns the bytes to sign and how to finish the envelope. */
export function buildCose({ algorithm, attributes, payload }: EnvelopeDraft): EnvelopeBuilder {
  const { headers, crit } = attributeHeaders(attributes, (ms) => ({
    kind: 'tag',
    tag: labels.epochTime,
    value: Math.floor(ms / 1000),
  }));
  const protectedBytes = encodeCbor(
    new Map<CborKey, CborValue>([
      [labels.alg, algorithm.cose],
      [labels.crit, crit],
      [labels.contentType, payloadMediaType],
      ...(headers as readonly (readonly [string, CborValue])[]),
    ]),
  );
  return {
    signedBytes: signedBytesOf(protectedBytes, payload),
    finish: ({ signature, chain, timestamp, signingAgent }) => {
      const unprotected = new Map<CborKey, CborValue>([[labels.x5chain, chain]]);
      if (timestamp !== undefined) unprotected.set(headerNames.timestamp, timestamp);
      if (signingAgent !== undefined) unprotected.set(headerNames.signingAgent, signingAgent);
      return encodeCbor({ kind: 'tag', tag: labels.sign1, value: [protectedBytes, unprotected, payload, signature] });
    },
  };
}
