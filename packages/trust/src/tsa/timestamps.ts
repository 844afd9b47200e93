// Time stamps over signatures (RFC 3161): the request to send, and the check of the answer before it is kept.
import { createHash } from 'node:crypto';
import { messageOf } from '@plombe/kit';
import {
  buildTimestampRequest,
  parseTimestampResponse,
  parseTimestampToken,
  readIntegerHex,
  derInteger,
  parseDer,
} from '@plombe/pki';

/** What is sent and what comes back over HTTP (RFC 3161, 3.4). */
export const timestampRequestType = 'application/timestamp-query';
export const timestampResponseType = 'application/timestamp-reply';

/** Builds a request over the SHA-256 of what is stamped, with a nonce of at least 8 random bytes. */
export function timestampRequest(stamped: Uint8Array, nonce: Uint8Array): Uint8Array {
  return buildTimestampRequest({ imprint: { hash: 'sha256', digest: sha256(stamped) }, nonce });
}

/** `kept`: the answer, whole, as bundles carry it. */
export type TimestampAnswer =
  | { readonly kind: 'kept'; readonly response: Uint8Array; readonly timeMs: number }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Checks that an answer grants a token for this request. Its signature is not verified here: that is done with the roots that a
 * verifier trusts.
 */
export function checkTimestampAnswer(response: Uint8Array, stamped: Uint8Array, nonce: Uint8Array): TimestampAnswer {
  try {
    const answer = parseTimestampResponse(response);
    if (answer.kind === 'refused') {
      return refused(`status ${answer.status} ${answer.failures.join(' ')} ${answer.text}`.trim());
    }
    const token = parseTimestampToken(answer.token);
    if (token.imprint.hash !== 'sha256' || Buffer.compare(token.imprint.digest, sha256(stamped)) !== 0) {
      return refused('the token is for something else');
    }
    if (token.nonce !== readIntegerHex(parseDer(derInteger(nonce)))) return refused('the token has another nonce');
    return { kind: 'kept', response, timeMs: token.timeMs };
  } catch (error) {
    return refused(messageOf(error));
  }
}

function refused(message: string): TimestampAnswer {
  return { kind: 'refused', message: `The time stamp authority's answer cannot be used: ${message}` };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
