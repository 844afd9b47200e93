// Writes a Notary envelope as JWS in flattened JSON serialization (RFC 7515 section 7.2.2, signature-envelope-jws).
import { payloadMediaType, type EnvelopeBuilder, type EnvelopeDraft } from '../envelope/envelope.ts';
import { attributeHeaders, headerNames } from '../envelope/headers.ts';
import { formatTime } from '../envelope/time.ts';

/** Returns the bytes to sign and how to finish the envelope. */
export function buildJws({ algorithm, attributes, payload }: EnvelopeDraft): EnvelopeBuilder {
  const { headers, crit } = attributeHeaders(attributes, formatTime);
  const fields: readonly (readonly [string, unknown])[] = [
    ['alg', algorithm.jws],
    ['cty', payloadMediaType],
    ['crit', crit],
    ...headers,
  ];
  const protectedText = Buffer.from(JSON.stringify(Object.fromEntries(fields))).toString('base64url');
  const payloadText = Buffer.from(payload).toString('base64url');
  return {
    signedBytes: Buffer.from(`${protectedText}.${payloadText}`, 'latin1'),
    finish: ({ signature, chain, timestamp, signingAgent }) =>
      Buffer.from(
        JSON.stringify({
          payload: payloadText,
          protected: protectedText,
          header: {
            x5c: chain.map(base64),
            ...(timestamp !== undefined && { [headerNames.timestamp]: base64(timestamp) }),
            ...(signingAgent !== undefined && { [headerNames.signingAgent]: signingAgent }),
          },
          signature: Buffer.from(signature).toString('base64url'),
        }),
      ),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
