// Signing: what is refused before, while and after a key signs.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issue, testNowMs } from '@plombe/pki/testing';
import { parseCertificate, parseDer, readOctets, readIntegerBytes, sign, type Certificate } from '@plombe/pki';
import { issueTimestamper, makeResponse, makeToken } from '../../../pki/src/testing/timestamp.ts';
import { parseEnvelope } from '../envelope/parse.ts';
import { chainOf, keyOf, signed, statementOf, storeOf, target, testChain, verified } from '../testing/world.ts';
import { signArtifact } from './sign.ts';
import { chainSigner, keyAtHand } from './signer.ts';
import { timestampRequester } from './timestamp.ts';

const { leaf, chain, root } = testChain;
const refusal = (message: string) =>
  expect.objectContaining({ code: 'notation/signing', message: expect.stringContaining(message) as string }) as Error;

describe('signing', () => {
  it.each(['jws', 'cose'] as const)('as %s writes what was asked for', async (format) => {
    const envelope = await signed(format, { expiryMs: testNowMs + 5500, signingAgent: 'plombe/0.1.0' });
    const parsed = parseEnvelope(format, envelope);
    expect(parsed).toMatchObject({
      kind: 'parsed',
      envelope: {
        format,
        algorithm: { name: 'ECDSA-SHA-256' },
        attributes: {
          scheme: 'notary.x509',
          signingTimeMs: testNowMs,
          expiryMs: testNowMs + 5000,
          extended: [],
        },
        signingAgent: 'plombe/0.1.0',
      },
    });
  });

  it('takes ECDSA signatures as DER too', async () => {
    for (const spec of ['EC-256', 'EC-384', 'EC-521'] as const) {
      const made = chainOf({ key: keyOf(spec) });
      const { algorithm } = keyAtHand(made.leaf.key);
      const der = {
        algorithm,
        sign: (data: Uint8Array) => Promise.resolve(sign({ algorithm, key: made.leaf.key, data, encoding: 'der' })),
      };
      const signer = chainSigner(der, made.chain);
      const { envelope } = await signArtifact({ format: 'jws', target, signer, signingTimeMs: testNowMs });
      expect((await verified('jws', envelope)).verdict).toBe('verified');
    }
  });

  it('refuses keys and chains that do not belong together', async () => {
    expect(() => keyAtHand(generateKeyPairSync('ed25519').privateKey)).toThrow(refusal('not RSA'));
    expect(() => keyAtHand(generateKeyPairSync('rsa', { modulusLength: 2560 }).privateKey)).toThrow(refusal('not RSA'));
    expect(() => chainSigner(keyAtHand(keyOf('EC-384')), chain)).toThrow(refusal('wants ecdsa-p256-sha256'));
    expect(() => chainSigner(keyAtHand(leaf.key), [])).toThrow(refusal('no certificate'));
    expect(() => chainSigner(keyAtHand(leaf.key), chain.slice(0, 2))).toThrow(refusal('root'));
    expect(() => chainSigner(keyAtHand(root.key), [root.certificate])).toThrow(refusal('authority'));
    const other = chainSigner(keyAtHand(keyOf('EC-256')), chain);
    await expect(signed('jws', { signer: other })).rejects.toThrow(refusal('belongs to another'));
  });

  it('refuses times that cannot be', async () => {
    await expect(signed('jws', { signingTimeMs: testNowMs - 100 * 86_400_000 })).rejects.toThrow(
      refusal('not valid before'),
    );
    await expect(signed('jws', { signingTimeMs: testNowMs + 100 * 86_400_000 })).rejects.toThrow(refusal('expired'));
    await expect(signed('jws', { expiryMs: testNowMs })).rejects.toThrow(refusal('would expire'));
  });

  it('refuses reserved annotations, too much of them, and a time stamp of another scheme', async () => {
    const reserved = { ...target, annotations: { 'io.cncf.notary.x': '1' } };
    await expect(signed('jws', { target: reserved })).rejects.toThrow(refusal('reserved'));
    const large = { ...target, annotations: { a: 'x'.repeat(1_000_000) } };
    await expect(signed('jws', { target: large })).rejects.toThrow(refusal('more than'));
    const scheme = 'notary.x509.signingAuthority';
    await expect(signed('jws', { scheme, timestamp: () => Promise.resolve(new Uint8Array()) })).rejects.toThrow(
      refusal('notary.x509 only'),
    );
  });
});

describe('a time stamp authority', () => {
  const stampRoot = issue({ subject: ['CN=stamp root'], ca: true });
  const authority = issueTimestamper({ issuer: stampRoot });
  const random = (size: number) => new Uint8Array(size).fill(0xab);
  /** Reads imprint and nonce out of a TimeStampReq and answers as told. */
  const answering =
    (answer: (message: Uint8Array, nonce: Uint8Array) => Uint8Array) =>
    (message: Uint8Array) =>
    (request: Uint8Array): Promise<Uint8Array> => {
      const fields = parseDer(request).children;
      expect(readOctets(fields[1]?.children[1] as never)).toHaveLength(32);
      return Promise.resolve(answer(message, readIntegerBytes(fields[2] as never)));
    };
  const request = async (
    answer: (message: Uint8Array, nonce: Uint8Array) => Uint8Array,
    roots: readonly Certificate[],
  ) => {
    const timestamp = async (signature: Uint8Array, hash: 'sha256' | 'sha384' | 'sha512') =>
      timestampRequester({ post: answering(answer)(signature), roots, random })(signature, hash);
    return signed('cose', { timestamp });
  };
  const good = (message: Uint8Array, nonce: Uint8Array) => makeResponse(makeToken({ authority, message, nonce }));

  it('that answers rightly is believed', async () => {
    const envelope = await request(good, [stampRoot.certificate]);
    const statement = statementOf({ trustStores: ['ca:acme', 'tsa:acme'] });
    const trustStore = storeOf({ ca: [root.certificate], tsa: [stampRoot.certificate] });
    expect((await verified('cose', envelope, { statement, trustStore })).verdict).toBe('verified');
  });

  it.each([
    ['refuses', () => makeResponse(undefined), 'refused'],
    ['answers rubbish', () => Buffer.from('rubbish'), 'cannot be read'],
    [
      'stamps something else',
      (_: Uint8Array, nonce: Uint8Array) => makeResponse(makeToken({ authority, message: Buffer.from('x'), nonce })),
      'something else',
    ],
    [
      'repeats another nonce',
      (message: Uint8Array) => makeResponse(makeToken({ authority, message, nonce: Uint8Array.of(1, 2) })),
      'nonce',
    ],
    ['T48 answers 50 MB', () => new Uint8Array(50_000_000), 'cannot be read'],
  ])('that %s stops the signing', async (_name, answer, message) => {
    await expect(request(answer, [stampRoot.certificate])).rejects.toThrow(refusal(message));
  });

  it('that is not known stops the signing', async () => {
    await expect(request(good, [parseCertificate(root.certificate.bytes)])).rejects.toThrow(refusal('does not hold'));
  });
});
