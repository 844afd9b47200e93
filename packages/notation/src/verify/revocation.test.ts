// Revocation by OCSP and lists over a network that the test answers for.
import { describe, expect, it } from 'vitest';
import { issue, testExtension } from '@plombe/pki/testing';
import { derImplicit, derNull, derOid, derSequence } from '@plombe/pki';
import { makeCrl, makeOcsp } from '../../../pki/src/testing/revocation.ts';
import {
  chainOf,
  crlPoint,
  distributionPoint,
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

const crlUri = 'http://crl.example/list';
const ocspUri = 'http://ocsp.example/';
const ocspAccess = testExtension(
  '1.3.6.1.5.5.7.1.1',
  derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.1'), derImplicit(6, Buffer.from(ocspUri)))),
);
const { intermediate } = testChain;
const byList = chainOf({ extensions: [crlPoint(crlUri)] });
const byBoth = chainOf({ extensions: [crlPoint(crlUri), ocspAccess] });
const byOcsp = chainOf({ extensions: [ocspAccess] });

type Answers = Parameters<typeof network>[0];

async function judge(chain: typeof byList, answers: Answers | undefined, level: unknown = { level: 'strict' }) {
  return verified('cose', await signed('cose', {}, chain), {
    statement: statementOf({}, level),
    nowMs: testNowMs,
    ...(answers !== undefined && {
      revocation: { fetch: network(answers), random: (size) => new Uint8Array(size).fill(7) },
    }),
  });
}

const goodList = makeCrl({ issuer: intermediate });
const revokedList = (chain: typeof byList, invalidityMs?: number) =>
  makeCrl({
    issuer: intermediate,
    entries: [
      { serial: chain.leaf.certificate.serial, reason: 1, ...(invalidityMs !== undefined && { invalidityMs }) },
    ],
  });
const ocsp = (chain: typeof byList, status: 'good' | 'unknown' | { revokedMs: number }) =>
  makeOcsp({ issuer: intermediate, certificate: chain.leaf.certificate, status });

describe('revocation', () => {
  const cases: readonly (readonly [string, typeof byList, Answers | undefined, string, string])[] = [
    ['a good list', byList, { [crlUri]: goodList }, 'verified', 'not revoked'],
    ['a list that names the certificate', byList, { [crlUri]: revokedList(byList) }, 'rejected', 'keyCompromise'],
    ['no network', byList, undefined, 'undecidable', 'no connection is allowed'],
    ['nobody there', byList, {}, 'undecidable', 'unknown'],
    ['an answer 500', byList, { [crlUri]: 500 }, 'undecidable', '500'],
    ['rubbish', byList, { [crlUri]: Buffer.from('rubbish') }, 'undecidable', 'unknown'],
    [
      'an old list',
      byList,
      { [crlUri]: makeCrl({ issuer: intermediate, nextUpdateMs: testNowMs - 1000 }) },
      'undecidable',
      'ended',
    ],
    [
      'a list of another issuer',
      byList,
      { [crlUri]: makeCrl({ issuer: testChain.root }) },
      'undecidable',
      'another issuer',
    ],
    ['T48 a list without end', byList, { [crlUri]: 'endless' }, 'undecidable', 'more than'],
    ['a good OCSP answer', byOcsp, { [ocspUri]: ocsp(byOcsp, 'good') }, 'verified', 'not revoked'],
    [
      'a revoking OCSP answer',
      byOcsp,
      { [ocspUri]: ocsp(byOcsp, { revokedMs: testNowMs }) },
      'rejected',
      'was revoked',
    ],
    [
      'an OCSP answer that does not know',
      byOcsp,
      { [ocspUri]: ocsp(byOcsp, 'unknown') },
      'undecidable',
      'does not know',
    ],
    [
      'OCSP before the list',
      byBoth,
      { [ocspUri]: ocsp(byBoth, 'good'), [crlUri]: revokedList(byBoth) },
      'verified',
      'not revoked',
    ],
    ['the list where OCSP fails', byBoth, { [crlUri]: revokedList(byBoth) }, 'rejected', 'keyCompromise'],
    [
      'the list where OCSP does not know',
      byBoth,
      { [ocspUri]: ocsp(byBoth, 'unknown'), [crlUri]: goodList },
      'verified',
      'not revoked',
    ],
  ];

  it.each(cases)('with %s', async (_name, chain, answers, verdict, message) => {
    const result = await judge(chain, answers);
    expect([result.verdict, messageOf(result, 'revocation')]).toEqual([verdict, expect.stringContaining(message)]);
    const permissive = await judge(chain, answers, { level: 'permissive' });
    expect(permissive.verdict).toBe('verified');
    expect(outcomes(permissive)['revocation']).toBe(verdict === 'verified' ? 'pass' : 'warn');
    const skipped = await judge(chain, answers, { level: 'strict', override: { revocation: 'skip' } });
    expect([skipped.verdict, outcomes(skipped)['revocation']]).toEqual(['verified', 'skip']);
  });

  it('asks about every certificate below the root', async () => {
    const middle = issue({ subject: ['CN=m'], ca: true, issuer: testChain.root, extensions: [crlPoint(crlUri)] });
    const leaf = issue({ subject: ['CN=l'], issuer: middle });
    const chain = {
      ...testChain,
      leaf,
      intermediate: middle,
      chain: [leaf, middle, testChain.root].map((one) => one.certificate),
    };
    const crl = makeCrl({ issuer: testChain.root, entries: [{ serial: middle.certificate.serial }] });
    expect((await judge(chain, { [crlUri]: crl })).verdict).toBe('rejected');
    expect((await judge(chain, { [crlUri]: makeCrl({ issuer: testChain.root }) })).verdict).toBe('verified');
  });

  it('forgives a key that was lost after a proved signing', async () => {
    const envelope = await signed('jws', { scheme: 'notary.x509.signingAuthority' }, byList);
    const ask = async (invalidityMs: number) =>
      verified('jws', envelope, {
        statement: statementOf({ trustStores: ['signingAuthority:acme'] }),
        trustStore: storeOf({ signingAuthority: [testChain.root.certificate] }),
        nowMs: testNowMs,
        revocation: { fetch: network({ [crlUri]: revokedList(byList, invalidityMs) }) },
      });
    expect((await ask(testNowMs + 1000)).verdict).toBe('verified');
    expect((await ask(testNowMs - 1000)).verdict).toBe('rejected');
    const unproved = await judge(byList, { [crlUri]: revokedList(byList, testNowMs + 1000) });
    expect(unproved.verdict).toBe('rejected');
  });

  it('reads a delta list, and needs it where one is named', async () => {
    const freshest = testExtension('2.5.29.46', derSequence(distributionPoint('http://crl.example/delta')));
    const base = makeCrl({ issuer: intermediate, extensions: [freshest] });
    const delta = makeCrl({
      issuer: intermediate,
      number: 2,
      deltaBase: 1,
      entries: [{ serial: byList.leaf.certificate.serial }],
    });
    expect((await judge(byList, { [crlUri]: base, 'http://crl.example/delta': delta })).verdict).toBe('rejected');
    expect((await judge(byList, { [crlUri]: base })).verdict).toBe('undecidable');
  });

  it('asks about a delegated OCSP responder unless it says nobody need', async () => {
    const responderOf = (...extensions: readonly Uint8Array[]) =>
      issue({ subject: ['CN=responder'], issuer: intermediate, purposes: ['1.3.6.1.5.5.7.3.9'], extensions });
    const answerBy = (responder: ReturnType<typeof responderOf>) =>
      makeOcsp({ issuer: intermediate, certificate: byOcsp.leaf.certificate, responder });
    const listed = responderOf(crlPoint(crlUri));
    const revoked = makeCrl({ issuer: intermediate, entries: [{ serial: listed.certificate.serial }] });
    expect((await judge(byOcsp, { [ocspUri]: answerBy(listed), [crlUri]: goodList })).verdict).toBe('verified');
    expect((await judge(byOcsp, { [ocspUri]: answerBy(listed), [crlUri]: revoked })).verdict).toBe('undecidable');
    expect((await judge(byOcsp, { [ocspUri]: answerBy(listed) })).verdict).toBe('undecidable');
    const noCheck = responderOf(crlPoint(crlUri), testExtension('1.3.6.1.5.5.7.48.1.5', derNull()));
    expect((await judge(byOcsp, { [ocspUri]: answerBy(noCheck) })).verdict).toBe('verified');
  });

  it('connects nowhere for a signature that has failed, or whose root nobody trusts', async () => {
    const envelope = await signed('jws', {}, byList);
    const asked: string[] = [];
    const revocation = { fetch: network({}, asked) };
    const digest = `sha256:${'b'.repeat(64)}`;
    expect((await verified('jws', envelope, { revocation, subject: { digest } })).verdict).toBe('rejected');
    const audit = statementOf({}, { level: 'audit' });
    const unknown = await verified('jws', envelope, { revocation, statement: audit, trustStore: storeOf({}) });
    expect([unknown.verdict, outcomes(unknown)['revocation']]).toEqual(['verified', 'warn']);
    expect(asked).toEqual([]);
  });

  it('connects to nothing but http and https', async () => {
    const chain = chainOf({ extensions: [crlPoint('file:///etc/passwd')] });
    const asked: string[] = [];
    const result = await verified('jws', await signed('jws', {}, chain), { revocation: { fetch: network({}, asked) } });
    expect([result.verdict, asked]).toEqual(['undecidable', []]);
  });

  it('ends when it is cancelled', async () => {
    const envelope = await signed('jws', {}, byList);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(verified('jws', envelope, { revocation: { fetch: network({}), signal } })).rejects.toThrow('enough');
  });
});
