// Signatures that demand a verification plugin: with it, without it, and with one that lies or fails.
import { describe, expect, it } from 'vitest';
import { testNowMs } from '@plombe/pki/testing';
import { notaryAlgorithms, type NotaryAlgorithm } from '../envelope/algorithm.ts';
import type { SignedAttributes } from '../envelope/envelope.ts';
import { buildEnvelope } from '../envelope/parse.ts';
import { formatPayload } from '../envelope/payload.ts';
import { keyAtHand } from '../sign/signer.ts';
import { failed, testPlugin, type PluginChanges } from '../testing/plugin.ts';
import { messageOf, outcomes, statementOf, target, testChain, verified } from '../testing/world.ts';
import { atLeast, verificationPlugin } from './verification.ts';

async function demanding(format: 'jws' | 'cose', fields: Partial<SignedAttributes> = {}): Promise<Uint8Array> {
  const builder = buildEnvelope(format, {
    algorithm: notaryAlgorithms[3] as NotaryAlgorithm,
    attributes: {
      scheme: 'notary.x509',
      signingTimeMs: testNowMs,
      verificationPlugin: 'test',
      verificationPluginMinVersion: '1.2.0',
      extended: [{ name: 'com.example.rule', value: 'strict', critical: true }],
      ...fields,
    },
    payload: formatPayload(target),
  });
  const signature = await keyAtHand(testChain.leaf.key).sign(builder.signedBytes);
  return builder.finish({ signature, chain: testChain.chain.map(({ bytes }) => bytes) });
}

const identity = 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY';
const revocation = 'SIGNATURE_VERIFIER.REVOCATION_CHECK';

