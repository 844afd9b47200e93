// Requests to a time stamping authority and its answers (RFC 3161, 2.4).
import { PlombeError, inert, kibibyte } from '@plombe/kit';
import { Fields } from '../der/fields.ts';
import { parseDer } from '../der/reader.ts';
import { tag } from '../der/tags.ts';
import { readText } from '../der/text.ts';
import { readNamedBits, readSmallInteger } from '../der/values.ts';
import { derBoolean, derInteger, derNull, derOctets, derOid, derSequence } from '../der/writer.ts';
import type { HashName } from '../signature/algorithms.ts';
import { hashOids } from '../signature/identifier.ts';

/** The hash of what is stamped. */
export interface Imprint {
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

/** 128 KiB for an answer or token: with its whole chain the largest of the public authorities has under 10 KiB. (T48) */
export const maxTimestampBytes = 128 * kibibyte;

/** Builds a TimeStampReq that asks for the authority's certificates. `nonce`: 8 random bytes or more, from the caller's source of chance. */
export function buildTimestampRequest(options: {
  readonly imprint: Imprint;
  readonly nonce?: Uint8Array;
  readonly policy?: string;
}): Uint8Array {
  const { imprint, nonce, policy } = options;
  return derSequence(
    derInteger(1),
    derSequence(derSequence(derOid(hashOids[imprint.hash]), derNull()), derOctets(imprint.digest)),
    ...(policy === undefined ? [] : [derOid(policy)]),
    ...(nonce === undefined ? [] : [derInteger(nonce)]),
    derBoolean(true),
  );
}

export type TimestampResponse =
  | { readonly kind: 'granted'; readonly token: Uint8Array }
  /** `text` is inert. */
  | { readonly kind: 'refused'; readonly status: number; readonly failures: readonly string[]; readonly text: string };

/** PKIFailureInfo's bits (RFC 3161, 2.4.2). */
const failureNames: Readonly<Record<number, string>> = {
  0: 'badAlg',
  2: 'badRequest',
  5: 'badDataFormat',
  14: 'timeNotAvailable',
  15: 'unacceptedPolicy',
  16: 'unacceptedExtension',
  17: 'addInfoNotAvailable',
  25: 'systemFailure',
};

/** Parses a TimeStampResp. Throws `pki/malformed`, and `pki/limit` beyond 128 KiB; the token in it is not parsed. */
export function parseTimestampResponse(bytes: Uint8Array): TimestampResponse {
  checkTimestampSize(bytes);
  const fields = new Fields(parseDer(bytes), 'a time stamp answer');
  const info = new Fields(fields.take(tag.sequence), 'a status');
  const status = readSmallInteger(info.take(tag.integer));
  const text = info.optional(tag.sequence)?.children.map(readText).join(' ') ?? '';
  const bits = info.optional(tag.bitString);
  info.end();
  const token = fields.optional(tag.sequence);
  fields.end();
  if (status <= 1 && token !== undefined) return { kind: 'granted', token: token.bytes };
  const failures = bits === undefined ? [] : readNamedBits(bits).map((bit) => failureNames[bit] ?? `failure ${bit}`);
  return { kind: 'refused', status, failures, text: inert(text.slice(0, 500)) };
}

/** Throws `pki/limit` for more than 128 KiB, before anything is parsed. */
export function checkTimestampSize(bytes: Uint8Array): void {
  if (bytes.length > maxTimestampBytes) {
    throw new PlombeError('pki/limit', `A time stamp has ${bytes.length} bytes, more than ${maxTimestampBytes}.`);
  }
}
