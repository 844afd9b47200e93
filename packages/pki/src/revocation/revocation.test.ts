// Revocation lists and OCSP answers: each state, each reason not to believe one, and hostile bytes.
import { describe, expect, it } from 'vitest';
import { derBoolean, derImplicit, derTagged } from '../der/writer.ts';
import { issue, testExtension, testKey, testNowMs } from '../testing/authority.ts';
import { makeCrl, makeOcsp, type TestCrl, type TestOcsp } from '../testing/revocation.ts';
import { purpose } from '../x509/oids.ts';
import type { RevocationAnswer } from './answer.ts';
import { checkCrl } from './check-crl.ts';
import { checkOcsp } from './check-ocsp.ts';
import { maxCrlBytes, parseCrl } from './crl.ts';
import { maxOcspBytes } from './ocsp-response.ts';

const hourMs = 3_600_000;
const issuer = issue({ subject: ['CN=ca'], ca: true });
const other = issue({ subject: ['CN=other'], ca: true });
const leaf = issue({ issuer, serial: 0xabcd }).certificate;
const middle = issue({ issuer, ca: true }).certificate;
const { serial } = leaf;

function cause(answer: RevocationAnswer): string {
  return answer.kind === 'unknown' ? answer.cause : answer.kind;
}

function askCrl(crl: Partial<TestCrl>, certificate = leaf, atMs = testNowMs): RevocationAnswer {
  return checkCrl({ certificate, issuer: issuer.certificate, crl: makeCrl({ issuer, ...crl }), atMs });
}

const userOnly = [derImplicit(1, Uint8Array.of(0xff))];
const pointName = derTagged(0, derTagged(0, derImplicit(6, Buffer.from('http://x/crl'))));

