// Cosign's older signatures and attestations: written here, verified here, and every part that lies.
import type { Digest } from '@plombe/model';
import { testKey, testNowMs } from '@plombe/pki/testing';
import { describe, expect, it } from 'vitest';
import { signEnvelope } from '../dsse/sign.ts';
import type { Envelope } from '../dsse/envelope.ts';
import { publicKeyOf, publicKeyPem } from '../keys/public-key.ts';
import { signerOf } from '../keys/signer.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { buildStatement } from '../statement/statement.ts';
import {
  flip,
  hashedRekordBody,
  issueSigner,
  person,
  stamp,
  testAuthorities,
  TestLog,
  testRoot,
} from '../testing/sigstore.ts';
import type { Trust } from '../verify/trust.ts';
import { legacyAnnotations, type LegacyExtras } from './annotations.ts';
import { attestationLayer, envelopeFile, legacyTag, signatureLayer, type LegacyLayer } from './layers.ts';
import { buildSimpleSigning, parseSimpleSigning } from './simple-signing.ts';
import { verifyLegacyAttestation, verifyLegacySignature, type LegacyRequest } from './verify.ts';
import { createHash } from 'node:crypto';
import type { SigstoreResult } from '../bundle/verify.ts';

const digest = `sha256:${'12'.repeat(32)}` as Digest;
const other = `sha256:${'34'.repeat(32)}` as Digest;
const key = testKey('p256');
const rekor = new TestLog('rekor.example', 1);
const root = testRoot({ logs: [rekor.json()] });
const keyed: Trust = { anchor: { kind: 'keys', keys: [publicKeyOf(key)] } };
const rule = { subject: { exact: person.subject }, issuer: { exact: person.issuer } };
const keyless: Trust = { anchor: { kind: 'identities', rules: [rule] }, trustedRoot: root };

const request = (layer: LegacyLayer, trust: Trust, more: Partial<LegacyRequest> = {}): LegacyRequest => ({
  layer: layer.blob,
  layerAnnotations: layer.annotations,
  subject: digest,
  trust,
  ...more,
});
const failed = (result: SigstoreResult): string[] =>
  result.checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);

async function keyedLayer(
  payload = buildSimpleSigning(digest, 'registry.example/app', { env: 'prod' }),
): Promise<LegacyLayer> {
  return signatureLayer(payload, await signerOf(key).sign(payload));
}

async function keylessLayer(change: (extras: LegacyExtras) => LegacyExtras = (extras) => extras): Promise<LegacyLayer> {
  const leaf = issueSigner();
  const payload = buildSimpleSigning(digest, 'registry.example/app');
  const signature = await signerOf(leaf.key).sign(payload);
  const entry = await rekor.add(hashedRekordBody(payload, signature, leaf.pem));
  const chain = [testAuthorities.intermediate, testAuthorities.fulcio].map(({ certificate }) => certificate.bytes);
  return signatureLayer(
    payload,
    signature,
    change({ certificate: leaf.certificate.bytes, chain, entry, timestamp: stamp(signature) }),
  );
}

function without(extras: LegacyExtras, name: keyof LegacyExtras): LegacyExtras {
  return Object.fromEntries(Object.entries(extras).filter(([key]) => key !== name));
}

