// Asks a time stamp authority for a countersignature and believes it only once it is verified (signing-and-verification-workflow, "Signing Steps").
import { createHash } from 'node:crypto';
import { isPlombeError, messageOf } from '@plombe/kit';
import { buildTimestampRequest, parseTimestampResponse, type Certificate, type HashName } from '@plombe/pki';
import { judgeTimestamp } from '../certificates/timestamp.ts';
import { refused } from './signer.ts';

/** Gets an RFC 3161 TimeStampToken for a signature; throws where it cannot. `hash`: the one the signing key calls for. */
export type TimestampRequester = (signature: Uint8Array, hash: HashName) => Promise<Uint8Array>;

/** An authority and how to reach it. */
export interface TimestampAuthority {
  /** Posts a TimeStampReq as `application/timestamp-query` and returns the body of the answer, which it has bounded. */
  readonly post: (request: Uint8Array) => Promise<Uint8Array>;
  readonly roots: readonly Certificate[];
  /** Random bytes for the nonce. */
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** Returns a requester for an authority. It throws `notation/signing` where the authority refuses or its token does not hold. */
export function timestampRequester({ post, roots, random }: TimestampAuthority): TimestampRequester {
  return async (signature, hash) => {
    // A leading zero bit keeps the nonce a positive number of this very length.
    const nonce = Uint8Array.from(random(16), (byte, i) => (i === 0 ? (byte & 0x7f) | 0x40 : byte));
    const digest = createHash(hash).update(signature).digest();
    const answer = parsed(await post(buildTimestampRequest({ imprint: { hash, digest }, nonce })));
    if (answer.kind === 'refused')
      throw refused(`the time stamp authority refused: ${[...answer.failures, answer.text].join(' ')}`);
    const judged = judgeTimestamp(answer.token, { signature, roots, nonce });
    if (judged.kind === 'refused') throw refused(`the time stamp does not hold: ${judged.message}`);
    return answer.token;
  };
}

function parsed(bytes: Uint8Array): ReturnType<typeof parseTimestampResponse> {
  try {
    return parseTimestampResponse(bytes);
  } catch (thrown) {
    if (isPlombeError(thrown)) throw refused(`the time stamp authority's answer cannot be read: ${messageOf(thrown)}`);
    throw thrown;
  }
}