describe('checkCrl', () => {
  it('answers good for what is not listed', () => {
    expect(askCrl({ entries: [{ serial: '01' }] })).toMatchObject({
      kind: 'good',
      source: 'crl',
      thisUpdateMs: testNowMs - hourMs,
    });
    expect(askCrl({}).kind).toBe('good');
  });

  it('answers revoked with time, reason and invalidity date', () => {
    const answer = askCrl({
      entries: [{ serial: '01' }, { serial, reason: 1, atMs: testNowMs - 5000, invalidityMs: testNowMs - 9000 }],
    });
    expect(answer).toMatchObject({
      kind: 'revoked',
      atMs: testNowMs - 5000,
      reason: 'keyCompromise',
      invalidityMs: testNowMs - 9000,
    });
    expect(answer.checks[0]?.outcome).toBe('fail');
    expect(askCrl({ entries: [{ serial, reason: 6 }] })).toMatchObject({ kind: 'revoked', reason: 'certificateHold' });
    expect(askCrl({ entries: [{ serial, reason: 8 }] }).kind).toBe('revoked');
    expect(askCrl({ entries: [{ serial }] }).kind).toBe('revoked');
  });

  const unknown: readonly (readonly [string, RevocationAnswer, string])[] = [
    ['out of date', askCrl({ nextUpdateMs: testNowMs - 1000 }), 'ended'],
    ['from the future', askCrl({ thisUpdateMs: testNowMs + hourMs / 2 }), 'begins'],
    ['without the next update', askCrl({ nextUpdateMs: 'none' }), 'next one'],
    ['of another issuer', askCrl({ issuer: other }), 'another issuer'],
    ['signed with another key', askCrl({ issuer: { ...issuer, key: testKey('p256') } }), 'signature'],
    [
      'with an unknown critical extension',
      askCrl({ extensions: [testExtension('1.2.3', derBoolean(true), true)] }),
      '1.2.3',
    ],
    ['that is indirect', askCrl({ issuingPoint: [derImplicit(4, Uint8Array.of(0xff))] }), 'indirect'],
    ['for some reasons only', askCrl({ issuingPoint: [derImplicit(3, Uint8Array.of(1, 0x40))] }), 'some reasons'],
    ['for users, asked about an authority', askCrl({ issuingPoint: userOnly }, middle), 'no authorities'],
    [
      'for authorities, asked about a user',
      askCrl({ issuingPoint: [derImplicit(2, Uint8Array.of(0xff))] }),
      'only authorities',
    ],
    ['for attribute certificates', askCrl({ issuingPoint: [derImplicit(5, Uint8Array.of(0xff))] }), 'attribute'],
    ['for another distribution point', askCrl({ issuingPoint: [pointName] }), 'distribution point'],
    ['that is a delta list', askCrl({ deltaBase: 1 }), 'delta list'],
    ['judged at no moment', askCrl({}, leaf, Number.NaN), 'moment'],
    [
      'that is cut off',
      checkCrl({
        certificate: leaf,
        issuer: issuer.certificate,
        crl: makeCrl({ issuer }).subarray(1),
        atMs: testNowMs,
      }),
      'Malformed',
    ],
    [
      'T48 of 50 MB',
      checkCrl({ certificate: leaf, issuer: issuer.certificate, crl: new Uint8Array(50_000_000), atMs: testNowMs }),
      'more than',
    ],
  ];
  it.each(unknown)('does not believe a list %s', (_name, answer, reason) => {
    expect(answer.kind).toBe('unknown');
    expect(cause(answer)).toContain(reason);
  });

  it('refuses a list whose issuer may not sign lists', () => {
    const weak = issue({ subject: ['CN=ca'], ca: true, keyUsage: [5] });
    const certificate = issue({ issuer: weak }).certificate;
    const answer = checkCrl({ certificate, issuer: weak.certificate, crl: makeCrl({ issuer: weak }), atMs: testNowMs });
    expect(cause(answer)).toContain('may not sign lists');
  });

  it('reads a list for users about a user', () => {
    expect(askCrl({ issuingPoint: userOnly }).kind).toBe('good');
  });

  it('lets a delta list add and take back', () => {
    const ask = (base: Partial<TestCrl>, delta: Partial<TestCrl>): RevocationAnswer =>
      checkCrl({
        certificate: leaf,
        issuer: issuer.certificate,
        crl: makeCrl({ issuer, number: 5, ...base }),
        delta: makeCrl({ issuer, number: 6, deltaBase: 5, ...delta }),
        atMs: testNowMs,
      });
    const held = { entries: [{ serial, reason: 6 }] };
    expect(ask({}, {}).kind).toBe('good');
    expect(ask({}, held).kind).toBe('revoked');
    expect(ask(held, {}).kind).toBe('revoked');
    expect(ask(held, { entries: [{ serial, reason: 8 }] }).kind).toBe('good');
    expect(cause(ask({ number: 4 }, {}))).toContain('later complete list');
    expect(cause(ask({ number: 7 }, {}))).toContain('older');
    expect(cause(ask({}, { deltaBase: undefined }))).toContain('no delta');
    expect(cause(ask({}, { issuingPoint: userOnly }))).toContain('other certificates');
  });

  it('indexes hundreds of thousands of entries in one pass', () => {
    const entries = Array.from({ length: 300_000 }, (_, i) => ({
      serial: (i + 0x100000).toString(16).padStart(6, '0'),
    }));
    const crl = parseCrl(makeCrl({ issuer, entries }));
    expect(crl.entryCount).toBe(300_000);
    expect(crl.entry('100005')).toBeDefined();
    expect(crl.entry('05')).toBeUndefined();
    expect(() => parseCrl(new Uint8Array(maxCrlBytes + 1))).toThrow('more than');
  });

  it('never answers good with any byte of a list changed', () => {
    const bytes = makeCrl({ issuer, entries: [{ serial: '77', reason: 1 }] });
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      expect(checkCrl({ certificate: leaf, issuer: issuer.certificate, crl: changed, atMs: testNowMs }).kind).toBe(
        'unknown',
      );
    }
  });
});

function askOcsp(options: Partial<TestOcsp>, nonce?: Uint8Array): RevocationAnswer {
  const response = makeOcsp({ issuer, certificate: leaf, ...options });
  return checkOcsp({
    certificate: leaf,
    issuer: issuer.certificate,
    response,
    atMs: testNowMs,
    ...(nonce === undefined ? {} : { nonce }),
  });
}

const responder = issue({ subject: ['CN=ocsp'], issuer, purposes: [purpose.ocspSigning] });

