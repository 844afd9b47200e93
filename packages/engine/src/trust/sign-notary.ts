// Signing as the Notary Project does: the payload about a subject's descriptor, the envelope, and its referrer in the registry.
import type { Context } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import {
  chainThumbprints,
  signArtifact,
  signatureArtifactType,
  thumbprintAnnotation,
  type TargetArtifact,
} from '@plombe/notation';
import type { RegistryClient } from '@plombe/oci';
import type { Certificate, HashName } from '@plombe/pki';
import { publicKeyOf } from '@plombe/trust';
import type { Endorsers } from './envelope.ts';
import { notaryType } from './media-types.ts';
import type { NotaryHand } from './plugin-key.ts';
import { storeReferrer, type ResolvedSubject, type StoredSignature } from './store.ts';

/** What to sign, in which envelope, by whom. */
export interface NotaryRequest {
  readonly client: RegistryClient;
  readonly subject: ResolvedSubject;
  readonly hand: NotaryHand;
  readonly format: 'jws' | 'cose';
  /** Signed with the digest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** After this time the signature is void. */
  readonly expiryMs?: number;
  /** `plombe/VERSION`. */
  readonly agent: string;
  /** Absent: no time stamp. */
  readonly stamp?: Endorsers['stamp'];
}

/** Where the signature was put, and the id of the key that its leaf certificate names. */
export interface StoredNotarySignature extends StoredSignature {
  readonly signerId: string;
}

interface MadeEnvelope {
  readonly envelope: Uint8Array;
  readonly chain: readonly Certificate[];
  /** Unsigned, of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Signs and stores. Throws `notation/signing`, `notation/plugin`, `service/…`, `registry/…`, `config/invalid` for a time stamp that cannot be had. */
export async function signNotary(request: NotaryRequest, ctx: Context): Promise<StoredNotarySignature> {
  const { client, subject, format } = request;
  const { envelope, chain, annotations } = await makeEnvelope(request, ctx);
  const stored = await storeReferrer(
    { client, subject, signal: ctx.signal },
    {
      artifactType: notaryType,
      configType: signatureArtifactType,
      layerType: format === 'jws' ? 'application/jose+json' : 'application/cose',
      bytes: envelope,
      annotations: {
        ...annotations,
        [thumbprintAnnotation]: JSON.stringify(chainThumbprints(chain)),
        'org.opencontainers.image.created': new Date(ctx.clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      },
    },
  );
  const [leaf] = chain as readonly [Certificate];
  return { ...stored, signerId: publicKeyOf(leaf.publicKey).id };
}

async function makeEnvelope(request: NotaryRequest, ctx: Context): Promise<MadeEnvelope> {
  const { subject, hand, format, annotations, expiryMs, agent, stamp } = request;
  const { mediaType, digest, sizeBytes } = subject;
  const target: TargetArtifact = { mediaType, digest, sizeBytes, annotations };
  const nowMs = ctx.clock.nowMs();
  if (hand.kind === 'signer') {
    return signArtifact({
      format,
      target,
      signer: hand.signer,
      signingTimeMs: nowMs,
      ...(expiryMs === undefined ? {} : { expiryMs }),
      signingAgent: agent,
      ...(stamp === undefined ? {} : { timestamp: (signature, hash) => firstToken(stamp, signature, hash) }),
    });
  }
  if (stamp !== undefined) {
    throw new PlombeError('config/invalid', 'This plugin makes whole envelopes: it alone can have them time stamped.', {
      remedy: 'Leave out --timestamp-url.',
    });
  }
  const expirySeconds = expiryMs === undefined ? undefined : Math.ceil((expiryMs - nowMs) / 1000);
  const made = await hand.make({ format, target, ...(expirySeconds === undefined ? {} : { expirySeconds }) });
  return { envelope: made.signatureEnvelope, chain: made.chain, annotations: made.annotations };
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
