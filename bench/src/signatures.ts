// What verifying one Sigstore bundle costs: each is another signature by another signer, as a registry brings them.
import { createHash } from 'node:crypto';
import type { Digest } from '@plombe/model';
import {
  certificateMaterial,
  keyMaterial,
  preAuthEncoding,
  buildStatement,
  signEnvelope,
  signerOf,
  verifyBundle,
  writeBundle,
  generatePrivateKey,
  type Bundle,
  type Signer,
  type Trust,
} from '@plombe/trust';
import {
  hashedRekordBody,
  hashedRekordV2Body,
  issueSigner,
  person,
  stamp,
  TestLog,
  testRoot,
} from '@plombe/trust/testing';
import type { Figure } from './figure.ts';

/** 200 of each kind, in 40 batches; the cheapest batch counts, because others use the machine. */
const bundles = 200;
const batches = 40;

const artifact = Buffer.from('artifact');
const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}` as Digest;
const rekor1 = new TestLog('rekor.example', 1);
const rekor2 = new TestLog('log2.example', 2);
const trustedRoot = testRoot({ logs: [rekor1.json(), rekor2.json()] });
const rule = { subject: { exact: person.subject }, issuer: { exact: person.issuer } };
const keyless: Trust = { anchor: { kind: 'identities', rules: [rule] }, trustedRoot };

/** Measures keyed bundles, keyless ones with Rekor v1, and with Rekor v2 and a time stamp (authorities on P-384, as the public ones). */
export async function measureSignatures(): Promise<readonly Figure[]> {
  const signer = signerOf(await generatePrivateKey('ecdsa-p256'));
  const keyed: Trust = { anchor: { kind: 'keys', keys: [signer.publicKey] } };
  return [
    await figure('keyed bundle', 0.3, keyed, () => keyedBundle(signer)),
    await figure('full bundle, Rekor v1', 2, keyless, fullBundleV1),
    await figure('full bundle, Rekor v2 and time stamp', 2, keyless, fullBundleV2),
  ];
}

async function figure(subject: string, limit: number, trust: Trust, make: () => Promise<Uint8Array>): Promise<Figure> {
  const made: Uint8Array[] = [];
  for (let count = 0; count < bundles; count++) made.push(await make());
  const verify = (bundle: Uint8Array): void => {
    const { verdict, checks } = verifyBundle({
      bundle,
      subject: { digest, bytes: artifact },
      expect: { kind: 'any' },
      trust,
    });
    if (verdict !== 'verified') throw new Error(JSON.stringify(checks));
  };
  // Warm up on a few bundles that are not measured, often enough for the compiler.
  for (let count = 0; count < 20; count++) {
    const bundle = await make();
    for (let again = 0; again < 50; again++) verify(bundle);
  }
  const size = bundles / batches;
  const costs = Array.from({ length: batches }, (_, batch) => {
    const before = process.cpuUsage();
    for (const bundle of made.slice(batch * size, (batch + 1) * size)) verify(bundle);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / size;
  }).sort((a, b) => a - b);
  const value = costs[0] ?? Number.POSITIVE_INFINITY;
  const median = costs[batches / 2] ?? value;
  return {
    name: 'verify, CPU',
    subject,
    value,
    unit: 'ms',
    limit,
    detail: `${value.toFixed(2)} ms, median of batches ${median.toFixed(2)} ms`,
  };
}

async function keyedBundle(signer: Signer): Promise<Uint8Array> {
  const payload = buildStatement({ digest, predicateType: 'https://example.com/p', predicate: { at: Math.random() } });
  const content: Bundle['content'] = { kind: 'envelope', envelope: await signEnvelope(payload, signer) };
  return writeBundle({ material: keyMaterial(signer.publicKey), entries: [], timestamps: [], content });
}

async function fullBundleV1(): Promise<Uint8Array> {
  const leaf = issueSigner();
  const signature = await signerOf(leaf.key).sign(artifact);
  const entry = await rekor1.add(hashedRekordBody(artifact, signature, leaf.pem));
  const material = certificateMaterial([leaf.certificate.bytes]);
  return writeBundle({ material, entries: [entry], timestamps: [], content: { kind: 'message', signature } });
}

async function fullBundleV2(): Promise<Uint8Array> {
  const leaf = issueSigner();
  const payload = buildStatement({ digest, predicateType: 'https://example.com/p', predicate: {} });
  const envelope = await signEnvelope(payload, signerOf(leaf.key));
  const signature = envelope.signatures[0]?.signature ?? new Uint8Array();
  const verifier = { x509Certificate: { rawBytes: Buffer.from(leaf.certificate.bytes).toString('base64') } };
  const entry = await rekor2.add(
    hashedRekordV2Body(preAuthEncoding(envelope.payloadType, payload), signature, verifier),
  );
  const material = certificateMaterial([leaf.certificate.bytes]);
  const content: Bundle['content'] = { kind: 'envelope', envelope };
  return writeBundle({ material, entries: [entry], timestamps: [stamp(signature)], content });
}
