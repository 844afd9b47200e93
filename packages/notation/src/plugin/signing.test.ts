// Signing through plugins: what a good one makes, and what a bad one cannot slip in.
import { describe, expect, it } from 'vitest';
import type { Certificate } from '@plombe/pki';
import { issue, testNowMs } from '@plombe/pki/testing';
import { issueTimestamper, makeToken } from '../../../pki/src/testing/timestamp.ts';
import { algorithmOfKey, notaryAlgorithms } from '../envelope/algorithm.ts';
import { signArtifact } from '../sign/sign.ts';
import { answered, failed, testPlugin, type PluginChanges } from '../testing/plugin.ts';
import { chainOf, keyOf, signed, target, testChain, verified } from '../testing/world.ts';
import { pluginMetadata } from './run.ts';
import { pluginEnvelope, pluginSigner } from './signing.ts';

const key = { keyId: 'key-1', pluginConfig: { vault: 'x' } };
const pluginOf = (changes: PluginChanges = {}, chain = testChain) => ({
  name: 'test',
  exec: testPlugin(chain, changes),
});
const refusal = (message: string) =>
  expect.objectContaining({ code: 'notation/plugin', message: expect.stringContaining(message) as string }) as Error;

describe('a signing plugin', () => {
  it.each(notaryAlgorithms.map(({ keySpec }) => keySpec))('with a key of %s signs', async (keySpec) => {
    const chain = chainOf({ key: keyOf(keySpec) });
    const requests: Record<string, unknown>[] = [];
    const signer = await pluginSigner({ name: 'test', exec: testPlugin(chain, {}, requests) }, key);
    const made = await signArtifact({ format: 'cose', target, signer, signingTimeMs: testNowMs });
    expect((await verified('cose', made.envelope)).verdict).toBe('verified');
    expect(made.chain.map(({ serial }) => serial)).toEqual(chain.chain.map(({ serial }) => serial));
    const hash = algorithmOfKey(chain.leaf.certificate.publicKey)?.hash.replace('sha', 'SHA-');
    expect(requests).toMatchObject([
      { contractVersion: '1.0', keyId: 'key-1', pluginConfig: { vault: 'x' } },
      { contractVersion: '1.0', keyId: 'key-1', keySpec, hashAlgorithm: hash },
    ]);
  });

  const bad: readonly (readonly [string, PluginChanges, string])[] = [
    ['another key', { 'describe-key': () => ({ keyId: 'key-2' }) }, 'another key'],
    ['an unknown key', { 'describe-key': () => ({ keySpec: 'RSA-1024' }) }, 'keySpec'],
    ['another algorithm', { 'generate-signature': () => ({ signingAlgorithm: 'ECDSA-SHA-512' }) }, 'not ECDSA-SHA-256'],
    ['no algorithm of ours', { 'generate-signature': () => ({ signingAlgorithm: 'HMAC' }) }, 'signingAlgorithm'],
    ['T47 no certificates', { 'generate-signature': () => ({ certificateChain: [] }) }, 'certificateChain'],
    ['rubbish as certificate', { 'generate-signature': () => ({ certificateChain: ['AAAA'] }) }, 'generate-signature'],
    ['no Base64', { 'generate-signature': () => ({ signature: '***' }) }, 'Base64'],
    ['no JSON', { 'describe-key': { exitCode: 0, stdout: Buffer.from('hello'), stderr: Buffer.alloc(0) } }, 'JSON'],
    ['log lines before it', { 'describe-key': { ...answered({}), stdout: Buffer.from('log\n{}') } }, 'JSON'],
    ['T48 50 MB', { 'describe-key': { ...answered({}), stdout: new Uint8Array(50_000_000) } }, 'more than'],
    [
      'an error',
      { 'describe-key': failed({ errorCode: 'ACCESS_DENIED', errorMessage: 'no\u001b[31m' }) },
      'ACCESS_DENIED: no\\u{1b}[31m',
    ],
    ['an exit code', { 'describe-key': failed({}, 7) }, 'exit code 7'],
  ];

  it.each(bad)('that answers %s is refused', async (_name, changes, message) => {
    const sign = async () =>
      signArtifact({
        format: 'jws',
        target,
        signer: await pluginSigner(pluginOf(changes), key),
        signingTimeMs: testNowMs,
      });
    await expect(sign()).rejects.toThrow(refusal(message));
  });

  it('whose signature does not hold, or whose chain is no code signing chain, is refused', async () => {
    const sign = async (changes: PluginChanges) =>
      signArtifact({
        format: 'jws',
        target,
        signer: await pluginSigner(pluginOf(changes), key),
        signingTimeMs: testNowMs,
      });
    const other = Buffer.alloc(64).toString('base64');
    await expect(sign({ 'generate-signature': () => ({ signature: other }) })).rejects.toThrow('does not hold');
    const short = testChain.chain.slice(0, 1).map(({ bytes }) => Buffer.from(bytes).toString('base64'));
    await expect(sign({ 'generate-signature': () => ({ certificateChain: short }) })).rejects.toThrow('root');
  });

  it('says whether trying again may help', async () => {
    const throttled = failed({ errorCode: 'THROTTLED', errorMessage: 'later' });
    await expect(pluginSigner(pluginOf({ 'describe-key': throttled }), key)).rejects.toMatchObject({ retryable: true });
    await expect(pluginSigner(pluginOf({ 'describe-key': failed({}) }), key)).rejects.toMatchObject({
      retryable: false,
    });
  });

  it('tells what it is, under its own name and a contract we know', async () => {
    expect(await pluginMetadata(pluginOf())).toMatchObject({ name: 'test', version: '1.2.3' });
    await expect(pluginMetadata({ ...pluginOf(), name: 'other' })).rejects.toThrow(refusal('calls itself test'));
    const newer = { 'get-plugin-metadata': () => ({ supportedContractVersions: ['2.0'] }) };
    await expect(pluginMetadata(pluginOf(newer))).rejects.toThrow(refusal('not 1.0'));
    const nothing = { 'get-plugin-metadata': () => ({ capabilities: [] }) };
    await expect(pluginMetadata(pluginOf(nothing))).rejects.toThrow(refusal('capabilities'));
  });
});

