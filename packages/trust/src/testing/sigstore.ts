// A whole Sigstore for tests: certificate authority, certificate log, transparency logs of both kinds, time stamp authority.
import { createHash, createPublicKey, sign as nodeSign, type KeyObject } from 'node:crypto';
import { derImplicit, derInteger, derOctets, derSequence, derText, purpose } from '@plombe/pki';
import { issue, testExtension, testKey, testNowMs, type Issued, type TestCertificate } from '@plombe/pki/testing';
import { issueTimestamper, makeToken } from '@plombe/pki/testing/timestamp';
import { signerOf } from '../keys/signer.ts';
import type { LogEntry } from '../log/entry.ts';
import { leafHash } from '../log/merkle.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { rootOf } from './vectors.ts';
import type { TrustedRoot } from '../root/trusted-root.ts';

/** Who the test certificates are for. */
export const person = {
  subject: 'https://example.com/build@refs/heads/main',
  issuer: 'https://issuer.example',
} as const;

// P-384 for all that issues, as in the public-good instance.
const fulcio = issue({ subject: ['CN=fulcio'], ca: true, kind: 'p384' });
const intermediate = issue({
  subject: ['CN=intermediate'],
  ca: true,
  kind: 'p384',
  issuer: fulcio,
  purposes: [purpose.codeSigning],
});
const certificateLog = testKey('p256');
const tsaRoot = issue({ subject: ['CN=tsa root'], ca: true, kind: 'p384' });
const stamper = issueTimestamper({ issuer: tsaRoot, kind: 'p384' });

/** Issues a signer's certificate with Fulcio's extensions and a timestamp of the certificate log. */
export function issueSigner(options: TestCertificate & { readonly issuerText?: string } = {}): Issued {
  const key = options.key ?? testKey('p256');
  const { issuerText = person.issuer, ...rest } = options;
  const plain: TestCertificate = {
    subject: [],
    issuer: intermediate,
    key,
    serial: 4711,
    purposes: [purpose.codeSigning],
    names: [derImplicit(6, Buffer.from(person.subject))],
    ...rest,
    extensions: [testExtension('1.3.6.1.4.1.57264.1.8', derText(issuerText)), ...(options.extensions ?? [])],
  };
  const { tbs } = issue(plain).certificate;
  const sct = certificateTimestamp(tbs, (options.issuer ?? intermediate).certificate.spki);
  return issue({ ...plain, extensions: [...(plain.extensions ?? []), testExtension('1.3.6.1.4.1.11129.2.4.2', sct)] });
}

function certificateTimestamp(tbs: Uint8Array, issuerSpki: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeBigUInt64BE(BigInt(testNowMs), 2);
  head.writeUInt16BE(1, 10);
  const keyHash = createHash('sha256').update(issuerSpki).digest();
  const signature = nodeSign('sha256', Buffer.concat([head, keyHash, sized(tbs, 3), Buffer.alloc(2)]), certificateLog);
  const logId = createHash('sha256').update(spkiOf(certificateLog)).digest();
  const sct = Buffer.concat([
    Buffer.of(0),
    logId,
    head.subarray(2, 10),
    Buffer.alloc(2),
    Buffer.of(4, 3),
    sized(signature, 2),
  ]);
  return derOctets(sized(sized(sct, 2), 2));
}

