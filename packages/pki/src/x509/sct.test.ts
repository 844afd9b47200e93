// Timestamps of certificate logs: made here by a real log key, and those of Fulcio's real certificates.
import { sharedPath } from '@plombe/kit/testing';
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { derOctets } from '../der/writer.ts';
import { sign } from '../signature/signature.ts';
import { issue, testExtension, testKey, testNowMs, type Issued } from '../testing/authority.ts';
import { parseCertificate, type Certificate } from './certificate.ts';
import { verifyChain } from './chain.ts';
import { oid, purpose } from './oids.ts';
import { logIdOf, parseSctList, verifyEmbeddedScts, type CtLog } from './sct.ts';

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

const assets = sharedPath('vectors/sigstore-conformance/test/assets/bundle-verify');
if (assets === undefined) console.warn('skipped: no Sigstore bundles beside the project');

describe('Fulcio', () => {
  it
    .skipIf(assets === undefined)
    .each([
      'intoto-with-custom-trust-root',
      'bundle-with-sct-with-extensions',
      'trust-root-tlog-validity-end-inclusive',
    ])('certificates of %s chain to their authority and hold a timestamp of their log', (name) => {
    const read = (file: string): string => readFileSync(`${assets}/${name}/${file}`, 'utf8');
    const { verificationMaterial: material } = JSON.parse(read('bundle.sigstore.json'));
    const trusted = JSON.parse(read('trusted_root.json'));
    const parse = ({ rawBytes }: { rawBytes: string }): Certificate =>
      parseCertificate(Buffer.from(rawBytes, 'base64'));
    const leaf = parse(material.certificate ?? material.x509CertificateChain.certificates[0]);
    const chains: Certificate[][] = trusted.certificateAuthorities.map(
      (one: { certChain: { certificates: { rawBytes: string }[] } }) => one.certChain.certificates.map(parse),
    );
    const chain = verifyChain({
      leaf,
      intermediates: chains.flatMap((one) => one.slice(0, -1)),
      roots: chains.flatMap((one) => one.slice(-1)),
      atMs: leaf.notBeforeMs,
      purpose: purpose.codeSigning,
    });
    expect(chain.checks).toMatchObject([{ outcome: 'pass' }]);
    const logs: CtLog[] = trusted.ctlogs.map((one: { publicKey: { rawBytes: string } }) => ({
      key: createPublicKey({ key: Buffer.from(one.publicKey.rawBytes, 'base64'), format: 'der', type: 'spki' }),
    }));
    const issuer = chain.kind === 'verified' ? (chain.chain[1] as Certificate) : leaf;
    expect(verifyEmbeddedScts({ certificate: leaf, issuer, logs }).checks).toMatchObject([{ outcome: 'pass' }]);
    expect(verifyEmbeddedScts({ certificate: leaf, issuer: leaf, logs }).kind).toBe('rejected');
  });
});

describe('parseSctList', () => {
  it.each(['', '0400', '04020000', '04020002', '040400020001', '0404000200ff'])(
    'refuses or reads as none %s',
    (text) => {
      try {
        expect(parseSctList(Buffer.from(text, 'hex'))).toEqual([]);
      } catch (error) {
        expect(error).toHaveProperty('code', 'pki/malformed');
      }
    },
  );
});
