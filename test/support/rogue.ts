// A registry that lies as a test tells it to, and bundles signed over whatever a test wants signed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startServer } from '@plombe/oci/testing/server';
import { inTotoPayloadType, preAuthEncoding, readPrivateKey, signerOf } from '@plombe/trust';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The predicate type that makes a statement a signature of an image. */
export const signatureType = 'https://sigstore.dev/cosign/sign/v1';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What a request is answered with instead of what was put in. */
export interface Lie {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What was put in is answered by digest and tag; no referrers API unless a lie makes one. */
export interface RogueRegistry {
  readonly host: string;
  /** `METHOD path` of each request. */
  readonly asked: readonly string[];
  put(content: object | Uint8Array, tag?: string): Descriptor;
  /** Lets a tag or digest answer with the content of another digest. */
  swap(name: string, digest: string): void;
  image(text: string, tag?: string): Descriptor;
  /** Puts a bundle as referrer of a subject, which no list names yet. */
  referrer(subject: Descriptor, bundle: string): Descriptor;
  /** Writes the fallback tag. */
  list(subject: Descriptor, manifests: readonly object[]): void;
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Renders an index. */
export const indexOf = (manifests: readonly object[]): object => ({
  schemaVersion: 2,
  mediaType: indexType,
  manifests,
});

/** Starts it; it ends with the test. */
export async function startRogue(lie: (path: string) => Lie | undefined = () => undefined): Promise<RogueRegistry> {
  const content = new Map<string, Buffer>();
  const asked: string[] = [];
  const host = await startServer((request, response) => {
    const path = request.url ?? '';
    asked.push(`${request.method} ${path}`);
    const found = content.get(decodeURIComponent(path).replace(/^.*\/(?:manifests|blobs)\//, ''));
    const { status, headers = {}, body } = lie(path) ?? {};
    const type = path.includes('/manifests/') && found !== undefined ? typeOf(found) : 'application/octet-stream';
    response.writeHead(status ?? (found === undefined && body === undefined ? 404 : 200), {
      'content-type': type,
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : (body ?? found));
  });
  const put: RogueRegistry['put'] = (given, tag) => {
    const bytes = given instanceof Uint8Array ? Buffer.from(given) : Buffer.from(JSON.stringify(given));
    for (const name of [digestOf(bytes), ...(tag === undefined ? [] : [tag])]) content.set(name, bytes);
    return { mediaType: typeOf(bytes), digest: digestOf(bytes), size: bytes.length };
  };
  const blob = (text: string, mediaType: string): Descriptor => ({ ...put(Buffer.from(text)), mediaType });
  return {
    host,
    asked,
    put,
    swap: (name, digest) => void content.set(name, content.get(digest) ?? Buffer.alloc(0)),
    image: (text, tag) => {
      const config = blob(JSON.stringify({ text }), 'application/vnd.oci.image.config.v1+json');
      return put({ schemaVersion: 2, mediaType: manifestType, config, layers: [] }, tag);
    },
    referrer: (subject, bundle) => {
      const config = blob('{}', 'application/vnd.oci.empty.v1+json');
      const layers = [blob(bundle, bundleType)];
      return put({ schemaVersion: 2, mediaType: manifestType, artifactType: bundleType, config, layers, subject });
    },
    list: (subject, manifests) => void put(indexOf(manifests), subject.digest.replace(':', '-')),
  };
}

function typeOf(bytes: Buffer): string {
  if (!bytes.subarray(0, 20).toString().startsWith('{"schemaVersion"')) return 'application/octet-stream';
  return (JSON.parse(bytes.toString()) as { mediaType: string }).mediaType;
}

/** A bundle over a statement about `digest`, by the key of `PREFIX.key`; `beside`: further signatures, before the good one. */
export async function bundleOf(
  prefix: string,
  digest: string | readonly string[],
  predicateType: string,
  predicate: object = {},
  beside: readonly object[] = [],
): Promise<string> {
  const signer = signerOf(readPrivateKey(readFileSync(`${prefix}.key`, 'utf8'), ''));
  const subject = [digest].flat().map((one) => ({ digest: { sha256: one.slice('sha256:'.length) } }));
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate };
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = Buffer.from(await signer.sign(preAuthEncoding(inTotoPayloadType, payload))).toString('base64');
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: '' } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: inTotoPayloadType,
      signatures: [...beside, { sig }],
    },
  });
}