function sized(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** The authority's answer with a token over some bytes. */
export function stamp(message: Uint8Array, timeMs: number = testNowMs, authority: Issued = stamper): Uint8Array {
  return derSequence(derSequence(derInteger(0)), makeToken({ authority, message, timeMs }));
}

/** A transparency log with a few other entries around each new one. */
export class TestLog {
  readonly name: string;
  readonly key: KeyObject;
  readonly id: Uint8Array;
  readonly #v1: boolean;

  constructor(name: string, version: 1 | 2) {
    this.name = name;
    this.#v1 = version === 1;
    this.key = testKey(this.#v1 ? 'p256' : 'ed25519');
    this.id = createHash('sha256').update(spkiOf(this.key)).digest();
  }

  /** Takes a body in at index 3 of 7; a log of version 1 promises it, too. */
  async add(body: object, timeS: number = testNowMs / 1000): Promise<LogEntry> {
    const bytes = Buffer.from(JSON.stringify(body));
    const leaves = Array.from({ length: 7 }, (_, index) =>
      leafHash(index === 3 ? bytes : Buffer.from(`other ${index}`)),
    );
    const [h0, h1, h2, h3, h4, h5, h6] = leaves as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const left = node(node(h0, h1), node(h2, h3));
    const right = node(node(h4, h5), h6);
    const rootHash = node(left, right);
    const { kind, apiVersion } = body as { readonly kind: string; readonly apiVersion: string };
    const text = `${this.name}\n7\n${encodeBase64(rootHash)}\n`;
    const signature = await this.#sign(Buffer.from(text));
    const note = encodeBase64(Buffer.concat([this.id.subarray(0, 4), signature]));
    const logIndex = this.#v1 ? 1003 : 3;
    const promise = `{"body":"${encodeBase64(bytes)}","integratedTime":${timeS},"logID":"${Buffer.from(this.id).toString('hex')}","logIndex":${logIndex}}`;
    return {
      logIndex,
      logId: this.id,
      kind,
      version: apiVersion,
      integratedTimeS: this.#v1 ? timeS : 0,
      ...(this.#v1 ? { promise: await this.#sign(Buffer.from(promise)) } : {}),
      proof: {
        logIndex: 3,
        treeSize: 7,
        rootHash,
        hashes: [h2, node(h0, h1), right],
        checkpoint: `${text}\n\u2014 ${this.name} ${note}\n`,
      },
      body: bytes,
    };
  }

  #sign(data: Uint8Array): Promise<Uint8Array> {
    return signerOf(this.key).sign(data);
  }

  json(window: object = { start: '2025-01-01T00:00:00Z' }): object {
    return {
      baseUrl: `https://${this.name}`,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: encodeBase64(spkiOf(this.key)), keyDetails: 'unused', validFor: window },
      logId: { keyId: encodeBase64(this.id) },
    };
  }
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** The trusted root of this Sigstore; parts can be replaced. */
export function testRoot(parts: {
  readonly logs?: readonly object[];
  readonly authorities?: readonly (readonly Issued[])[];
  readonly authorityWindow?: object;
  readonly stampers?: readonly (readonly Issued[])[];
  readonly stamperWindow?: object;
}): TrustedRoot {
  const authority = (chain: readonly Issued[], validFor: object = { start: '2025-01-01T00:00:00Z' }): object => ({
    uri: 'https://authority.example',
    certChain: { certificates: chain.map(({ certificate }) => ({ rawBytes: encodeBase64(certificate.bytes) })) },
    validFor,
  });
  const ct = {
    baseUrl: 'https://ct.example',
    publicKey: { rawBytes: encodeBase64(spkiOf(certificateLog)), validFor: { start: '2025-01-01T00:00:00Z' } },
  };
  const json = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: parts.logs ?? [],
    certificateAuthorities: (parts.authorities ?? [[intermediate, fulcio]]).map((one) =>
      authority(one, parts.authorityWindow),
    ),
    ctlogs: [ct],
    timestampAuthorities: (parts.stampers ?? [[stamper, tsaRoot]]).map((one) => authority(one, parts.stamperWindow)),
  };
  return rootOf(Buffer.from(JSON.stringify(json)));
}

/** The authorities behind `testRoot`, for tests that need a broken sibling. */
export const testAuthorities = { fulcio, intermediate, tsaRoot, stamper } as const;

/** Body of a Rekor v1 entry for a message signature. */
export function hashedRekordBody(data: Uint8Array, signature: Uint8Array, verifierPem: string): object {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(data).digest('hex') } },
      signature: { content: encodeBase64(signature), publicKey: { content: encodeBase64(Buffer.from(verifierPem)) } },
    },
  };
}

/** Body of a Rekor v2 entry for signed bytes: an artifact, or an envelope's pre-authentication encoding. */
export function hashedRekordV2Body(data: Uint8Array, signature: Uint8Array, verifier: object): object {
  return {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: createHash('sha256').update(data).digest('base64') },
        signature: {
          content: encodeBase64(signature),
          verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifier },
        },
      },
    },
  };
}

/** Changes one byte. */
export function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ (1 << bit);
  return changed;
}
