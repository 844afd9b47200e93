// Requests to logs and authorities and what they answer: a log that is built from our own request must verify.
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { derInteger, derSequence, derText, parseTimestampToken } from '@plombe/pki';
import { testKey, testNowMs } from '@plombe/pki/testing';
import { issueTimestamper, makeToken } from '@plombe/pki/testing/timestamp';
import { describe, expect, it } from 'vitest';
import { signEnvelope } from '../dsse/sign.ts';
import { parseSigningCertificate, signingCertificateRequest, subjectOfToken } from '../fulcio/signing-certificate.ts';
import { publicKeyOf } from '../keys/public-key.ts';
import { signerOf } from '../keys/signer.ts';
import { logEntryToJson } from '../log/entry.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { parseSigningConfig, selectServices, type Service } from '../root/signing-config.ts';
import { hashedRekordBody, issueSigner, TestLog } from '../testing/sigstore.ts';
import { checkTimestampAnswer, timestampRequest } from '../tsa/timestamps.ts';
import { parseRekorV1Answer, parseRekorV2Answer } from './answers.ts';
import { dsseRequest, hashedRekordRequest, hashedRekordV2Request } from './requests.ts';

const data = Buffer.from('data');
const signer = signerOf(testKey('p256'));
const logged = { publicKey: signer.publicKey, algorithm: signer.algorithm };

describe('Rekor', () => {
  it('requests name digest, signature and verifier', async () => {
    const signature = await signer.sign(data);
    const v1 = hashedRekordRequest(data, signature, logged);
    expect(v1).toMatchObject({
      kind: 'request',
      path: '/api/v1/log/entries',
      body: { kind: 'hashedrekord', apiVersion: '0.0.1' },
    });
    const leaf = issueSigner();
    const v2 = hashedRekordV2Request(data, signature, { ...logged, certificate: leaf.certificate.bytes });
    expect(v2).toMatchObject({
      path: '/api/v2/log/entries',
      body: {
        hashedRekordRequestV002: {
          signature: {
            content: encodeBase64(signature),
            verifier: {
              keyDetails: 'PKIX_ECDSA_P256_SHA_256',
              x509Certificate: { rawBytes: encodeBase64(leaf.certificate.bytes) },
            },
          },
        },
      },
    });
    const envelope = await signEnvelope(data, signer);
    expect(dsseRequest(envelope, logged)).toMatchObject({ kind: 'request', body: { kind: 'dsse' } });
  });

  it('has no form for Ed25519 and for P-384 over SHA-256 in version 2, and only SHA-256 in version 1', async () => {
    const of = (kind: 'ed25519' | 'p384'): typeof logged => {
      const { publicKey, algorithm } = signerOf(testKey(kind));
      return { publicKey, algorithm };
    };
    expect(hashedRekordV2Request(data, data, of('ed25519')).kind).toBe('unsupported');
    expect(hashedRekordV2Request(data, data, of('p384')).kind).toBe('unsupported');
    const p384 = signerOf(testKey('p384'), 'ecdsa-p384-sha384');
    const strong = { publicKey: p384.publicKey, algorithm: p384.algorithm };
    expect(hashedRekordV2Request(data, data, strong).kind).toBe('request');
    expect(hashedRekordRequest(data, data, strong).kind).toBe('unsupported');
  });

  it('answers of both versions are read', async () => {
    const log = new TestLog('rekor.example', 1);
    const entry = await log.add(hashedRekordBody(data, await signer.sign(data), ''));
    expect(parseRekorV2Answer(JSON.stringify(logEntryToJson(entry)))).toEqual({ kind: 'parsed', value: entry });
    const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
    const { proof } = entry;
    const v1 = {
      body: encodeBase64(entry.body),
      integratedTime: entry.integratedTimeS,
      logID: hex(entry.logId),
      logIndex: entry.logIndex,
      verification: {
        signedEntryTimestamp: encodeBase64(entry.promise ?? data),
        inclusionProof: { ...proof, rootHash: hex(proof?.rootHash), hashes: proof?.hashes.map(hex) },
      },
    };
    const read = parseRekorV1Answer(JSON.stringify({ uuid: v1 }));
    expect(read).toEqual({ kind: 'parsed', value: entry });
    for (const bad of [
      '',
      '{}',
      '[]',
      JSON.stringify({ a: v1, b: v1 }),
      JSON.stringify({ a: { ...v1, logID: 'x' } }),
    ]) {
      expect(parseRekorV1Answer(bad).kind).toBe('malformed');
      expect(parseRekorV2Answer(bad).kind).toBe('malformed');
    }
    expect(parseRekorV1Answer(Buffer.alloc(5_000_000)).kind).toBe('limit');
  });
});

