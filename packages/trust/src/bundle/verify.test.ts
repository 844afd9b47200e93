// Bundles made here, verified here: keys, identities, logs of both kinds, time stamps and thresholds.
import { createHash } from 'node:crypto';
import { testKey, testNowMs } from '@plombe/pki/testing';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../identity/pattern.ts';
import { publicKeyOf, publicKeyPem } from '../keys/public-key.ts';
import { signerOf } from '../keys/signer.ts';
import { cosignSignPredicateType } from '../statement/predicate-types.ts';
import { buildStatement } from '../statement/statement.ts';
import { hashedRekordBody, issueSigner, person, stamp } from '../testing/sigstore.ts';
import type { Trust } from '../verify/trust.ts';
import { writeBundle } from './write.ts';
import {
  artifact,
  digest,
  otherDigest,
  publicKey,
  rekor1,
  rekor2,
  root,
  keyed,
  keyless,
  verify,
  failed,
  keyedMessage,
  keyedEnvelope,
  keylessEnvelope,
} from '../testing/bundles.ts';

describe('keys', () => {
  it.each(['p256', 'p384', 'p521', 'ed25519', 'rsa3072', 'ml-dsa-44'] as const)('%s signs a message', async (kind) => {
    const own = testKey(kind);
    const trust: Trust = { anchor: { kind: 'keys', keys: [publicKey, publicKeyOf(own)] } };
    const bundle = await keyedMessage({ content: { kind: 'message', signature: await signerOf(own).sign(artifact) } });
    const result = verify(bundle, trust, { subject: { digest, bytes: artifact } });
    expect(result).toMatchObject({ verdict: 'verified', format: 'bundle', signerId: publicKeyOf(own).id });
    const withoutBytes = verify(bundle, trust).verdict;
    expect(withoutBytes).toBe(['p256', 'p384', 'rsa3072'].includes(kind) ? 'verified' : 'undecidable');
    expect(verify(bundle, keyed, { subject: { digest, bytes: artifact } }).verdict).toBe('rejected');
  });

  it('signs a statement, and signatures are no attestations', async () => {
    const attestation = await keyedEnvelope();
    const result = verify(attestation, keyed, { expect: { kind: 'attestation', predicateType: 'slsaprovenance1' } });
    expect(result).toMatchObject({
      verdict: 'verified',
      predicateType: 'https://slsa.dev/provenance/v1',
      statement: { predicate: { a: 1 } },
    });
    expect(failed(verify(attestation, keyed, { expect: { kind: 'signature' } }))).toEqual(['predicate-type']);
    expect(failed(verify(attestation, keyed, { expect: { kind: 'attestation', predicateType: 'vuln' } }))).toEqual([
      'predicate-type',
    ]);
    const signature = await keyedEnvelope(
      buildStatement({ digest, predicateType: cosignSignPredicateType, predicate: {}, annotations: { env: 'prod' } }),
    );
    const signed = verify(signature, keyed, { expect: { kind: 'signature' }, annotations: { env: 'prod' } });
    expect(signed).toMatchObject({ verdict: 'verified', annotations: { env: 'prod' } });
    expect(signed.predicateType).toBeUndefined();
    expect(failed(verify(signature, keyed, { annotations: { env: 'test' } }))).toEqual(['annotations']);
    expect(failed(verify(signature, keyed, { expect: { kind: 'attestation' } }))).toEqual(['predicate-type']);
    const message = await keyedMessage();
    expect(failed(verify(message, keyed, { expect: { kind: 'attestation' } }))).toEqual(['predicate-type']);
  });

  it('is rejected for another subject, without a key, and with a log that nobody kept', async () => {
    expect(failed(verify(await keyedMessage(), keyed, { subject: { digest: otherDigest } }))).toEqual(['subject']);
    expect(failed(verify(await keyedEnvelope(), keyed, { subject: { digest: otherDigest } }))).toEqual(['subject']);
    expect(failed(verify(await keyedMessage(), { anchor: { kind: 'keys', keys: [] } }))).toEqual(['key']);
    expect(failed(verify(await keyedMessage(), keyless))).toEqual(['key']);
    expect(failed(verify(await keyedMessage(), { ...keyed, requireLogs: 1 }))).toEqual(['log-threshold']);
    expect(failed(verify(await keyedMessage(), { ...keyed, requireTimestamps: 1 }))).toEqual(['timestamp-threshold']);
    const wrongBytes = { digest, bytes: Buffer.from('other') };
    expect(failed(verify(await keyedMessage(), keyed, { subject: wrongBytes }))).toEqual(['subject']);
  });

  it('needs the bytes where the hint is another hash, and takes an empty hint for none', async () => {
    const hint = { algorithm: 'sha384' as const, value: createHash('sha384').update(artifact).digest() };
    const { content } = await keyedMessage();
    const { signature } = content as { readonly signature: Uint8Array };
    const bundle = await keyedMessage({ content: { kind: 'message', signature, digest: hint } });
    expect(verify(bundle, keyed).verdict).toBe('undecidable');
    expect(verify(bundle, keyed, { subject: { digest, bytes: artifact } }).verdict).toBe('verified');
    const text = Buffer.from(writeBundle(bundle)).toString();
    const empty = text.replace(/"messageDigest":\{[^}]*\}/, '"messageDigest":{}');
    expect(verify(bundle, keyed, { bundle: empty }).verdict).toBe('verified');
  });

  it('counts a log and a time stamp where they are asked for', async () => {
    const bundle = await keyedMessage();
    const { signature } = bundle.content as { readonly signature: Uint8Array };
    const entry = await rekor1.add(hashedRekordBody(artifact, signature, publicKeyPem(publicKey)));
    const trust: Trust = { ...keyed, trustedRoot: root, requireLogs: 1, requireTimestamps: 1 };
    const result = verify({ ...bundle, entries: [entry], timestamps: [stamp(signature)] }, trust);
    expect(result).toMatchObject({ verdict: 'verified', signedAtMs: testNowMs });
  });
});

