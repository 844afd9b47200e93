// Both ways with the real `notation` program: what it signs we verify, what we sign it verifies, and both refuse the same.
import { parseDigest, type Digest } from '@plombe/model';
import { issue, testExtension, testNowMs, type Issued, type TestCertificate } from '@plombe/pki/testing';
import { derNull } from '@plombe/pki';
import { afterAll, describe, expect, it } from 'vitest';
import { issueTimestamper, makeToken } from '../../pki/src/testing/timestamp.ts';
import { algorithmOfKey, type NotaryAlgorithm } from './envelope/algorithm.ts';
import type { EnvelopeFormat } from './envelope/envelope.ts';
import { buildEnvelope, envelopeFormat } from './envelope/parse.ts';
import { formatPayload } from './envelope/payload.ts';
import {
  thumbprintAnnotation,
  chainThumbprints,
  signatureArtifactType,
  signatureManifest,
} from './manifest/manifest.ts';
import { signArtifact, type SigningRequest } from './sign/sign.ts';
import { chainSigner, keyAtHand } from './sign/signer.ts';
import { findNotation, NotationWorld } from './testing/notation-program.ts';
import { policyCases } from './testing/policies.ts';
import { keyOf, leafSubject, codeSigning, statementOf, storeOf } from './testing/world.ts';
import { trustStoreOnDisk } from './trust-store/disk.ts';
import { readTrustStore } from './trust-store/store.ts';
import { verifyEnvelope } from './verify/verify.ts';

const program = findNotation();
if (program === undefined) console.warn('SKIPPED: no `notation` program; set PLOMBE_NOTATION or install it');

const nowMs = Math.floor(Date.now() / 1000) * 1000;
const hourMs = 3_600_000;
const long = { notBeforeMs: nowMs - 24 * hourMs, notAfterMs: nowMs + 24 * hourMs };
const root = issue({ subject: ['C=DE', 'ST=Berlin', 'O=Example', 'CN=root'], ca: true, ...long });
const middle = issue({ subject: ['C=DE', 'O=Example', 'CN=middle'], ca: true, issuer: root, ...long });
// The token's attribute signingTime is the test support's fixed moment, and notation wants it within the validity.
const sinceTests = { ...long, notBeforeMs: testNowMs - 24 * hourMs };
const stampRoot = issue({ subject: ['CN=stamp root'], ca: true, ...sinceTests });
const stamper = issueTimestamper({ issuer: stampRoot, ...sinceTests });