describe('checkOcsp', () => {
  it.each([
    ['by the issuer', {}],
    ['by the key of the issuer', { byKey: true }],
    ['with SHA-256', { hash: 'sha256' }],
    ['with SHA-384', { hash: 'sha384' }],
    ['without the next update, for a day', { nextUpdateMs: 'none' }],
    ['by a delegated responder', { responder }],
    ['by a delegated responder and its key', { responder, byKey: true }],
  ] as const)('answers good %s', (_name, options) => {
    const answer = askOcsp(options);
    expect(cause(answer)).toBe('good');
    expect('responder' in answer && answer.responder).toEqual('responder' in options ? responder.certificate : false);
  });

  it('answers revoked with time and reason', () => {
    expect(askOcsp({ status: { revokedMs: testNowMs - 1000, reason: 1 } })).toMatchObject({
      kind: 'revoked',
      source: 'ocsp',
      atMs: testNowMs - 1000,
      reason: 'keyCompromise',
    });
  });

  it('holds an answer to the nonce of the request where it has one', () => {
    const nonce = Buffer.from('0123456789abcdef');
    expect(askOcsp({ nonce }, nonce).kind).toBe('good');
    expect(askOcsp({}, nonce).kind).toBe('good');
    expect(cause(askOcsp({ nonce: Buffer.from('another one') }, nonce))).toContain('another request');
  });

  const unknown: readonly (readonly [string, RevocationAnswer, string])[] = [
    ['unknown', askOcsp({ status: 'unknown' }), 'does not know'],
    ['tryLater', askOcsp({ failure: 3 }), 'tryLater'],
    ['unauthorized', askOcsp({ failure: 6 }), 'unauthorized'],
    ['out of date', askOcsp({ nextUpdateMs: testNowMs - 1 }), 'ended'],
    [
      'older than a day without an end',
      askOcsp({ nextUpdateMs: 'none', thisUpdateMs: testNowMs - 25 * hourMs }),
      'ended',
    ],
    ['from the future', askOcsp({ thisUpdateMs: testNowMs + hourMs / 2 }), 'begins'],
    ['about another certificate', askOcsp({ certificate: middle }), 'other certificates'],
    ['of another issuer', askOcsp({ issuer: other }), 'not known'],
    ['signed with another key', askOcsp({ issuer: { ...issuer, key: testKey('p256') } }), 'signature'],
    [
      'by a responder of another issuer',
      askOcsp({ responder: issue({ subject: ['CN=r'], issuer: other, purposes: [purpose.ocspSigning] }) }),
      'another issuer',
    ],
    [
      'by a responder not meant for it',
      askOcsp({ responder: issue({ subject: ['CN=r'], issuer }) }),
      'not certified for OCSP',
    ],
    [
      'by an expired responder',
      askOcsp({
        responder: issue({ subject: ['CN=r'], issuer, purposes: [purpose.ocspSigning], notAfterMs: testNowMs - 2000 }),
      }),
      'expired',
    ],
    [
      'by a forged responder',
      askOcsp({
        responder: issue({
          subject: ['CN=r'],
          issuer: { ...issuer, key: testKey('p256') },
          purposes: [purpose.ocspSigning],
        }),
      }),
      'not certified by the issuer',
    ],
    [
      'T48 of 50 MB',
      checkOcsp({
        certificate: leaf,
        issuer: issuer.certificate,
        response: new Uint8Array(50_000_000),
        atMs: testNowMs,
      }),
      'more than',
    ],
    [
      'beyond the limit by one byte',
      checkOcsp({
        certificate: leaf,
        issuer: issuer.certificate,
        response: new Uint8Array(maxOcspBytes + 1),
        atMs: testNowMs,
      }),
      'more than',
    ],
    [
      'T47 that is empty',
      checkOcsp({ certificate: leaf, issuer: issuer.certificate, response: new Uint8Array(), atMs: testNowMs }),
      'Malformed',
    ],
  ];
  it.each(unknown)('does not believe an answer %s', (_name, answer, reason) => {
    expect(answer.kind).toBe('unknown');
    expect(cause(answer)).toContain(reason);
  });

  it('never answers good with any byte of an answer changed', () => {
    const bytes = makeOcsp({ issuer, certificate: leaf, responder });
    const signedEnd = bytes.length - responder.certificate.bytes.length;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const { kind } = checkOcsp({ certificate: leaf, issuer: issuer.certificate, response: changed, atMs: testNowMs });
      expect([at < signedEnd ? at : 'certificate', kind]).toEqual([at < signedEnd ? at : 'certificate', 'unknown']);
    }
  });
});
