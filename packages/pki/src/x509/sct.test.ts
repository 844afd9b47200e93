// Timestamps of certificate logs: made here by a real log key, and those of Fulcio's real certificates.
import { sharedPath } from '@plombe/kit/testing';
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { derOctets } from '../der/writer.ts';
import { sign } from '../signature/signature.ts';
import { issue, testExtension, testKey, testNowMs, type Issued } from '../testing/authority.ts';
import { parseCertificate } from './certificate.ts';
import { oid } from './oids.ts';
import { logIdOf, parseSctList, verifyEmbeddedScts } from './sct.ts';

const root = issue({ ca: true, subject: ['CN=root'] });
const log = testKey('p256');
const logKey = createPublicKey(log);

function sized(bytes: Uint8Array, size: number): Buffer {
  const head = Buffer.alloc(size);
  head.writeUIntBE(bytes.length, 0, size);
  return Buffer.concat([head, bytes]);
}

/** A certificate with one timestamp, as an authority makes it: the precertificate is signed first. */
function withSct(atMs = testNowMs, keyHash = createHash('sha256').update(root.certificate.spki).digest()): Issued {
  const options = { issuer: root, key: testKey('p256'), serial: 5 };
  const bare = issue(options).certificate;
  const head = Buffer.alloc(12);
  head.writeBigUInt64BE(BigInt(atMs), 2);
  head.writeUInt16BE(1, 10);
  const data = Buffer.concat([head, keyHash, sized(bare.tbs, 3), Buffer.alloc(2)]);
  const signature = sign({ algorithm: 'ecdsa-p256-sha256', key: log, data });
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(atMs));
  const sct = Buffer.concat([
    Buffer.of(0),
    Buffer.from(logIdOf(logKey), 'hex'),
    time,
    Buffer.of(0, 0, 4, 3),
    sized(signature, 2),
  ]);
  return issue({ ...options, extensions: [testExtension(oid.sctList, derOctets(sized(sized(sct, 2), 2)))] });
}

describe('verifyEmbeddedScts', () => {
  const { certificate } = withSct();
  const input = { certificate, issuer: root.certificate, logs: [{ key: logKey }] };

  it('verifies a timestamp over the precertificate', () => {
    const verdict = verifyEmbeddedScts(input);
    expect(verdict).toMatchObject({ kind: 'verified', scts: [{ timestampMs: testNowMs, logId: logIdOf(logKey) }] });
  });

  it.each([
    ['another log', { ...input, logs: [{ key: createPublicKey(testKey('p256')) }] }, 'not known'],
    ['no logs', { ...input, logs: [] }, 'not known'],
    ['a key that was not valid yet', { ...input, logs: [{ key: logKey, fromMs: testNowMs + 1 }] }, 'not valid yet'],
    ['a key that had expired', { ...input, logs: [{ key: logKey, untilMs: testNowMs - 1 }] }, 'any more'],
    ['another issuer', { ...input, issuer: issue({ ca: true, subject: ['CN=root'] }).certificate }, 'does not fit'],
    ['a certificate without any', { ...input, certificate: root.certificate }, 'no timestamp'],
    ['too few', { ...input, threshold: 2 }, '2 are needed'],
    ['a threshold of nothing met by nothing', { ...input, logs: [], threshold: 0 }, '0 certificate logs'],
  ] as const)('rejects %s', (_name, given, reason) => {
    const verdict = verifyEmbeddedScts(given);
    expect(verdict.kind).toBe('rejected');
    expect(verdict.checks[0]?.message).toContain(reason);
  });

  it('never verifies with any byte of the certificate changed', () => {
    const end = certificate.tbs.length;
    for (let at = 8; at < end; at++) {
      const bytes = Uint8Array.from(certificate.bytes);
      bytes[at] = (bytes[at] as number) ^ 0x10;
      try {
        expect(verifyEmbeddedScts({ ...input, certificate: parseCertificate(bytes) }).kind).toBe('rejected');
      } catch (error) {
        expect(error).toHaveProperty('name', 'PlombeError');
      }
    }
  });
});

const bundle = sharedPath('vectors/sigstore-conformance/test/assets/bundle-verify/happy-path/bundle.sigstore.json');

describe('Fulcio', () => {
  it.skipIf(bundle === undefined)('reads the timestamps and names of a real certificate', () => {
    const raw = JSON.parse(readFileSync(bundle as string, 'utf8'));
    const material = raw.verificationMaterial;
    const text = material.certificate?.rawBytes ?? material.x509CertificateChain.certificates[0].rawBytes;
    const certificate = parseCertificate(Buffer.from(text, 'base64'));
    const scts = parseSctList(certificate.extensions.get(oid.sctList)?.value as Uint8Array);
    expect(scts).toHaveLength(1);
    expect(Math.abs((scts[0]?.timestampMs as number) - certificate.notBeforeMs)).toBeLessThan(60_000);
  });
});
