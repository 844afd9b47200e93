// Certificates: each field of made ones, every public root against Node's own reader, and hostile bytes.
import fc from 'fast-check';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { parseDer, type DerNode } from '../der/reader.ts';
import {
  derImplicit,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derTagged,
  derText,
  derValue,
} from '../der/writer.ts';
import { writePem } from '../pem/pem.ts';
import { issue, testExtension, testName, testNowMs } from '../testing/authority.ts';
import { maxCertificateBytes, parseCertificate, parseCertificates } from './certificate.ts';
import { isSelfSigned } from './issued.ts';
import { readName } from './name.ts';
import { oid, purpose } from './oids.ts';

const uri = (text: string): Uint8Array => derImplicit(6, Buffer.from(text));

describe('parseCertificate', () => {
  it('reads every field', () => {
    const root = issue({ subject: ['C=DE', 'O=Example', 'CN=root'], ca: true, pathLength: 1 });
    const other = derTagged(0, derOid(oid.fulcioOtherName), derTagged(0, derText('runner ä')));
    const point = derSequence(derTagged(0, derTagged(0, uri('http://x/ca.crl'))));
    const access = derSequence(
      derSequence(derOid(oid.ocspAccess), uri('http://x/ocsp')),
      derSequence(derOid(oid.issuersAccess), uri('http://x/ca.crt')),
    );
    const { certificate } = issue({
      issuer: root,
      serial: 0x80ff,
      subject: [],
      purposes: [purpose.codeSigning],
      names: [
        derImplicit(1, Buffer.from('a@b.test')),
        uri('https://x/y'),
        derImplicit(2, Buffer.from('b.test')),
        derImplicit(7, Buffer.of(1, 2, 3, 4)),
        other,
      ],
      extensions: [
        testExtension(oid.crlDistributionPoints, derSequence(point)),
        testExtension(oid.authorityInfoAccess, access),
        testExtension('1.2.3', derInteger(1), true),
      ],
    });
    expect(certificate).toMatchObject({
      serial: '80ff',
      issuer: { text: 'CN=root,O=Example,C=DE' },
      subject: { text: '', rdns: [] },
      notBeforeMs: testNowMs - 86_400_000,
      notAfterMs: testNowMs + 86_400_000,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [purpose.codeSigning],
      crlPoints: [{ uris: ['http://x/ca.crl'], partial: false }],
      ocspUris: ['http://x/ocsp'],
      issuerUris: ['http://x/ca.crt'],
      unknownCritical: ['1.2.3'],
      authorityKeyId: root.certificate.subjectKeyId,
    });
    expect(certificate.subjectAltNames).toMatchObject([
      { kind: 'email', value: 'a@b.test' },
      { kind: 'uri', value: 'https://x/y' },
      { kind: 'dns', value: 'b.test' },
      { kind: 'ip', value: Buffer.of(1, 2, 3, 4) },
      { kind: 'other', oid: oid.fulcioOtherName, value: 'runner ä' },
    ]);
    expect(root.certificate.basicConstraints).toEqual({ ca: true, pathLength: 1 });
    expect(certificate.basicConstraints).toBeUndefined();
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('reads every public root as Node does', () => {
    const pems = rootCertificates.join('\n');
    const all = parseCertificates(pems);
    expect(all).toHaveLength(rootCertificates.length);
    for (const [index, certificate] of all.entries()) {
      const node = new X509Certificate(rootCertificates[index] as string);
      expect(Buffer.compare(certificate.bytes, node.raw)).toBe(0);
      expect(certificate.serial.toUpperCase().replace(/^0+/, '')).toBe(node.serialNumber.replace(/^0+/, ''));
      expect(certificate.notBeforeMs).toBe(Date.parse(node.validFrom));
      expect(certificate.notAfterMs).toBe(Date.parse(node.validTo));
      expect(certificate.basicConstraints?.ca ?? false).toBe(node.ca);
      expect(certificate.publicKey.equals(node.publicKey)).toBe(true);
      // Roots that are signed with SHA-1 are readable, and no signature of theirs is believed.
      if (isSelfSigned(certificate)) expect(node.verify(node.publicKey)).toBe(true);
    }
    expect(all.filter(isSelfSigned).length).toBeGreaterThan(50);
  });

  const good = issue().certificate.bytes;
  const twice = testExtension('1.2.3', derInteger(1));
  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('hello')],
    ['trailing bytes', Buffer.concat([good, Buffer.of(0)])],
    ['a cut', good.subarray(0, -1)],
    ['64 KiB and more', new Uint8Array(maxCertificateBytes + 1)],
  ])('T47 refuses %s', (_name, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(expect.objectContaining({ name: 'PlombeError' }));
  });

  it('refuses an extension that appears twice', () => {
    expect(() => issue({ extensions: [twice, twice] })).toThrow('appears twice');
  });

  it('refuses two different signature algorithms', () => {
    const [tbs, , signature] = parseDer(good).children.map(({ bytes }) => bytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const other = derSequence(derOid('1.2.840.10045.4.3.3'));
    expect(() => parseCertificate(derSequence(tbs, other, signature))).toThrow('two different');
  });

  it('refuses a curve that is described, not named', () => {
    const { certificate } = issue();
    const [algorithm, point] = parseDer(certificate.spki).children as [DerNode, DerNode];
    const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
    const field = hex('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff');
    const a = hex('ffffffff00000001000000000000000000000000fffffffffffffffffffffffc');
    const b = hex('5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b');
    const generator = hex('036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296');
    const order = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
    const curve = derSequence(
      derInteger(1),
      derSequence(derOid('1.2.840.10045.1.1'), derInteger(field)),
      derSequence(derOctets(a), derOctets(b)),
      derOctets(generator),
      derInteger(order),
      derInteger(1),
    );
    const described = derSequence(derSequence(algorithm.children[0]?.bytes as Uint8Array, curve), point.bytes);
    // OpenSSL reads it as P-256.
    const key = createPublicKey({ key: Buffer.from(described), format: 'der', type: 'spki' });
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(() => issue({ spki: described }).certificate.publicKey).toThrow('describes its curve');
  });

  it('skips other PEM blocks and reads none as none', () => {
    expect(
      parseCertificates(writePem({ label: 'PRIVATE KEY', bytes: Buffer.of(1) }, { label: 'CERTIFICATE', bytes: good })),
    ).toHaveLength(1);
    expect(parseCertificates('')).toEqual([]);
  });

  it('throws nothing but PlombeError on damaged certificates', () => {
    const roots = parseCertificates(rootCertificates.slice(0, 20).join('\n')).map(({ bytes }) => bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...roots, good),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (bytes, changes) => {
          const damaged = Uint8Array.from(bytes);
          for (const [at, value] of changes) damaged[at % damaged.length] = value;
          try {
            const certificate = parseCertificate(damaged);
            if (Buffer.compare(damaged, bytes) !== 0) expect(isSelfSigned(certificate)).toBe(false);
          } catch (error) {
            expect(error).toHaveProperty('name', 'PlombeError');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('readName', () => {
  it.each([
    [['CN=a'], 'CN=a'],
    [['C=DE', 'O=Example, Inc.', 'CN=x'], String.raw`CN=x,O=Example\, Inc.,C=DE`],
    [['CN= lead'], String.raw`CN=\ lead`],
    [['CN=trail '], String.raw`CN=trail\ `],
    [['CN= '], String.raw`CN=\ `],
    [['CN=#x'], String.raw`CN=\#x`],
    [['CN=a"b;c<d>e\\f'], String.raw`CN=a\"b\;c\<d\>e\\f`],
    [['CN=nul\u0000'], String.raw`CN=nul\00`],
    [['CN=ä😀'], 'CN=ä😀'],
    [['O=x', 'CN=a+OU=b'], 'CN=a+OU=b,O=x'],
    [['E=a@b'], '1.2.840.113549.1.9.1=#0c03614062'],
  ])('writes %j as RFC 4514 does', (attributes, text) => {
    expect(readName(parseDer(testName(attributes))).text).toBe(text);
  });

  it('shows a value that is no text by its encoding', () => {
    const der = derSequence(derValue(0x31, derSequence(derOid('2.5.4.3'), derInteger(1))));
    expect(readName(parseDer(der))).toMatchObject({
      text: 'CN=#020101',
      rdns: [[{ oid: '2.5.4.3', value: '#020101' }]],
    });
  });
});
