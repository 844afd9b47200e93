// Signing and attesting the digest of a subject: the statement or payload, the envelope around it, and its place in the registry.
import type { Context, Digest, SignatureFormat } from '@plombe/model';
import { PlombeError, type JsonObject } from '@plombe/kit';
import {
  chainSigner,
  chainThumbprints,
  signArtifact,
  signatureArtifactType,
  thumbprintAnnotation,
} from '@plombe/notation';
import type { Certificate, HashName } from '@plombe/pki';
import { digestOf, formatReference, type RegistryClient } from '@plombe/oci';
import { buildStatement, cosignSignPredicateType, type Signer } from '@plombe/trust';
import { signAttestationLayer, signBundle, signPayloadLayer, type Endorsers } from './envelope.ts';
import { notaryType } from './media-types.ts';
import { storeBundle, storeReferrer, storeUnderTag, type ResolvedSubject, type StoredSignature } from './store.ts';

/** What all ways to sign share. */
export interface SigningTask {
  readonly client: RegistryClient;
  readonly subject: ResolvedSubject;
  readonly signer: Signer;
  /** Logs, authorities and time stamps that the caller asked for; none unless he did. */
  readonly endorsers: Endorsers;
}

/** What to sign and how. */
export interface SignRequest extends SigningTask {
  readonly format: SignatureFormat;
  /** Signed with the digest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Notary Project only: leaf first, root last. */
  readonly chain?: readonly Certificate[];
  /** Notary Project only: after this time the signature is void. */
  readonly expiryMs?: number;
  /** `plombe/VERSION`. */
  readonly agent: string;
}

/** Signs the subject. Throws `registry/…`, `service/…`, `notation/signing`, `config/invalid` for a chain that is missing. */
export async function signSubject(request: SignRequest, ctx: Context): Promise<StoredSignature> {
  const { client, subject, format, annotations } = request;
  const target = { client, subject, signal: ctx.signal };
  switch (format) {
    case 'bundle': {
      const predicateType = cosignSignPredicateType;
      const parts = { digest: subject.digest, annotations, predicateType, predicate: {} };
      const bytes = await signBundle(buildStatement(parts), request, ctx);
      return storeBundle(target, { bytes, predicateType, createdMs: ctx.clock.nowMs() });
    }
    case 'tag': {
      const about = { digest: subject.digest, repository: repositoryOf(subject) };
      return storeUnderTag(target, 'sig', await signPayloadLayer(about, annotations, request, ctx));
    }
    case 'jws':
    case 'cose':
      return signNotary(request, format, ctx);
  }
}

/** What to attest. */
export interface AttestRequest extends SigningTask {
  readonly format: 'bundle' | 'tag';
  /** URI of the predicate's type. */
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** Where an attestation was put, and what it says. */
export interface StoredAttestation extends StoredSignature {
  /** SHA-256 of the statement's bytes. */
  readonly statement: Digest;
}

/** Signs a statement with a predicate about the subject. Throws as `signSubject`. */
export async function attestSubject(request: AttestRequest, ctx: Context): Promise<StoredAttestation> {
  const { client, subject, predicateType, predicate } = request;
  const target = { client, subject, signal: ctx.signal };
  const statement = buildStatement({ digest: subject.digest, name: repositoryOf(subject), predicateType, predicate });
  if (request.format === 'tag') {
    const layer = await signAttestationLayer(statement, predicateType, request, ctx);
    return { ...(await storeUnderTag(target, 'att', layer)), statement: digestOf(statement) };
  }
  const bytes = await signBundle(statement, request, ctx);
  const stored = await storeBundle(target, { bytes, predicateType, createdMs: ctx.clock.nowMs() });
  return { ...stored, statement: digestOf(statement) };
}

async function signNotary(request: SignRequest, format: 'jws' | 'cose', ctx: Context): Promise<StoredSignature> {
  const { client, subject, chain, expiryMs, endorsers, agent } = request;
  if (chain === undefined || chain.length === 0) {
    throw new PlombeError('config/invalid', `The format ${format} needs the certificate chain of the key.`, {
      remedy: 'Give it with --cert-chain, leaf first.',
    });
  }
  const { mediaType, digest, sizeBytes } = subject;
  const { stamp } = endorsers;
  const { envelope } = await signArtifact({
    format,
    target: { mediaType, digest, sizeBytes, annotations: request.annotations },
    signer: chainSigner(request.signer, chain),
    signingTimeMs: ctx.clock.nowMs(),
    ...(expiryMs === undefined ? {} : { expiryMs }),
    signingAgent: agent,
    ...(stamp === undefined ? {} : { timestamp: (signature, hash) => firstToken(stamp, signature, hash) }),
  });
  return storeReferrer(
    { client, subject, signal: ctx.signal },
    {
      artifactType: notaryType,
      configType: signatureArtifactType,
      layerType: format === 'jws' ? 'application/jose+json' : 'application/cose',
      bytes: envelope,
      annotations: {
        [thumbprintAnnotation]: JSON.stringify(chainThumbprints(chain)),
        'org.opencontainers.image.created': new Date(ctx.clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      },
    },
  );
}

/** An envelope of Notary Project has place for one. */
async function firstToken(
  stamp: NonNullable<Endorsers['stamp']>,
  signature: Uint8Array,
  hash: HashName,
): Promise<Uint8Array> {
  const [first] = await stamp(signature, hash);
  if (first !== undefined) return first.token;
  throw new PlombeError('service/refused', 'No authority gave a time stamp.');
}

/** `registry/repository`, as cosign names a subject. */
function repositoryOf({ reference: { registry, repository } }: ResolvedSubject): string {
  return formatReference({ registry, repository });
}