describe.each(['jws', 'cose'] as const)('a %s signature that demands a plugin', (format) => {
  const judge = async (
    changes: PluginChanges,
    { statement = statementOf(), requests = [] as Record<string, unknown>[], fields = {} } = {},
  ) =>
    verified(format, await demanding(format, fields), {
      statement,
      plugin: (name) =>
        Promise.resolve(
          name === 'test' ? verificationPlugin({ name, exec: testPlugin(testChain, changes, requests) }) : undefined,
        ),
    });

  it('verifies where the plugin agrees', async () => {
    const requests: Record<string, unknown>[] = [];
    const other = statementOf({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Other'] });
    const result = await judge({}, { statement: other, requests });
    expect(result).toMatchObject({ verdict: 'verified', signerId: expect.any(String) as string });
    expect(outcomes(result)).toMatchObject({ identity: 'pass', revocation: 'pass', 'critical-attributes': 'pass' });
    expect(requests[1]).toMatchObject({
      contractVersion: '1.0',
      signature: {
        criticalAttributes: {
          contentType: 'application/vnd.cncf.notary.payload.v1+json',
          signingScheme: 'notary.x509',
          verificationPlugin: 'test',
          verificationPluginMinVersion: '1.2.0',
          extendedAttributes: { 'com.example.rule': 'strict' },
        },
        unprocessedAttributes: ['com.example.rule'],
        certificateChain: testChain.chain.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
      },
      trustPolicy: {
        trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Other'],
        signatureVerification: [identity, revocation],
      },
    });
  });

  it('is rejected without it', async () => {
    const alone = await verified(format, await demanding(format));
    expect(alone.verdict).toBe('rejected');
    expect(messageOf(alone, 'critical-attributes')).toContain('not at hand');
    const other = await judge({}, { fields: { verificationPlugin: 'other' } });
    expect(other.verdict).toBe('rejected');
  });

  const bad: readonly (readonly [string, PluginChanges, string, string])[] = [
    [
      'refuses the identity',
      {
        'verify-signature': () => ({
          verificationResults: { [identity]: { success: false, reason: 'no' }, [revocation]: { success: true } },
        }),
      },
      'identity',
      'refuses: no',
    ],
    [
      'says revoked',
      {
        'verify-signature': () => ({
          verificationResults: { [identity]: { success: true }, [revocation]: { success: false, reason: 'gone' } },
        }),
      },
      'revocation',
      'refuses: gone',
    ],
    [
      'leaves a step out',
      { 'verify-signature': () => ({ verificationResults: { [identity]: { success: true } } }) },
      'revocation',
      'did not answer',
    ],
    [
      'leaves an attribute out',
      { 'verify-signature': () => ({ processedAttributes: [] }) },
      'critical-attributes',
      'left out',
    ],
    [
      'answers more than asked',
      {
        'verify-signature': () => ({
          verificationResults: {
            [identity]: { success: true },
            [revocation]: { success: true },
            more: { success: true },
          },
        }),
      },
      'critical-attributes',
      'nobody asked',
    ],
    [
      'fails',
      { 'verify-signature': failed({ errorCode: 'ERROR', errorMessage: 'broken' }) },
      'critical-attributes',
      'broken',
    ],
    [
      'answers no result',
      { 'verify-signature': () => ({ verificationResults: null }) },
      'critical-attributes',
      'missing',
    ],
    [
      'T73 answers by prototype',
      {
        'verify-signature': () => ({
          verificationResults: JSON.parse(`{"__proto__":{"${identity}":{"success":true}}}`) as object,
        }),
      },
      'critical-attributes',
      'neither true nor false',
    ],
    ['is too old', { 'get-plugin-metadata': () => ({ version: '1.1.9' }) }, 'critical-attributes', '1.2.0 or later'],
    ['has no version', { 'get-plugin-metadata': () => ({ version: 'new' }) }, 'critical-attributes', '1.2.0 or later'],
    [
      'cannot verify',
      { 'get-plugin-metadata': () => ({ capabilities: ['SIGNATURE_GENERATOR.RAW'] }) },
      'critical-attributes',
      'cannot verify',
    ],
  ];

  it.each(bad)('is rejected where the plugin %s', async (_name, changes, check, message) => {
    const result = await judge(changes);
    expect([result.verdict, messageOf(result, check)]).toEqual(['rejected', expect.stringContaining(message)]);
    if (check === 'identity') expect(result.signerId).toBeUndefined();
  });

  it('makes the steps itself that the plugin does not take over', async () => {
    const onlyRevocation: PluginChanges = {
      'get-plugin-metadata': () => ({ capabilities: [revocation] }),
      'verify-signature': () => ({ verificationResults: { [revocation]: { success: true } } }),
    };
    expect((await judge(onlyRevocation)).verdict).toBe('verified');
    const other = statementOf({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Other'] });
    expect((await judge(onlyRevocation, { statement: other })).verdict).toBe('rejected');
  });

  it('only warns of a revocation the policy logs, and does not ask where it skips', async () => {
    const revoked: PluginChanges = {
      'verify-signature': () => ({
        verificationResults: { [identity]: { success: true }, [revocation]: { success: false, reason: 'gone' } },
      }),
    };
    const logged = await judge(revoked, { statement: statementOf({}, { level: 'permissive' }) });
    expect([logged.verdict, outcomes(logged)['revocation']]).toEqual(['verified', 'warn']);
    const skipping: PluginChanges = {
      'verify-signature': () => ({ verificationResults: { [identity]: { success: true } } }),
    };
    const statement = statementOf({}, { level: 'strict', override: { revocation: 'skip' } });
    const skipped = await judge(skipping, { statement });
    expect([skipped.verdict, outcomes(skipped)['revocation']]).toEqual(['verified', 'skip']);
  });
});

describe('SemVer', () => {
  it.each([
    ['1.0.0', '1.0.0', true],
    ['1.0.1', '1.0.0', true],
    ['1.10.0', '1.9.0', true],
    ['2.0.0', '10.0.0', false],
    ['1.0.0-rc.1', '1.0.0', false],
    ['1.0.0', '1.0.0-rc.1', true],
    ['1.0.0-rc.2', '1.0.0-rc.10', false],
    ['1.0.0-alpha.beta', '1.0.0-alpha.1', true],
    ['1.0.0-alpha.1', '1.0.0-alpha', true],
    ['1.0.0+build', '1.0.0', true],
    ['v1.0.0', '1.0.0', true],
    ['1.0', '1.0.0', false],
    ['1.0.0', 'x', false],
  ])('%s is at least %s: %s', (version, least, expected) => {
    expect(atLeast(version, least)).toBe(expected);
  });
});
