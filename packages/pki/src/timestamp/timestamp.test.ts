// Time stamps: tokens made here, and those of published Sigstore bundles.
import { sharedPath } from '@plombe/kit/testing';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { issue, testKey, testNowMs } from '../testing/authority.ts';
import { issueTimestamper, makeResponse, makeToken, type TestToken } from '../testing/timestamp.ts';
import { parseCertificate, type Certificate } from '../x509/certificate.ts';
import { purpose } from '../x509/oids.ts';
import { maxTimestampBytes, parseTimestampResponse } from './request.ts';
import { verifyTimestamp, type TimestampInput, type TimestampVerdict } from './verify.ts';

const root = issue({ subject: ['CN=root'], ca: true });
const authority = issueTimestamper({ issuer: root });
const message = Buffer.from('what is stamped');
const nonce = Uint8Array.of(0, 0x81, 2, 3, 4, 5, 6, 7);

function verify(token: Partial<TestToken>, input: Partial<TimestampInput> = {}): TimestampVerdict {
  const bytes = makeToken({ authority, message, ...token });
  return verifyTimestamp({ token: bytes, subject: { message }, roots: [root.certificate], ...input });
}

describe('verifyTimestamp', () => {
  it('answers the time, its accuracy, the policy and who stamped', () => {
    const verdict = verify({ nonce }, { nonce, policies: ['1.2.3.4'] });
    expect(verdict).toMatchObject({
      kind: 'verified',
      timeMs: testNowMs,
      accuracyMs: 1000,
      policy: '1.2.3.4',
      serial: '4d',
    });
    expect(verdict.kind === 'verified' && verdict.signer.subject.text).toBe('CN=stamp');
    expect(verdict.kind === 'verified' && verdict.chain).toHaveLength(2);
  });

  it.each(['p256', 'p384', 'p521', 'rsa2048', 'ed25519', 'ml-dsa-44'] as const)('verifies one signed by %s', (kind) => {
    expect(verify({ authority: issueTimestamper({ issuer: root, kind }) }).checks).toMatchObject([{ outcome: 'pass' }]);
  });

  it('takes an imprint in place of the message, and an answer in place of the token', () => {
    for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
      const imprint = { hash, digest: createHash(hash).update(message).digest() };
      expect(verify({ hash }, { subject: { imprint } }).kind).toBe('verified');
    }
    const response = makeResponse(makeToken({ authority, message }));
    expect(
      verifyTimestamp({ token: response, form: 'response', subject: { message }, roots: [root.certificate] }).kind,
    ).toBe('verified');
  });

  it('finds the certificate of a token that leaves it out', () => {
    expect(verify({ certificates: [] }, { intermediates: [authority.certificate] }).kind).toBe('verified');
  });

  it('accepts a certificate named by SHA-1, as older authorities do', () => {
    expect(verify({ version1: true }).kind).toBe('verified');
    expect(verify({ version1: true, names: root.certificate }).kind).toBe('rejected');
  });

  it('judges the chain at the time of the token, not later', () => {
    const short = issueTimestamper({ issuer: root, notAfterMs: testNowMs + 5000 });
    expect(verify({ authority: short, timeMs: testNowMs + 5000 }).kind).toBe('verified');
    expect(verify({ authority: short, timeMs: testNowMs + 6000 }).kind).toBe('rejected');
  });

  const middle = issue({ subject: ['CN=middle'], ca: true, issuer: root, notAfterMs: testNowMs - 5000 });
  const below = issueTimestamper({ issuer: middle });
  const forged = issueTimestamper({ issuer: { ...root, key: testKey('p256') } });
  const broken: readonly (readonly [string, TimestampVerdict, string])[] = [
    ['of something else', verify({}, { subject: { message: Buffer.from('x') } }), 'something else'],
    [
      'over another hash',
      verify({ hash: 'sha512' }, { subject: { imprint: { hash: 'sha256', digest: new Uint8Array(32) } } }),
      'sha512',
    ],
    ['with another nonce', verify({ nonce }, { nonce: Uint8Array.of(9) }), 'nonce'],
    ['without the nonce asked for', verify({}, { nonce }), 'nonce'],
    ['under another policy', verify({}, { policies: ['1.2.3.5'] }), 'policy'],
    [
      'of an unknown authority',
      verify({}, { roots: [issue({ ca: true, subject: ['CN=root'] }).certificate] }),
      'CN=stamp',
    ],
    ['T47 with no root', verify({}, { roots: [] }), 'no trusted root'],
    ['T47 that is empty', verify({}, { token: new Uint8Array() }), 'cut off'],
    ['T47 without any certificate', verify({ certificates: [] }), 'neither in it nor known'],
    [
      'by a certificate for other purposes too',
      verify({ authority: issueTimestamper({ issuer: root, purposes: [purpose.timeStamping, purpose.codeSigning] }) }),
      'alone',
    ],
    [
      'by a certificate whose purpose is not critical',
      verify({ authority: issueTimestamper({ issuer: root, purposesCritical: false }) }),
      'not critical',
    ],
    ['by a certificate without a purpose', verify({ authority: issue({ issuer: root }) }), 'alone'],
    [
      'by a key that may encipher',
      verify({ authority: issueTimestamper({ issuer: root, keyUsage: [0, 2] }) }),
      'keyEncipherment',
    ],
    ['that names another certificate', verify({ names: root.certificate }), 'names'],
    ['that names no certificate', verify({ names: 'nothing' }), 'does not name'],
    [
      'T41 of an expired intermediate',
      verify({ authority: below, certificates: [below.certificate, middle.certificate] }),
      'CN=middle: it expired',
    ],
    ['T41 outside the key’s validity', verify({ timeMs: testNowMs + 3 * 86_400_000 }), 'expired'],
    ['with a forged certificate', verify({ authority: forged }), 'signature'],
    ['whose signed digest is another', verify({ digest: new Uint8Array(32) }), 'digest'],
    ['with another kind of content', verify({ contentType: '1.2.3' }), 'no time stamp'],
    ['with another key', verify({ authority: { ...authority, key: testKey('p256') } }), 'signature'],
    ['T48 of 50 MB', verify({}, { token: new Uint8Array(50_000_000).fill(0x30) }), 'more than 131072'],
    [
      'T48 of 50 MB as answer',
      verify({}, { token: new Uint8Array(50_000_000).fill(0x30), form: 'response' }),
      'more than 131072',
    ],
    [
      'of 128 KiB of nested sequences',
      verify({}, { token: new Uint8Array(maxTimestampBytes).fill(0x30) }),
      'Malformed',
    ],
    ['that was refused', verify({}, { token: makeResponse(undefined), form: 'response' }), 'refused'],
  ];
  it.each(broken)('rejects a time stamp %s', (_name, verdict, reason) => {
    expect(verdict.kind).toBe('rejected');
    expect(verdict.checks[0]?.message).toContain(reason);
    expect(verdict.checks[0]?.message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('never verifies a token with any bit changed', () => {
    const bytes = makeToken({ authority, message, nonce });
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [at % 8, (at * 3 + 5) % 8]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        const verdict = verifyTimestamp({ token: changed, subject: { message }, roots: [root.certificate], nonce });
        expect([at, bit, verdict.kind]).toEqual([at, bit, 'rejected']);
      }
    }
  });
});

