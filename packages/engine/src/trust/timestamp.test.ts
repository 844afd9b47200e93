import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { derInteger, derSequence } from '@plombe/pki';
import { issue, testNowMs } from '@plombe/pki/testing';
import { issueTimestamper, makeToken } from '@plombe/pki/testing/timestamp';
import type { ServiceClient } from './http.ts';
import { obtainTimestamp, type TimestampAuthority } from './timestamp.ts';

const root = issue({ subject: ['CN=root'], ca: true });
const intermediate = issue({ subject: ['CN=intermediate'], ca: true, issuer: root });
const stranger = issue({ ca: true });
const stamper = issueTimestamper({ issuer: intermediate });
const signature = Buffer.from('a signature');
const nonce = Buffer.alloc(16, 0x42);
const ctx = { random: () => nonce };

/** An authority that stamps `message` with only its own certificate in the token, as Sigstore's does. */
function clientFor(message: Uint8Array): ServiceClient {
  const token = makeToken({ authority: stamper, message, nonce, timeMs: testNowMs });
  const bytes = derSequence(derSequence(derInteger(0)), token);
  return { close: () => undefined, send: () => Promise.resolve({ status: 201, headers: {}, bytes }) };
}

const url = 'https://stamps.example';

function obtain(authority: Omit<TimestampAuthority, 'url'>, message: Uint8Array = signature): Promise<string> {
  return obtainTimestamp({ url, ...authority }, signature, 'sha256', clientFor(message), ctx).then(
    ({ token }) => (token.length > 0 ? 'kept' : 'empty'),
    (thrown: unknown) => (isPlombeError(thrown) ? thrown.code : String(thrown)),
  );
}

describe('a time stamp whose token brings only its own certificate along', () => {
  it('is kept where the certificates between are given', async () => {
    const intermediates = [stamper, intermediate, root].map(({ certificate }) => certificate);
    expect(await obtain({ roots: [root.certificate], intermediates })).toBe('kept');
  });

  it.each([
    ['where they are missing', { roots: [root.certificate] }, signature],
    ['under another root', { roots: [stranger.certificate], intermediates: [intermediate.certificate] }, signature],
    ['over something else', { roots: [root.certificate], intermediates: [intermediate.certificate] }, Buffer.from('x')],
  ] as const)('T41 is refused %s', async (_, authority, message) => {
    expect(await obtain(authority, message)).toBe('service/refused');
  });
});