describe.skipIf(program === undefined)('the notation program', () => {
  const worlds: NotationWorld[] = [];
  afterAll(() => worlds.forEach((world) => world[Symbol.dispose]()));

  function open(leaf: Issued): NotationWorld {
    const world = new NotationWorld(program ?? '', leaf, [leaf, middle, root].map(({ pem }) => pem).join(''));
    world.trust('ca', root);
    world.trust('tsa', stampRoot);
    world.policy(policyOf());
    worlds.push(world);
    return world;
  }

  it.each([
    ['jws', 'EC-256'],
    ['jws', 'EC-384'],
    ['jws', 'EC-521'],
    ['jws', 'RSA-2048'],
    ['jws', 'RSA-3072'],
    ['jws', 'RSA-4096'],
    ['cose', 'EC-256'],
    ['cose', 'EC-384'],
    ['cose', 'EC-521'],
    ['cose', 'RSA-2048'],
    ['cose', 'RSA-3072'],
    ['cose', 'RSA-4096'],
  ] as const)('%s with %s, both ways', async (format, keySpec) => {
    const leaf = issueLeaf(keySpec);
    const world = open(leaf);
    const chain = [leaf, middle, root].map(({ certificate }) => certificate);

    expect(world.sign(format, '--expiry', '1h', '--user-metadata', 'build=7')).toMatchObject({ status: 0 });
    const [theirs] = world.signatures();
    expect(theirs?.manifest.config.mediaType).toBe(signatureArtifactType);
    expect(theirs?.manifest.annotations[thumbprintAnnotation]).toBe(JSON.stringify(chainThumbprints(chain)));
    const layer = theirs?.manifest.layers[0];
    expect(envelopeFormat(layer?.mediaType ?? '')).toBe(format);
    const result = await verifyEnvelope({
      format,
      envelope: theirs?.envelope ?? new Uint8Array(),
      subject: { digest: world.subject.digest, mediaType: world.subject.mediaType, sizeBytes: world.subject.size },
      statement: statementOf({ trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Example, CN=signer'] }),
      trustStore: await readTrustStore(trustStoreOnDisk(`${world.folder}/config/notation/truststore`)),
      nowMs: Date.now(),
      annotations: { build: '7' },
    });
    expect(result).toMatchObject({ verdict: 'verified', annotations: { build: '7' } });

    world.store(await ours(world, format, leaf));
    expect(world.verify('--user-metadata', 'build=8')).toMatchObject({ status: 0 });
    expect(world.verify('--user-metadata', 'build=9').status).not.toBe(0);
  });

  it.each(['jws', 'cose'] as const)('refuses and accepts %s signatures as we do', async (format) => {
    const leaf = issueLeaf('EC-256');
    const chain = [leaf, middle, root].map(({ certificate }) => certificate);
    const world = open(leaf);
    const stamp: SigningRequest['timestamp'] = (message) =>
      Promise.resolve(
        makeToken({
          authority: stamper,
          message,
          timeMs: nowMs,
          certificates: [stamper.certificate, stampRoot.certificate],
        }),
      );
    const cases: readonly Case[] = [
      { name: 'plain', fields: {}, level: { level: 'strict' }, verdict: 'verified' },
      {
        name: 'identity',
        fields: { trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Example'] },
        verdict: 'verified',
      },
      {
        name: 'other identity',
        fields: { trustedIdentities: ['x509.subject: C=DE, ST=Bonn, O=Example'] },
        verdict: 'rejected',
      },
      { name: 'authority as user', request: { scheme: 'notary.x509.signingAuthority' }, verdict: 'rejected' },
      {
        name: 'stamped',
        fields: { trustStores: ['ca:acme', 'tsa:acme'] },
        request: { timestamp: stamp },
        verdict: 'verified',
      },
      { name: 'not stamped', fields: { trustStores: ['ca:acme', 'tsa:acme'] }, verdict: 'rejected' },
      {
        name: 'stamped for another',
        fields: { trustStores: ['ca:acme', 'tsa:acme'] },
        request: { timestamp: async (message, hash) => stamp(Uint8Array.from(message).fill(0, 0, 1), hash) },
        verdict: 'rejected',
      },
      {
        name: 'wrong stamp, only logged',
        fields: { trustStores: ['ca:acme', 'tsa:acme'] },
        level: { level: 'permissive' },
        request: { timestamp: async (message, hash) => stamp(Uint8Array.from(message).fill(0, 0, 1), hash) },
        verdict: 'verified',
      },
      { name: 'missing store', fields: { trustStores: ['ca:acme', 'ca:other'] }, verdict: 'rejected' },
      {
        name: 'expired',
        request: { signingTimeMs: nowMs - 2 * hourMs, expiryMs: nowMs - hourMs },
        verdict: 'rejected',
      },
      {
        name: 'expired, only logged',
        level: { level: 'strict', override: { expiry: 'log' } },
        request: { signingTimeMs: nowMs - 2 * hourMs, expiryMs: nowMs - hourMs },
        verdict: 'verified',
      },
    ];
    for (const { name, fields = {}, level = { level: 'strict' }, request = {}, verdict } of cases) {
      world.policy(policyOf(fields, level));
      const made = await ours(world, format, leaf, request);
      world.store(made);
      const result = await verifyEnvelope({
        format,
        envelope: made.envelope.bytes,
        subject: { digest: world.subject.digest },
        statement: statementOf(fields, level),
        trustStore: storeOf({ ca: [chain[2] as (typeof chain)[number]], tsa: [stampRoot.certificate] }),
        nowMs: Date.now(),
      });
      const { status, output } = world.verify();
      expect([name, result.verdict]).toEqual([name, verdict]);
      expect([name, status === 0 ? 'verified' : 'rejected', output]).toEqual([name, verdict, output]);
    }
  });
});

describe.skipIf(program === undefined)('the notation program on certificates', () => {
  const leafWith = (options: TestCertificate) =>
    issue({ subject: leafSubject, issuer: middle, purposes: [codeSigning], ...long, ...options });
  const leaves: readonly (readonly [string, Issued, string?])[] = [
    ['no extended key usage', issue({ subject: leafSubject, issuer: middle, ...long })],
    ['a second, private purpose', leafWith({ purposes: [codeSigning, '1.2.3.4'] })],
    ['a private purpose alone', leafWith({ purposes: ['1.2.3.4'] })],
    ['non-repudiation too', leafWith({ keyUsage: [0, 1] })],
    ['non-repudiation alone', leafWith({ keyUsage: [1] })],
    ['key encipherment too', leafWith({ keyUsage: [0, 2] })],
    ['certificate signing too', leafWith({ keyUsage: [0, 5] })],
    ['no key usage', leafWith({ keyUsage: [] })],
    ['server authentication too', leafWith({ purposes: [codeSigning, '1.3.6.1.5.5.7.3.1'] })],
    ['e-mail protection too', leafWith({ purposes: [codeSigning, '1.3.6.1.5.5.7.3.4'] })],
    ['time stamping too', leafWith({ purposes: [codeSigning, '1.3.6.1.5.5.7.3.8'] })],
    ['any purpose', leafWith({ purposes: ['2.5.29.37.0'] }), 'the specification forbids it, notation does not ask'],
    ['the role of an authority', leafWith({ ca: true })],
    ['a critical extension of its own', leafWith({ extensions: [testExtension('1.2.3.4', derNull(), true)] })],
    ['its end before now', leafWith({ notAfterMs: nowMs - hourMs })],
    ['its beginning after now', leafWith({ notBeforeMs: nowMs + hourMs })],
    ['two organizational units', leafWith({ subject: [...leafSubject, 'OU=a', 'OU=b'] })],
  ];

  const named = leaves.map(([name, leaf, differs]) => ({ name, leaf, differs }));

  it.each(named)('agrees about a leaf with $name, save where we say why not', async ({ leaf, differs }) => {
    using world = new NotationWorld(program ?? '', leaf, '');
    world.trust('ca', root);
    world.policy(policyOf());
    const chain = [leaf, middle, root].map(({ certificate }) => certificate);
    const { mediaType, digest, size } = world.subject;
    const builder = buildEnvelope('jws', {
      algorithm: algorithmOfKey(leaf.certificate.publicKey) as NotaryAlgorithm,
      attributes: { scheme: 'notary.x509', signingTimeMs: nowMs, extended: [] },
      payload: formatPayload({ mediaType, digest, sizeBytes: size, annotations: {} }),
    });
    const signature = await keyAtHand(leaf.key).sign(builder.signedBytes);
    const envelope = builder.finish({ signature, chain: chain.map(({ bytes }) => bytes) });
    const subject = { mediaType, digest: parseDigest(digest) as Digest, sizeBytes: size };
    world.store(signatureManifest({ format: 'jws', envelope, chain, subject }));
    const result = await verifyEnvelope({
      format: 'jws',
      envelope,
      subject: { digest },
      statement: statementOf(),
      trustStore: storeOf({ ca: [root.certificate] }),
      nowMs: Date.now(),
    });
    const { status, output } = world.verify();
    expect([(result.verdict === 'verified') === (status === 0), output]).toEqual([differs === undefined, output]);
  });
});

describe.skipIf(program === undefined)('the notation program on trust policies', () => {
  it('reads and refuses the same files, save where we say why not', () => {
    using world = new NotationWorld(program ?? '', issueLeaf('EC-256'), root.pem);
    const judged = policyCases.map(({ name, text, valid, differs }) => {
      const { status } = world.run('policy', 'import', '--force', world.write('policy.json', text));
      return [name, status === 0, differs === undefined ? valid : !valid];
    });
    expect(judged.filter(([, theirs, expected]) => theirs !== expected)).toEqual([]);
  });
});

interface Case {
  readonly name: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly level?: unknown;
  readonly request?: Partial<SigningRequest>;
  readonly verdict: 'verified' | 'rejected';
}

function issueLeaf(keySpec: Parameters<typeof keyOf>[0]): Issued {
  return issue({ subject: leafSubject, key: keyOf(keySpec), purposes: [codeSigning], issuer: middle, ...long });
}

function policyOf(fields: Readonly<Record<string, unknown>> = {}, level: unknown = { level: 'strict' }): unknown {
  const statement = {
    name: 'test',
    registryScopes: ['*'],
    signatureVerification: level,
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...fields,
  };
  return { version: '1.0', trustPolicies: [statement] };
}

async function ours(world: NotationWorld, format: EnvelopeFormat, leaf: Issued, request: Partial<SigningRequest> = {}) {
  const { mediaType, digest, size } = world.subject;
  const chain = [leaf, middle, root].map(({ certificate }) => certificate);
  const { envelope } = await signArtifact({
    format,
    target: { mediaType, digest, sizeBytes: size, annotations: { build: '8' } },
    signer: chainSigner(keyAtHand(leaf.key), chain),
    signingTimeMs: nowMs,
    signingAgent: 'plombe/0.1.0',
    ...request,
  });
  const subject = { mediaType, digest: parseDigest(digest) as Digest, sizeBytes: size };
  return signatureManifest({ format, envelope, chain, subject });
}