describe('identities', () => {
  it.each([
    ['Rekor v1', { logs: [rekor1], stamps: 0 }],
    ['Rekor v2 with a time stamp', { logs: [rekor2], stamps: 1 }],
    ['both', { logs: [rekor1, rekor2], stamps: 1 }],
  ] as const)('are verified with %s', async (_, options) => {
    const result = verify(await keylessEnvelope(options), keyless);
    expect(failed(result)).toEqual([]);
    expect(result).toMatchObject({
      verdict: 'verified',
      signer: `${person.subject} of ${person.issuer}`,
      signerId: `identity:${person.issuer}:${person.subject}`,
      signedAtMs: testNowMs,
    });
  });

  it('need a log where the root knows one, a time, and a trusted root', async () => {
    expect(failed(verify(await keylessEnvelope({ logs: [] }), keyless))).toEqual(['log-threshold']);
    expect(verify(await keylessEnvelope({ logs: [] }), { ...keyless, requireLogs: 0 }).verdict).toBe('verified');
    expect(failed(verify(await keylessEnvelope({ stamps: 0 }), keyless))).toEqual(['certificate-chain']);
    const { trustedRoot: _, ...without } = keyless;
    expect(verify(await keylessEnvelope(), without).verdict).toBe('undecidable');
  });

  it('T43 both subject and issuer must match as a whole', async () => {
    const bundle = await keylessEnvelope();
    const pattern = (source: string): { pattern: ReturnType<typeof compiled> } => ({ pattern: compiled(source) });
    const verdict = (subject: string, issuer: string): string =>
      verify(bundle, {
        ...keyless,
        anchor: { kind: 'identities', rules: [{ subject: pattern(subject), issuer: pattern(issuer) }] },
      }).verdict;
    expect(verdict('https://example\\.com/build@refs/heads/.*', 'https://issuer\\.example')).toBe('verified');
    expect(verdict('example\\.com', 'https://issuer\\.example')).toBe('rejected');
    expect(verdict('https://example\\.com/build@refs/heads/.*', 'issuer')).toBe('rejected');
    expect(verdict('.*', '')).toBe('rejected');
    const none = verify(bundle, { ...keyless, anchor: { kind: 'identities', rules: [] } });
    expect(failed(none)).toEqual(['identity']);
    const foreign = verify(
      await keylessEnvelope({ leaf: issueSigner({ issuerText: 'https://evil.example' }) }),
      keyless,
    );
    expect(failed(foreign)).toEqual(['identity']);
  });
});

function compiled(source: string): { readonly source: string; matches(text: string): boolean } {
  const pattern = compilePattern(source);
  if (pattern.kind !== 'parsed') throw new Error(pattern.message);
  return pattern.value;
}
