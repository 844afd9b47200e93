// A signature over a statement or over cosign's payload, with the log entries and time stamps that were asked for.
import type { Context } from '@plombe/model';
import type { HashName } from '@plombe/pki';
import {
  attestationLayer,
  buildSimpleSigning,
  certificateMaterial,
  envelopeFile,
  inTotoPayloadType,
  keyMaterial,
  preAuthEncoding,
  signatureLayer,
  writeBundle,
  type Envelope,
  type LegacyExtras,
  type LegacyLayer,
  type LogEntry,
  type Signer,
} from '@plombe/trust';
import type { Digest } from '@plombe/model';
import type { ObtainedTimestamp } from './timestamp.ts';

/** What a log takes in. */
export interface LoggedSignature {
  /** What the signature covers: the envelope's pre-authentication encoding, or cosign's payload. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly signer: Signer;
  /** Leaf first; empty for a bare key. */
  readonly certificates: readonly Uint8Array[];
  readonly envelope?: Envelope;
}

/** Who vouches for a signature besides its key. Absent members were not asked for. */
export interface Endorsers {
  /** Certificates of the signer's key by an authority, leaf first. */
  readonly certificates?: readonly Uint8Array[];
  /** Time stamps of one or several authorities, in order. */
  readonly stamp?: (stamped: Uint8Array, hash: HashName) => Promise<readonly ObtainedTimestamp[]>;
  readonly log?: (logged: LoggedSignature) => Promise<readonly LogEntry[]>;
  /** Verifies what logs and authorities answered before the bundle is kept; throws where it does not hold. */
  readonly confirm?: (bundle: Uint8Array, made: MadeBundle) => void;
}

/** What a bundle that was just made must hold. */
export interface MadeBundle {
  readonly signer: Signer;
  readonly logs: number;
  readonly timestamps: number;
}

/** Who signs, and who vouches for it. */
export interface SigningParties {
  readonly signer: Signer;
  readonly endorsers: Endorsers;
}

/** Signs an in-toto statement as a Sigstore bundle v0.3. Throws what signer, logs and authorities throw. */
export async function signBundle(payload: Uint8Array, parties: SigningParties, ctx: Cancellable): Promise<Uint8Array> {
  const { signer, endorsers } = parties;
  const { envelope, signedBytes, signature } = await signStatement(payload, signer, ctx);
  const certificates = endorsers.certificates ?? [];
  const [leaf] = certificates;
  const timestamps = (await endorsers.stamp?.(signature, 'sha256')) ?? [];
  const entries = (await endorsers.log?.({ signedBytes, signature, signer, certificates, envelope })) ?? [];
  const bundle = writeBundle({
    material: leaf === undefined ? keyMaterial(signer.publicKey) : certificateMaterial([leaf]),
    entries,
    timestamps: timestamps.map(({ response }) => response),
    content: { kind: 'envelope', envelope },
  });
  endorsers.confirm?.(bundle, { signer, logs: entries.length, timestamps: timestamps.length });
  return bundle;
}

/** Signs an in-toto statement as a layer of cosign's tag `.att`; a time stamp there is over the whole envelope. */
export async function signAttestationLayer(
  payload: Uint8Array,
  predicateType: string,
  parties: SigningParties,
  ctx: Cancellable,
): Promise<LegacyLayer> {
  const { envelope, signedBytes, signature } = await signStatement(payload, parties.signer, ctx);
  const extras = await legacyExtras(parties, { signedBytes, signature, envelope }, envelopeFile(envelope));
  return attestationLayer(envelope, predicateType, extras);
}

/** Signs cosign's payload about a digest as a layer of the tag `.sig`. */
export async function signPayloadLayer(
  about: { readonly digest: Digest; readonly repository: string },
  annotations: Readonly<Record<string, string>>,
  parties: SigningParties,
  ctx: Cancellable,
): Promise<LegacyLayer> {
  ctx.signal.throwIfAborted();
  const payload = buildSimpleSigning(about.digest, about.repository, annotations);
  const signature = await parties.signer.sign(payload);
  return signatureLayer(
    payload,
    signature,
    await legacyExtras(parties, { signedBytes: payload, signature }, signature),
  );
}

type Cancellable = Pick<Context, 'signal'>;

async function signStatement(
  payload: Uint8Array,
  signer: Signer,
  ctx: Cancellable,
): Promise<{ readonly envelope: Envelope; readonly signedBytes: Uint8Array; readonly signature: Uint8Array }> {
  ctx.signal.throwIfAborted();
  const signedBytes = preAuthEncoding(inTotoPayloadType, payload);
  const signature = await signer.sign(signedBytes);
  return { signedBytes, signature, envelope: { payloadType: inTotoPayloadType, payload, signatures: [{ signature }] } };
}

/** The older forms have place for one log entry and one time stamp. */
async function legacyExtras(
  { signer, endorsers }: SigningParties,
  signed: Omit<LoggedSignature, 'signer' | 'certificates'>,
  stamped: Uint8Array,
): Promise<LegacyExtras> {
  const certificates = endorsers.certificates ?? [];
  const [leaf, ...chain] = certificates;
  const [timestamp] = (await endorsers.stamp?.(stamped, 'sha256')) ?? [];
  const [entry] = (await endorsers.log?.({ ...signed, signer, certificates })) ?? [];
  return {
    ...(leaf === undefined ? {} : { certificate: leaf, chain }),
    ...(timestamp === undefined ? {} : { timestamp: timestamp.response }),
    ...(entry === undefined ? {} : { entry }),
  };
}
