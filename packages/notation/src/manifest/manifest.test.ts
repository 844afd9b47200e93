// The manifest that stores a signature: exactly what the specification wants.
import { createHash } from 'node:crypto';
import { parseDigest, type Digest } from '@plombe/model';
import { expect, it } from 'vitest';
import { signed, target, testChain } from '../testing/world.ts';
import { signatureManifest } from './manifest.ts';

it.each([
  ['jws', 'application/jose+json'],
  ['cose', 'application/cose'],
] as const)('a %s signature is stored with its subject, an empty config and thumbprints', async (format, mediaType) => {
  const envelope = await signed(format);
  const subject = { mediaType: target.mediaType, digest: parseDigest(target.digest) as Digest, sizeBytes: 1234 };
  const made = signatureManifest({ format, envelope, chain: testChain.chain, subject, annotations: { note: 'x' } });
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  expect(JSON.parse(Buffer.from(made.manifest.bytes).toString())).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.cncf.notary.signature',
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    },
    layers: [{ mediaType, digest: `sha256:${sha256(envelope)}`, size: envelope.length }],
    subject: { mediaType: target.mediaType, digest: target.digest, size: 1234 },
    annotations: {
      note: 'x',
      'io.cncf.notary.x509chain.thumbprint#S256': JSON.stringify(testChain.chain.map(({ bytes }) => sha256(bytes))),
    },
  });
  expect(made.manifest.digest).toBe(`sha256:${sha256(made.manifest.bytes)}`);
  expect(Buffer.from(made.config.bytes).toString()).toBe('{}');
});
