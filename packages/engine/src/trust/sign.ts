// Signing and attesting the digest of a subject: the statement or payload, the envelope around it, and its place in the registry.
import type { Context, Digest, SignatureFormat } from '@plombe/model';
import { PlombeError, type JsonObject } from '@plombe/kit';
import { chainSigner } from '@plombe/notation';
import type { Certificate } from '@plombe/pki';
import { digestOf, formatReference, type RegistryClient } from '@plombe/oci';
import { buildStatement, cosignSignPredicateType, type Signer } from '@plombe/trust';
import { signAttestationLayer, signBundle, signPayloadLayer, type Endorsers } from './envelope.ts';
import { signNotary } from './sign-notary.ts';
import { storeBundle, storeUnderTag, type ResolvedSubject, type StoredSignature } from './store.ts';

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
      return signByKey(request, format, ctx);
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

function signByKey(request: SignRequest, format: 'jws' | 'cose', ctx: Context): Promise<StoredSignature> {
  const { signer, chain, endorsers, ...rest } = request;
  if (chain === undefined || chain.length === 0) {
    throw new PlombeError('config/invalid', `The format ${format} needs the certificate chain of the key.`, {
      remedy: 'Give it with --cert-chain, leaf first.',
    });
  }
  const hand = { kind: 'signer', signer: chainSigner(signer, chain) } as const;
  return signNotary(
    { ...rest, format, hand, ...(endorsers.stamp === undefined ? {} : { stamp: endorsers.stamp }) },
    ctx,
  );
}

/** `registry/repository`, as cosign names a subject. */
function repositoryOf({ reference: { registry, repository } }: ResolvedSubject): string {
  return formatReference({ registry, repository });
}