describe('signatures', () => {
  it.each(['p256', 'p384', 'ed25519', 'rsa3072'] as const)('of a %s key are verified', async (kind) => {
    const own = testKey(kind);
    const payload = buildSimpleSigning(digest, 'r.example/x');
    const layer = signatureLayer(payload, await signerOf(own).sign(payload));
    const trust: Trust = { anchor: { kind: 'keys', keys: [publicKeyOf(own)] } };
    expect(verifyLegacySignature(request(layer, trust))).toMatchObject({ verdict: 'verified', format: 'tag' });
    expect(verifyLegacySignature(request(layer, keyed)).verdict).toBe('rejected');
  });

  it('carry annotations, and are about one digest', async () => {
    const layer = await keyedLayer();
    const result = verifyLegacySignature(
      request(layer, keyed, { annotations: { env: 'prod' }, manifestDigest: other }),
    );
    expect(result).toMatchObject({
      verdict: 'verified',
      digest: other,
      annotations: { env: 'prod' },
      signerId: publicKeyOf(key).id,
    });
    expect(failed(verifyLegacySignature(request(layer, keyed, { annotations: { env: 'test' } })))).toEqual([
      'annotations',
    ]);
    expect(failed(verifyLegacySignature(request(layer, keyed, { subject: other })))).toEqual(['subject']);
  });

  it('of a certificate are verified with log entry and time stamp', async () => {
    const result = verifyLegacySignature(request(await keylessLayer(), { ...keyless, requireTimestamps: 1 }));
    expect(failed(result)).toEqual([]);
    expect(result).toMatchObject({
      verdict: 'verified',
      signerId: `identity:${person.issuer}:${person.subject}`,
      signedAtMs: testNowMs,
    });
    const withoutEntry = await keylessLayer((extras) => without(extras, 'entry'));
    expect(failed(verifyLegacySignature(request(withoutEntry, keyless)))).toEqual(['log-threshold']);
    const withoutChain = await keylessLayer((extras) => without(extras, 'chain'));
    expect(verifyLegacySignature(request(withoutChain, keyless)).verdict).toBe('verified');
  });

  it.each([
    ['no JSON', Buffer.from('x')],
    [
      'another type',
      Buffer.from(buildSimpleSigning(digest, 'x').toString().replace('cosign container', 'atomic container')),
    ],
    ['no digest', Buffer.from('{"critical":{"type":"cosign container image signature","identity":{},"image":{}}}')],
  ])('over a payload with %s are rejected', async (_, payload) => {
    expect(verifyLegacySignature(request(await keyedLayer(payload), keyed)).verdict).toBe('rejected');
  });

  it('T40 with the log entry of another signature are rejected', async () => {
    const payload = buildSimpleSigning(other, 'r.example/x');
    const entry = await rekor.add(
      hashedRekordBody(payload, await signerOf(key).sign(payload), publicKeyPem(publicKeyOf(key))),
    );
    const layer = await keyedLayer();
    const lying = signatureLayer(
      layer.blob,
      Buffer.from(layer.annotations[legacyAnnotations.signature] ?? '', 'base64'),
      { entry },
    );
    for (const trust of [keyed, { ...keyed, trustedRoot: root }]) {
      expect(failed(verifyLegacySignature(request(lying, trust)))).toEqual(['log-entry']);
    }
  });

  it('with any byte flipped are never verified', async () => {
    const layer = await keylessLayer((extras) => without(without(extras, 'timestamp'), 'chain'));
    const signature = legacyAnnotations.signature;
    for (let at = 0; at < layer.blob.length; at++) {
      const blob = flip(layer.blob, at, at % 8);
      expect(verifyLegacySignature(request({ ...layer, blob }, keyless)).verdict).toBe('rejected');
    }
    for (const [name, value] of Object.entries(layer.annotations)) {
      for (let at = 0; at < value.length; at += name === signature ? 1 : 3) {
        const text = flip(Buffer.from(value), at, at % 7).toString();
        const changed = { ...layer, annotations: { ...layer.annotations, [name]: text } };
        const { verdict } = verifyLegacySignature(request(changed, keyless));
        // Only the text between and around PEM lines, and the JSON around the fields, says nothing.
        if (verdict === 'verified') expect([name, at, name === signature]).toEqual([name, at, false]);
      }
    }
  });

  it('T47 T48 with hostile annotations are not verified and nothing is thrown', async () => {
    const layer = await keyedLayer();
    const large = 'A'.repeat(5 * 1024 * 1024);
    for (const [name, value, verdict] of [
      [legacyAnnotations.signature, '', 'rejected'],
      [legacyAnnotations.signature, '!', 'rejected'],
      [legacyAnnotations.signature, large, 'undecidable'],
      [legacyAnnotations.bundle, '{}', 'rejected'],
      [legacyAnnotations.bundle, 'null', 'rejected'],
      [legacyAnnotations.bundle, large, 'undecidable'],
      [legacyAnnotations.certificate, 'x', 'rejected'],
      [legacyAnnotations.certificate, issueSigner().pem.repeat(2), 'rejected'],
      [legacyAnnotations.timestamp, '{"SignedRFC3161Timestamp":""}', 'rejected'],
    ] as const) {
      const changed = { ...layer, annotations: { ...layer.annotations, [name]: value } };
      expect([name, verifyLegacySignature(request(changed, keyed)).verdict]).toEqual([name, verdict]);
    }
    expect(verifyLegacySignature({ ...request(layer, keyed), layerAnnotations: {} }).verdict).toBe('rejected');
  });
});