describe('an envelope plugin', () => {
  const annotated = { ...target, annotations: { build: '7' } };

  it.each(['jws', 'cose'] as const)('makes a whole %s envelope, which is checked', async (format) => {
    const made = await pluginEnvelope(pluginOf(), key, { format, target: annotated, expirySeconds: 3600 });
    expect(made.annotations).toEqual({ note: 'x' });
    expect((await verified(format, made.signatureEnvelope, { annotations: { build: '7' } })).verdict).toBe('verified');
  });

  const answerWith = (change: Partial<typeof target>) => async () => {
    const envelope = await signed('jws', { target: { ...annotated, ...change } });
    return { signatureEnvelope: Buffer.from(envelope).toString('base64') };
  };
  const bad: readonly (readonly [string, PluginChanges, string])[] = [
    ['another type', { 'generate-envelope': () => ({ signatureEnvelopeType: 'application/cose' }) }, 'another type'],
    [
      'T45 another digest',
      { 'generate-envelope': answerWith({ digest: `sha256:${'b'.repeat(64)}` }) },
      'changed the digest',
    ],
    ['another size', { 'generate-envelope': answerWith({ sizeBytes: 1 }) }, 'changed the sizeBytes'],
    ['fewer annotations', { 'generate-envelope': answerWith({ annotations: {} }) }, 'changed the annotation build'],
    ['rubbish', { 'generate-envelope': () => ({ signatureEnvelope: 'AAAA' }) }, 'cannot be read'],
    ['annotations that are none', { 'generate-envelope': () => ({ annotations: { a: 1 } }) }, 'not a text'],
  ];

  it('that leaves out the expiry asked for is refused', async () => {
    const made = pluginEnvelope(pluginOf({ 'generate-envelope': answerWith({}) }), key, {
      format: 'jws',
      target: annotated,
      expirySeconds: 60,
    });
    await expect(made).rejects.toThrow('left out the expiry');
  });

  it.each(bad)('that answers %s is refused', async (_name, changes, message) => {
    const made = pluginEnvelope(pluginOf(changes), key, { format: 'jws', target: annotated });
    await expect(made).rejects.toThrow(refusal(message));
  });

  it('may stamp, by an authority that is known', async () => {
    const stampRoot = issue({ subject: ['CN=stamp root'], ca: true });
    const authority = issueTimestamper({ issuer: stampRoot });
    const stamped = async () => {
      const timestamp = (message: Uint8Array) => Promise.resolve(makeToken({ authority, message }));
      const envelope = await signed('jws', { target: annotated, timestamp });
      return { signatureEnvelope: Buffer.from(envelope).toString('base64') };
    };
    const make = (timestampRoots: readonly Certificate[]) =>
      pluginEnvelope(pluginOf({ 'generate-envelope': stamped }), key, {
        format: 'jws',
        target: annotated,
        timestampRoots,
      });
    await expect(make([stampRoot.certificate])).resolves.toBeDefined();
    await expect(make([testChain.root.certificate])).rejects.toThrow(refusal('time stamp does not hold'));
  });

  it('may add annotations', async () => {
    const changes = { 'generate-envelope': answerWith({ annotations: { build: '7', more: '8' } }) };
    await expect(pluginEnvelope(pluginOf(changes), key, { format: 'jws', target: annotated })).resolves.toBeDefined();
  });
});
