// Verification: what holds, what each step refuses, and what each level makes of it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issue } from '@plombe/pki/testing';
import { notaryAlgorithms } from '../envelope/algorithm.ts';
import type { EnvelopeFormat } from '../envelope/envelope.ts';
import { buildEnvelope } from '../envelope/parse.ts';
import { chainSigner, keyAtHand } from '../sign/signer.ts';
import { signArtifact } from '../sign/sign.ts';
import {
  chainOf,
  keyOf,
  leafSubject,
  messageOf,
  outcomes,
  signed,
  statementOf,
  storeOf,
  target,
  testChain,
  testNowMs,
  verified,
} from '../testing/world.ts';

const formats: readonly EnvelopeFormat[] = ['jws', 'cose'];
const dayMs = 86_400_000;

describe.each(formats)('a %s signature', (format) => {
  it.each(notaryAlgorithms.map(({ keySpec }) => keySpec))('of %s verifies', async (keySpec) => {
    const chain = chainOf({ key: keyOf(keySpec) });
    const result = await verified(format, await signed(format, {}, chain));
    expect(result).toMatchObject({
      verdict: 'verified',
      format,
      signer: 'CN=signer,O=Example,ST=Berlin,C=DE',
      signerId: 'identity:CN=root:CN=signer,O=Example,ST=Berlin,C=DE',
    });
    expect(outcomes(result)).toEqual({
      integrity: 'pass',
      subject: 'pass',
      annotations: 'skip',
      authenticity: 'pass',
      expiry: 'pass',
      'authentic-timestamp': 'pass',
      identity: 'pass',
      'critical-attributes': 'pass',
      revocation: 'pass',
    });
  });

  it('carries signed annotations', async () => {
    const envelope = await signed(format, { target: { ...target, annotations: { build: '7', __proto__x: 'y' } } });
    const result = await verified(format, envelope, { annotations: { build: '7' } });
    expect(result).toMatchObject({ verdict: 'verified', annotations: { build: '7', __proto__x: 'y' } });
    const other = await verified(format, envelope, { annotations: { build: '8' } });
    expect(other.verdict).toBe('rejected');
    expect(messageOf(other, 'annotations')).toContain('"build"');
    const missing = await verified(format, envelope, { annotations: { toString: 'x' } });
    expect(missing.verdict).toBe('rejected');
  });

  it('T45 for another artifact does not verify', async () => {
    const envelope = await signed(format);
    const digest = `sha256:${'b'.repeat(64)}`;
    const replayed = await verified(format, envelope, { subject: { digest } });
    expect(replayed.verdict).toBe('rejected');
    expect(outcomes(replayed)).toMatchObject({ integrity: 'pass', subject: 'fail' });
    const size = await verified(format, envelope, { subject: { digest: target.digest, sizeBytes: 1 } });
    expect(size.verdict).toBe('rejected');
    const type = await verified(format, envelope, { subject: { digest: target.digest, mediaType: 'text/plain' } });
    expect(type.verdict).toBe('rejected');
  });

  it('T45 ends with its expiry, to the second', async () => {
    const envelope = await signed(format, { expiryMs: testNowMs + 5000 });
    const at = async (nowMs: number): Promise<string> => (await verified(format, envelope, { nowMs })).verdict;
    expect(await at(testNowMs + 4999)).toBe('verified');
    expect(await at(testNowMs + 5000)).toBe('rejected');
    const logged = statementOf({}, { level: 'strict', override: { expiry: 'log' } });
    const result = await verified(format, envelope, { nowMs: testNowMs + 6000, statement: logged });
    expect(result.verdict).toBe('verified');
    expect(outcomes(result)['expiry']).toBe('warn');
  });

  it('of a signing authority is judged at its time, under its own trust store', async () => {
    const envelope = await signed(format, { scheme: 'notary.x509.signingAuthority' });
    const ca = await verified(format, envelope, { nowMs: testNowMs + 10 * dayMs });
    expect(outcomes(ca)).toMatchObject({ authenticity: 'fail', 'authentic-timestamp': 'pass' });
    const statement = statementOf({ trustStores: ['signingAuthority:acme'] });
    const trustStore = storeOf({ signingAuthority: [testChain.root.certificate] });
    const result = await verified(format, envelope, { nowMs: testNowMs + 10 * dayMs, statement, trustStore });
    expect(result.verdict).toBe('verified');
    const user = await verified(format, await signed(format), { statement, trustStore });
    expect(outcomes(user)).toMatchObject({ authenticity: 'fail' });
  });

  it('T41 does not verify once a certificate has expired, save where the level only logs it', async () => {
    const envelope = await signed(format);
    const nowMs = testNowMs + 2 * dayMs;
    const strict = await verified(format, envelope, { nowMs });
    expect(strict.verdict).toBe('rejected');
    expect(messageOf(strict, 'authentic-timestamp')).toContain('expired');
    const early = await verified(format, envelope, { nowMs: testNowMs - 2 * dayMs });
    expect(early.verdict).toBe('rejected');
    const permissive = await verified(format, envelope, { nowMs, statement: statementOf({}, { level: 'permissive' }) });
    expect(permissive.verdict).toBe('verified');
    expect(outcomes(permissive)['authentic-timestamp']).toBe('warn');
  });

  it('of an unknown root is rejected, and under audit named without an id to count', async () => {
    const envelope = await signed(format);
    const trustStore = storeOf({ ca: [issue({ subject: ['CN=root'], ca: true }).certificate] });
    const strict = await verified(format, envelope, { trustStore });
    expect(strict.verdict).toBe('rejected');
    expect(strict.signerId).toBeUndefined();
    expect(outcomes(strict)['revocation']).toBe('skip');
    const audit = await verified(format, envelope, { trustStore, statement: statementOf({}, { level: 'audit' }) });
    expect(audit.verdict).toBe('verified');
    expect(audit.signerId).toBeUndefined();
    expect(outcomes(audit)['authenticity']).toBe('warn');
  });

  it('needs every trust store the policy names', async () => {
    const envelope = await signed(format);
    const statement = statementOf({ trustStores: ['ca:acme', 'ca:other'] });
    const missing = await verified(format, envelope, { statement });
    expect(messageOf(missing, 'authenticity')).toContain('no trust store ca:other');
    const invalid = await verified(format, envelope, {
      trustStore: new Map([['ca:acme', { kind: 'invalid', message: 'a link' }]]),
    });
    expect(messageOf(invalid, 'authenticity')).toContain('a link');
    const empty = await verified(format, envelope, { trustStore: storeOf({ ca: [] }) });
    expect(messageOf(empty, 'authenticity')).toContain('holds no root');
  });

  it('needs a trusted identity', async () => {
    const envelope = await signed(format);
    const trust = (identity: string) => statementOf({ trustedIdentities: [identity] });
    const good = await verified(format, envelope, { statement: trust('x509.subject: C=DE, ST=Berlin, O=Example') });
    expect(good.verdict).toBe('verified');
    const bad = await verified(format, envelope, {
      statement: trust('x509.subject: C=DE, ST=Berlin, O=Example, CN=other'),
    });
    expect(bad.verdict).toBe('rejected');
    expect(outcomes(bad)).toMatchObject({ authenticity: 'pass', identity: 'fail' });
    const foreign = await verified(format, envelope, { statement: trust('other.kind: CN=signer') });
    expect(foreign.verdict).toBe('rejected');
  });

  it('is not looked at under skip', async () => {
    const result = await verified(format, new Uint8Array(), { statement: statementOf({}, { level: 'skip' }) });
    expect(result).toMatchObject({ verdict: 'verified', checks: [{ id: 'integrity', outcome: 'skip' }] });
  });

  it('with an unknown critical attribute is rejected, with an unknown other one not', async () => {
    for (const critical of [true, false]) {
      const draft = {
        algorithm: notaryAlgorithms[3] as (typeof notaryAlgorithms)[number],
        attributes: {
          scheme: 'notary.x509' as const,
          signingTimeMs: testNowMs,
          extended: [{ name: 'com.example.note', value: 'x', critical }],
        },
        payload: Buffer.from(
          JSON.stringify({ targetArtifact: { mediaType: target.mediaType, digest: target.digest, size: 1234 } }),
        ),
      };
      const builder = buildEnvelope(format, draft);
      const signature = await keyAtHand(testChain.leaf.key).sign(builder.signedBytes);
      const envelope = builder.finish({ signature, chain: testChain.chain.map(({ bytes }) => bytes) });
      const result = await verified(format, envelope);
      expect(result.verdict).toBe(critical ? 'rejected' : 'verified');
      expect(outcomes(result)['critical-attributes']).toBe(critical ? 'fail' : 'pass');
    }
  });

  it('T42 over a payload that is none is rejected', async () => {
    const payloads = [
      '',
      '{}',
      '[]',
      'null',
      '{"targetArtifact":{}}',
      '{"targetArtifact":{"mediaType":"a","digest":"sha256:00","size":1}}',
      `{"targetArtifact":{"mediaType":"a","digest":"${target.digest}","size":-1}}`,
      `{"targetArtifact":{"mediaType":"a","digest":"${target.digest}","size":1.5}}`,
      `{"targetArtifact":{"mediaType":"a","digest":"${target.digest}","size":1,"annotations":{"a":1}}}`,
      `{"targetArtifact":{"mediaType":"a","digest":"${target.digest}","size":1},"targetArtifact":{}}`,
      `{"targetArtifact":{"__proto__":{"mediaType":"a","digest":"${target.digest}","size":1}}}`,
    ];
    for (const text of payloads) {
      const builder = buildEnvelope(format, {
        algorithm: notaryAlgorithms[3] as (typeof notaryAlgorithms)[number],
        attributes: { scheme: 'notary.x509', signingTimeMs: testNowMs, extended: [] },
        payload: Buffer.from(text),
      });
      const signature = await keyAtHand(testChain.leaf.key).sign(builder.signedBytes);
      const envelope = builder.finish({ signature, chain: testChain.chain.map(({ bytes }) => bytes) });
      const result = await verified(format, envelope);
      expect([text, result.verdict, outcomes(result)]).toEqual([text, 'rejected', { integrity: 'fail' }]);
    }
  });

  it('T47 without certificates is rejected', async () => {
    const builder = buildEnvelope(format, {
      algorithm: notaryAlgorithms[3] as (typeof notaryAlgorithms)[number],
      attributes: { scheme: 'notary.x509', signingTimeMs: testNowMs, extended: [] },
      payload: Buffer.from('{}'),
    });
    const result = await verified(format, builder.finish({ signature: new Uint8Array(64), chain: [] }));
    expect(result.verdict).toBe('rejected');
    expect(messageOf(result, 'integrity')).toContain('no certificates');
    expect((await verified(format, new Uint8Array())).verdict).toBe('rejected');
  });

  it('T48 of 50 MB is refused before it is parsed', async () => {
    const result = await verified(format, new Uint8Array(50_000_000).fill(0x20));
    expect(result.verdict).toBe('undecidable');
    expect(messageOf(result, 'integrity')).toContain('larger than');
  });

  it('whose chain is not a proper one is rejected', async () => {
    const { root, intermediate, leaf, chain } = testChain;
    const key = leaf.key;
    const other = issue({ subject: ['CN=other'], ca: true });
    const wrong: readonly (readonly [string, readonly Uint8Array[]])[] = [
      ['does not end with a root', chain.slice(0, 2).map(({ bytes }) => bytes)],
      ['not its issuer', [leaf, root].map((one) => one.certificate.bytes)],
      ['not the last', [leaf, intermediate, root, root].map((one) => one.certificate.bytes)],
      ['is in no trust store', [issue({ key, subject: leafSubject }).certificate.bytes]],
      ['certificate authority', [issue({ key, ca: true, issuer: root }), root].map((one) => one.certificate.bytes)],
      [
        'signature does not hold',
        [issue({ key, issuer: { ...root, key: other.key } }), root].map((one) => one.certificate.bytes),
      ],
      [
        'must hold digitalSignature',
        [issue({ key, keyUsage: [1], issuer: root }), root].map((one) => one.certificate.bytes),
      ],
      ['no key usage', [issue({ key, keyUsage: [], issuer: root }), root].map((one) => one.certificate.bytes)],
      ['keyEncipherment', [issue({ key, keyUsage: [0, 2], issuer: root }), root].map((one) => one.certificate.bytes)],
      ['serverAuth', [issue({ key, purposes: [serverAuth], issuer: root }), root].map((one) => one.certificate.bytes)],
      [
        'allows 0 intermediate',
        (() => {
          const short = issue({ subject: ['CN=short'], ca: true, pathLength: 0 });
          const middle = issue({ subject: ['CN=middle'], ca: true, issuer: short });
          return [issue({ key, issuer: middle }), middle, short].map((one) => one.certificate.bytes);
        })(),
      ],
    ];
    for (const [message, certificates] of wrong) {
      const builder = buildEnvelope(format, {
        algorithm: notaryAlgorithms[3] as (typeof notaryAlgorithms)[number],
        attributes: { scheme: 'notary.x509', signingTimeMs: testNowMs, extended: [] },
        payload: Buffer.from(
          JSON.stringify({ targetArtifact: { mediaType: target.mediaType, digest: target.digest, size: 1234 } }),
        ),
      });
      const envelope = builder.finish({
        signature: await keyAtHand(key).sign(builder.signedBytes),
        chain: certificates,
      });
      const result = await verified(format, envelope);
      expect([message, result.verdict]).toEqual([message, 'rejected']);
      expect(messageOf(result, 'authenticity')).toContain(message);
    }
  });

  it('of a self-signed certificate verifies where that is trusted', async () => {
    const leaf = issue({ subject: leafSubject });
    const signer = chainSigner(keyAtHand(leaf.key), [leaf.certificate]);
    const { envelope } = await signArtifact({ format, target, signer, signingTimeMs: testNowMs });
    const trustStore = storeOf({ ca: [leaf.certificate] });
    expect((await verified(format, envelope, { trustStore })).verdict).toBe('verified');
  });

  it('with any byte changed never verifies', async () => {
    const envelope = await signed(format, { expiryMs: testNowMs + 100_000 });
    const statement = statementOf();
    expect((await verified(format, envelope, { statement })).verdict).toBe('verified');
    for (let at = 0; at < envelope.length; at++) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const changed = Uint8Array.from(envelope);
        changed[at] = (changed[at] as number) ^ mask;
        const { verdict } = await verified(format, changed, { statement });
        expect([at, mask, verdict]).toEqual([at, mask, 'rejected']);
      }
    }
  });

  it('cut, extended or mixed never verifies', async () => {
    const envelope = await signed(format);
    const statement = statementOf();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(envelope.length - 1),
        fc.nat(envelope.length - 1),
        fc.uint8Array({ maxLength: 8 }),
        async (from, to, inserted) => {
          const [a, b] = [Math.min(from, to), Math.max(from, to)];
          const changed = Buffer.concat([envelope.subarray(0, a), inserted, envelope.subarray(b)]);
          fc.pre(Buffer.compare(changed, envelope) !== 0);
          fc.pre(changed.toString('latin1').replace(/\s/g, '') !== Buffer.from(envelope).toString('latin1'));
          expect((await verified(format, changed, { statement })).verdict).toBe('rejected');
        },
      ),
      { numRuns: 500 },
    );
  });
});

const serverAuth = '1.3.6.1.5.5.7.3.1';