describe('attestations', () => {
  const statement = buildStatement({ digest, predicateType: 'https://spdx.dev/Document', predicate: { name: 'x' } });

  async function attested(leaf?: ReturnType<typeof issueSigner>): Promise<Envelope> {
    return signEnvelope(statement, signerOf(leaf?.key ?? key));
  }

  it('are verified by key and predicate type', async () => {
    const layer = attestationLayer(await attested(), 'https://spdx.dev/Document');
    expect(layer.annotations).toEqual({
      'dev.cosignproject.cosign/signature': '',
      predicateType: 'https://spdx.dev/Document',
    });
    const result = verifyLegacyAttestation(request(layer, keyed, { predicateType: 'spdxjson' }));
    expect(result).toMatchObject({ verdict: 'verified', predicateType: 'https://spdx.dev/Document' });
    expect(failed(verifyLegacyAttestation(request(layer, keyed, { predicateType: 'cyclonedx' })))).toEqual([
      'predicate-type',
    ]);
    expect(failed(verifyLegacyAttestation(request(layer, keyed, { subject: other })))).toEqual(['subject']);
    expect(verifyLegacySignature(request(layer, keyed)).verdict).toBe('rejected');
  });

  it.each(['dsse 0.0.1', 'intoto 0.0.2', 'intoto 0.0.1'])('are verified with a log entry of kind %s', async (kind) => {
    const leaf = issueSigner();
    const envelope = await attested(leaf);
    const entry = await rekor.add(attestationBody(kind, envelope, leaf.pem));
    const file = envelopeFile(envelope);
    const extras = { certificate: leaf.certificate.bytes, entry, timestamp: stamp(file) };
    const layer = attestationLayer(envelope, 'https://spdx.dev/Document', extras);
    expect(failed(verifyLegacyAttestation(request(layer, keyless)))).toEqual([]);
    const again = await attested(leaf);
    const lying = attestationLayer(again, 'https://spdx.dev/Document', { certificate: leaf.certificate.bytes, entry });
    expect(failed(verifyLegacyAttestation(request(lying, keyless)))).toContain('log-entry');
  });

  it('with any byte flipped are never verified', async () => {
    const layer = attestationLayer(await attested(), 'https://spdx.dev/Document');
    for (let at = 0; at < layer.blob.length; at++) {
      const blob = flip(layer.blob, at, at % 8);
      expect([at, verifyLegacyAttestation(request({ ...layer, blob }, keyed)).verdict]).toEqual([at, 'rejected']);
    }
  });

  it('with several signatures or none are rejected', async () => {
    const envelope = await attested();
    const [signature] = envelope.signatures;
    for (const signatures of [[], [signature, signature]] as const) {
      const layer = attestationLayer({ ...envelope, signatures: [...signatures] as Envelope['signatures'] }, 'x');
      expect(verifyLegacyAttestation(request(layer, keyed)).verdict).toBe('rejected');
    }
  });
});

function attestationBody(kind: string, envelope: Envelope, pem: string): object {
  const hash = (bytes: Uint8Array): object => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  });
  const base64 = (text: string): string => encodeBase64(Buffer.from(text));
  const signature = encodeBase64(envelope.signatures[0]?.signature ?? new Uint8Array());
  const payloadHash = hash(envelope.payload);
  if (kind === 'dsse 0.0.1') {
    return {
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: { payloadHash, signatures: [{ signature, verifier: base64(pem) }] },
    };
  }
  if (kind === 'intoto 0.0.2') {
    const signatures = [{ sig: base64(signature), publicKey: base64(pem) }];
    return { apiVersion: '0.0.2', kind: 'intoto', spec: { content: { envelope: { signatures }, payloadHash } } };
  }
  const content = { hash: hash(envelopeFile(envelope)), payloadHash };
  return { apiVersion: '0.0.1', kind: 'intoto', spec: { content, publicKey: base64(pem) } };
}

it('names tags and payloads as cosign does', () => {
  expect(legacyTag(digest, 'sig')).toBe(`sha256-${'12'.repeat(32)}.sig`);
  expect(buildSimpleSigning(digest, 'r.example/x').toString()).toBe(
    `{"critical":{"identity":{"docker-reference":"r.example/x"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
  );
  const read = parseSimpleSigning(buildSimpleSigning(digest, 'r.example/x', { b: '2', a: '1' }));
  expect(read).toEqual({
    kind: 'parsed',
    value: { digest, reference: 'r.example/x', annotations: { a: '1', b: '2' } },
  });
});