describe('Fulcio', () => {
  const token = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

  it.each([
    [{ sub: 'repo:x' }, 'repo:x'],
    [{ sub: 'x', email: 'a@b.example', email_verified: true }, 'a@b.example'],
  ])('proves possession over the subject of %j', async (claims, subject) => {
    expect(subjectOfToken(token(claims))).toEqual({ kind: 'parsed', value: subject });
    const body = await signingCertificateRequest(token(claims), subject, signer);
    const { proofOfPossession, publicKey } = body['publicKeyRequest'] as {
      readonly proofOfPossession: string;
      readonly publicKey: { readonly content: string };
    };
    const proof = Buffer.from(proofOfPossession, 'base64');
    expect(verify('sha256', Buffer.from(subject), createPublicKey(publicKey.content), proof)).toBe(true);
  });

  it.each([
    ['no token', ''],
    ['no claims', 'a.b.c'],
    ['no subject', token({})],
    ['an email address that is not verified', token({ sub: 'x', email: 'a@b.example' })],
    ['50 MB', `a.${'A'.repeat(50_000_000)}.c`],
  ])('T48 refuses %s', (_, text) => {
    expect(subjectOfToken(text).kind).toBe('malformed');
  });

  it('reads the chain of an authority without a certificate log', () => {
    const leaf = issueSigner();
    const signed = { chain: { certificates: [leaf.pem] } };
    for (const detached of [signed, { ...signed, signedCertificateTimestamp: '' }]) {
      const answer = JSON.stringify({ signedCertificateDetachedSct: detached });
      expect(parseSigningCertificate(answer)).toMatchObject({ kind: 'parsed', value: [{}] });
    }
  });

  it('reads the chain', () => {
    const leaf = issueSigner();
    const answer = { signedCertificateEmbeddedSct: { chain: { certificates: [leaf.pem] } } };
    expect(parseSigningCertificate(JSON.stringify(answer))).toEqual({
      kind: 'parsed',
      value: [Buffer.from(leaf.certificate.bytes)],
    });
    for (const bad of [
      {},
      { signedCertificateDetachedSct: { ...answer.signedCertificateEmbeddedSct, signedCertificateTimestamp: 'AAAA' } },
      { signedCertificateDetachedSct: {} },
      { signedCertificateEmbeddedSct: { chain: {} } },
      { signedCertificateEmbeddedSct: { chain: { certificates: ['x', 5] } } },
    ]) {
      expect(parseSigningCertificate(JSON.stringify(bad)).kind).toBe('malformed');
    }
  });
});