describe('parseTimestampResponse', () => {
  it('says why an authority refused', () => {
    expect(parseTimestampResponse(makeResponse(undefined))).toEqual({
      kind: 'refused',
      status: 2,
      failures: ['badRequest'],
      text: String.raw`no\u{1b}[31m`,
    });
  });
});

const assets = sharedPath('vectors/sigstore-conformance/test/assets/bundle-verify');

describe('Sigstore bundles', () => {
  const cases =
    assets === undefined
      ? []
      : readdirSync(assets).filter((name) => existsSync(join(assets, name, 'trusted_root.json')));
  const stamped = cases.flatMap((name) => {
    const bundle = JSON.parse(readFileSync(join(assets as string, name, 'bundle.sigstore.json'), 'utf8'));
    const tokens = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
    return tokens.length === 0 ? [] : [{ name, bundle, token: Buffer.from(tokens[0].signedTimestamp, 'base64') }];
  });
  const rejected: Readonly<Record<string, string>> = {
    'rekor2-timestamp-outside-tsa-cert-validity_fail': 'expired',
    'rekor2-timestamp-payload-mismatch_fail': 'something else',
    'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': 'no certificate of its issuer',
    'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': 'neither in it nor known',
  };

  if (stamped.length === 0) console.warn('skipped: no Sigstore bundles beside the project');
  it.skipIf(stamped.length === 0)('carry time stamps that hold, but for four', () => {
    expect(stamped.length).toBeGreaterThan(20);
    for (const { name, bundle, token } of stamped) {
      const trusted = JSON.parse(readFileSync(join(assets as string, name, 'trusted_root.json'), 'utf8'));
      const chain: Certificate[] = trusted.timestampAuthorities[0].certChain.certificates.map(
        (one: { rawBytes: string }) => parseCertificate(Buffer.from(one.rawBytes, 'base64')),
      );
      const signature = Buffer.from(
        bundle.messageSignature?.signature ?? bundle.dsseEnvelope.signatures[0].sig,
        'base64',
      );
      const verdict = verifyTimestamp({
        token,
        form: 'response',
        subject: { message: signature },
        roots: chain.slice(-1),
        intermediates: chain.slice(0, -1),
      });
      const wanted = rejected[name];
      expect([name, verdict.kind]).toEqual([name, wanted === undefined ? 'verified' : 'rejected']);
      if (wanted !== undefined) expect(verdict.checks[0]?.message).toContain(wanted);
    }
  });
});
