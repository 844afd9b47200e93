// Time stamps: what proves that a signature is older than its certificate's end, and what does not.
import { describe, expect, it } from 'vitest';
import { issue, type Issued } from '@plombe/pki/testing';
import { issueTimestamper, makeToken } from '../../../pki/src/testing/timestamp.ts';
import { makeCrl } from '../../../pki/src/testing/revocation.ts';
import type { SigningRequest } from '../sign/sign.ts';
import {
  crlPoint,
  messageOf,
  network,
  outcomes,
  signed,
  statementOf,
  storeOf,
  testChain,
  testNowMs,
  verified,
} from '../testing/world.ts';

const dayMs = 86_400_000;
const stampRoot = issue({ subject: ['CN=stamp root'], ca: true, notAfterMs: testNowMs + 100 * dayMs });
const stamper = issueTimestamper({ issuer: stampRoot });
const stores = { trustStores: ['ca:acme', 'tsa:acme'] };
const trustStore = storeOf({ ca: [testChain.root.certificate], tsa: [stampRoot.certificate] });
const later = testNowMs + 10 * dayMs;

function stampBy(
  authority: Issued,
  options: Partial<Parameters<typeof makeToken>[0]> = {},
): SigningRequest['timestamp'] {
  return (message, hash) => Promise.resolve(makeToken({ authority, message, hash, ...options }));
}

describe.each(['jws', 'cose'] as const)('a time stamp of a %s signature', (format) => {
  const judge = async (timestamp: SigningRequest['timestamp'], statement = statementOf(stores), nowMs = later) =>
    verified(format, await signed(format, timestamp === undefined ? {} : { timestamp }), {
      statement,
      trustStore,
      nowMs,
    });

  it('lets the signature outlive its certificates', async () => {
    const result = await judge(stampBy(stamper));
    expect(result.verdict).toBe('verified');
    expect(messageOf(result, 'authentic-timestamp')).toContain('says CN=stamp');
    const lazy = { level: 'strict', verifyTimestamp: 'afterCertExpiry' };
    expect((await judge(stampBy(stamper), statementOf(stores, lazy))).verdict).toBe('verified');
  });

  it('is not asked for before expiry where the policy says so', async () => {
    const lazy = statementOf(stores, { level: 'strict', verifyTimestamp: 'afterCertExpiry' });
    expect((await judge(undefined, lazy, testNowMs)).verdict).toBe('verified');
    expect((await judge(undefined, lazy, later)).verdict).toBe('rejected');
    expect((await judge(undefined, statementOf(stores), testNowMs)).verdict).toBe('rejected');
  });

  it('is ignored where no trust store of type tsa is named', async () => {
    const result = await judge(stampBy(stamper), statementOf());
    expect(result.verdict).toBe('rejected');
    expect(messageOf(result, 'authentic-timestamp')).toContain('no trust store of type tsa');
  });

  const bad: readonly (readonly [string, SigningRequest['timestamp'], string])[] = [
    ['of an unknown authority', stampBy(issueTimestamper()), 'does not hold'],
    ['for another signature', stampBy(stamper, { message: Buffer.from('other') }), 'something else'],
    ['T41 outside the certificate’s validity', stampBy(stamper, { timeMs: testNowMs - 2 * dayMs }), 'does not hold'],
    [
      'T41 after the signer’s end',
      stampBy(issueTimestamper({ issuer: stampRoot, notAfterMs: testNowMs + 50 * dayMs }), {
        timeMs: testNowMs + 5 * dayMs,
      }),
      'expired',
    ],
    [
      'T41 within its accuracy of the signer’s end',
      stampBy(issueTimestamper({ issuer: stampRoot, notAfterMs: testNowMs + 50 * dayMs }), {
        timeMs: testNowMs + dayMs,
      }),
      'expired',
    ],
    ['by a certificate for other purposes', stampBy(issue({ issuer: stampRoot, subject: ['CN=no'] })), 'does not hold'],
    ['without signing-certificate-v2', stampBy(stamper, { version1: true }), 'signing-certificate-v2'],
    ['without key usage', stampBy(issueTimestamper({ issuer: stampRoot, keyUsage: [] })), 'key usage must hold'],
    ['T47 that is empty', () => Promise.resolve(new Uint8Array()), 'no time stamp'],
    ['T48 of 500 kB', () => Promise.resolve(new Uint8Array(500_000).fill(0x30)), 'does not hold'],
  ];

  it.each(bad)('%s does not count', async (_name, timestamp, message) => {
    const result = await judge(timestamp);
    expect(result.verdict).toBe('rejected');
    expect(messageOf(result, 'authentic-timestamp')).toContain(message);
  });

  it('with any byte changed is not believed', async () => {
    const token = await stampBy(stamper)?.(new Uint8Array(64), 'sha256');
    const statement = statementOf(stores);
    const size = token?.length ?? 0;
    for (let at = 0; at < size; at += 7) {
      const timestamp: SigningRequest['timestamp'] = async (message, hash) => {
        const changed = Uint8Array.from((await stampBy(stamper)?.(message, hash)) ?? []);
        changed[at % changed.length] = (changed[at % changed.length] as number) ^ 0x04;
        return changed;
      };
      expect([at, (await judge(timestamp, statement)).verdict]).toEqual([at, 'rejected']);
    }
  });

  it('T41 of a revoked authority is not believed, and unknown is not good', async () => {
    const revocable = issueTimestamper({ issuer: stampRoot, extensions: [crlPoint('http://crl.example/tsa')] });
    const envelope = await signed(format, { timestamp: stampBy(revocable) });
    const ask = (crl: Uint8Array | undefined, level: unknown = { level: 'strict' }) =>
      verified(format, envelope, {
        statement: statementOf(stores, level),
        trustStore,
        nowMs: testNowMs,
        ...(crl !== undefined && { revocation: { fetch: network({ 'http://crl.example/tsa': crl }) } }),
      });
    const good = makeCrl({ issuer: stampRoot });
    const revoked = makeCrl({ issuer: stampRoot, entries: [{ serial: revocable.certificate.serial }] });
    expect((await ask(good)).verdict).toBe('verified');
    expect((await ask(revoked)).verdict).toBe('rejected');
    const unknown = await ask(undefined);
    expect(unknown.verdict).toBe('undecidable');
    expect(outcomes(unknown)).toMatchObject({ 'authentic-timestamp': 'fail', revocation: 'skip' });
    expect((await ask(revoked, { level: 'permissive' })).verdict).toBe('verified');
    expect((await ask(undefined, { level: 'strict', override: { revocation: 'skip' } })).verdict).toBe('verified');
  });
});
