// A time stamp over a signature, from an RFC 3161 authority that the caller named and whose root he gave.
import { createHash } from 'node:crypto';
import type { Context } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import {
  buildTimestampRequest,
  maxTimestampBytes,
  parseTimestampResponse,
  verifyTimestamp,
  type Certificate,
  type HashName,
} from '@plombe/pki';
import { shownUrl, type ServiceClient } from './http.ts';

/** An authority to ask. */
export interface TimestampAuthority {
  readonly url: string;
  /** What its time stamps are verified with before they are kept; none: a signing configuration that names no root is taken as it is. */
  readonly roots: readonly Certificate[];
  /** Certificates between them and the authority, for tokens that bring none along. */
  readonly intermediates?: readonly Certificate[];
}

/** A time stamp in both forms: Sigstore keeps the whole answer, Notary Project the token in it. */
export interface ObtainedTimestamp {
  readonly response: Uint8Array;
  readonly token: Uint8Array;
}

/** 128 bits: nobody meets the same twice. */
const nonceBytes = 16;

/** Asks for a time stamp and verifies it. Throws `service/refused` where it is refused or does not hold, and what the client throws. */
export async function obtainTimestamp(
  { url, roots, intermediates = [] }: TimestampAuthority,
  signature: Uint8Array,
  hash: HashName,
  client: ServiceClient,
  ctx: Pick<Context, 'random'>,
): Promise<ObtainedTimestamp> {
  const imprint = { hash, digest: createHash(hash).update(signature).digest() };
  const nonce = ctx.random(nonceBytes);
  const answer = await client.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: buildTimestampRequest({ imprint, nonce }),
    maxBytes: maxTimestampBytes,
  });
  const fail = (reason: string): PlombeError =>
    new PlombeError('service/refused', `The time stamp authority ${shownUrl(url)} ${reason}.`);
  if (answer.status !== 200 && answer.status !== 201) throw fail(`answered with status ${answer.status}`);
  const response = parseTimestampResponse(answer.bytes);
  if (response.kind === 'refused') throw fail(`refused: ${[...response.failures, response.text].join(' ')}`);
  if (roots.length > 0) {
    const verdict = verifyTimestamp({ token: response.token, subject: { imprint }, roots, intermediates, nonce });
    if (verdict.kind !== 'verified') throw fail(`gave a time stamp that does not hold: ${verdict.reasons.join('; ')}`);
  }
  return { response: answer.bytes, token: response.token };
}