describe('time stamps', () => {
  const nonce = randomBytes(8);
  const authority = issueTimestamper();
  const granted = (message: Uint8Array, repeated: Uint8Array): Uint8Array =>
    derSequence(derSequence(derInteger(0)), makeToken({ authority, message, nonce: repeated }));

  it('are kept where token, hash and nonce are those of the request', () => {
    expect(timestampRequest(data, nonce).length).toBeGreaterThan(50);
    const response = granted(data, nonce);
    expect(checkTimestampAnswer(response, data, nonce)).toEqual({ kind: 'kept', response, timeMs: testNowMs });
    expect(parseTimestampToken(makeToken({ authority, message: data })).timeMs).toBe(testNowMs);
  });

  it.each([
    ['something else', granted(Buffer.from('other'), nonce)],
    ['another nonce', granted(data, randomBytes(8))],
    ['a refusal', derSequence(derSequence(derInteger(2), derSequence(derText('no\u001b[31m'))))],
    ['noise', randomBytes(100)],
    ['T48 50 MB', Buffer.alloc(50_000_000, 0x30)],
  ])('are refused for %s', (_, response) => {
    const answer = checkTimestampAnswer(response, data, nonce);
    expect(answer.kind).toBe('refused');
    expect(answer.kind === 'refused' && answer.message).not.toMatch(/\u001b/);
  });
});

describe('signing configuration', () => {
  const service = (url: string, majorApiVersion: number, operator: string, start: string, end?: string): object => ({
    url,
    majorApiVersion,
    operator,
    validFor: { start, ...(end === undefined ? {} : { end }) },
  });
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('https://ca.example/', 1, 'a', '2025-01-01T00:00:00Z')],
    rekorTlogUrls: [
      service('https://old.example', 1, 'a', '2021-01-01T00:00:00Z'),
      service('https://new.example', 2, 'a', '2025-06-01T00:00:00Z'),
      service('https://other.example', 2, 'b', '2025-01-01T00:00:00Z'),
      service('https://gone.example', 2, 'c', '2024-01-01T00:00:00Z', '2024-12-31T00:00:00Z'),
    ],
    rekorTlogConfig: { selector: 'EXACT', count: 2 },
    tsaUrls: [service('https://tsa.example', 1, 'a', '2025-01-01T00:00:00Z')],
    tsaConfig: { selector: 'ANY' },
  };

  it('is read, and services are selected by version, time and operator', () => {
    const parsed = parseSigningConfig(JSON.stringify(config));
    if (parsed.kind !== 'parsed') throw new Error(parsed.message);
    const { logs, logSelector, certificateAuthorities } = parsed.value;
    expect(certificateAuthorities.map(({ url }) => url)).toEqual(['https://ca.example']);
    const urls = (chosen: readonly Service[] | undefined): readonly string[] | undefined =>
      chosen?.map(({ url }) => url);
    expect(urls(selectServices(logs, logSelector, [1, 2], testNowMs))).toEqual([
      'https://new.example',
      'https://other.example',
    ]);
    expect(urls(selectServices(logs, { kind: 'any' }, [1], testNowMs))).toEqual(['https://old.example']);
    expect(urls(selectServices(logs, { kind: 'all' }, [2], testNowMs))).toHaveLength(2);
    expect(selectServices(logs, { kind: 'exact', count: 3 }, [1, 2], testNowMs)).toBeUndefined();
    expect(selectServices(logs, { kind: 'all' }, [3], testNowMs)).toBeUndefined();
  });

  it.each([
    ['another type', { ...config, mediaType: 'x' }],
    ['a strange address', { ...config, caUrls: [service('file:///etc/passwd', 1, 'a', '2025-01-01T00:00:00Z')] }],
    ['no start', { ...config, caUrls: [{ url: 'https://x', majorApiVersion: 1, validFor: {} }] }],
    ['a strange selector', { ...config, tsaConfig: { selector: 'SOME' } }],
    ['exactly none', { ...config, tsaConfig: { selector: 'EXACT' } }],
  ])('with %s is malformed', (_, bad) => {
    expect(parseSigningConfig(JSON.stringify(bad)).kind).toBe('malformed');
  });
});

it('publicKeyOf is the same for private and public halves', () => {
  const key = testKey('p256');
  expect(publicKeyOf(key).id).toBe(publicKeyOf(createPublicKey(key)).id);
});
