// Is a digest signed, or attested, by whom it must be: every envelope found is tried, and each gets a result.
import type { AttestationResult, Context, Digest, SignatureResult, VerificationReport } from '@plombe/model';
import { inert } from '@plombe/kit';
import { formatReference, type ImageReference, type RegistryClient } from '@plombe/oci';
import { selectOciStatement, verifyEnvelope, type OciStatement } from '@plombe/notation';
import {
  isAttestationResult,
  isPredicateType,
  verifyBundle,
  verifyLegacyAttestation,
  verifyLegacySignature,
  type SigstoreResult,
} from '@plombe/trust';
import type { Anchor } from './anchor.ts';
import { discoverEnvelopes, ignoredReasons, type Discovery, type FoundEnvelope } from './discover.ts';
import { reportOf } from './report.ts';
import type { ResolvedSubject } from './store.ts';
import { resolveSubjectDigest } from './subject.ts';

/** A subject with all envelopes that were found for it; read once, judged as often as there are rules. */
export interface Evidence {
  readonly subject: ResolvedSubject;
  readonly discovery: Discovery;
}

/** Resolves the reference once and reads what signs or attests its digest (T34). Throws `registry/…`. */
export async function gatherEvidence(
  client: Pick<RegistryClient, 'fetchManifest' | 'fetchBlob' | 'listReferrers'>,
  reference: ImageReference,
  ctx: Pick<Context, 'signal'>,
): Promise<Evidence> {
  const subject = await resolveSubjectDigest(client, reference, ctx);
  return { subject, discovery: await discoverEnvelopes(client, reference, subject.digest, ctx) };
}

/** What is demanded of the signatures. */
export interface Demands {
  readonly anchor: Anchor;
  /** Annotations that must be signed, with exactly these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Distinct signers; 1 where absent. */
  readonly threshold?: number;
}

/** Verifies signatures. Throws nothing for bad input: each envelope gets its own result. */
export async function verifySubject(
  { subject, discovery }: Evidence,
  { anchor, annotations = {}, threshold = 1 }: Demands,
  ctx: Pick<Context, 'clock'>,
): Promise<VerificationReport> {
  const skipped = skipReason(anchor, subject);
  if (skipped !== undefined) {
    // What the caller demands beside the policy can then not be shown, so it does not hold.
    const demanded = isTimestampDemanded(anchor) || threshold > 1 || Object.keys(annotations).length > 0;
    const reasons = demanded ? [`${skipped} What was demanded beside it does not hold.`] : [skipped];
    const verdict = demanded ? 'rejected' : 'verified';
    return { verdict, subject: described(subject), signatures: [], attestations: [], reasons };
  }
  const signatures: SignatureResult[] = [];
  for (const envelope of discovery.envelopes) {
    const result = await verifySignature(envelope, subject, anchor, annotations, ctx);
    if (result !== undefined) signatures.push(result);
  }
  return reportOf({
    subject: described(subject),
    signatures,
    attestations: [],
    wanted: 'signatures',
    threshold,
    limits: discovery.limits,
    ignored: [...untried(discovery, anchor), ...ignoredReasons(discovery)],
  });
}

/** Verifies attestations of one predicate type, by short name or URI; others are counted in the reasons. */
export async function verifyAttestations(
  { subject, discovery }: Evidence,
  { anchor, annotations = {}, threshold = 1, type }: Demands & { readonly type: string },
): Promise<VerificationReport> {
  const attestations: AttestationResult[] = [];
  let others = 0;
  for (const envelope of discovery.envelopes) {
    const result =
      anchor.kind === 'sigstore' ? attestationResult(envelope, subject, anchor, annotations, type) : undefined;
    if (result === undefined) continue;
    if (!isAttestationResult(result)) {
      // An envelope that cannot be read may have been one; a signature is none.
      if (result.checks.some(({ id, outcome }) => id === 'format' && outcome === 'fail'))
        attestations.push({ ...result, predicateType: '' });
    } else if (isPredicateType(result.predicateType, type)) attestations.push(result);
    else others += 1;
  }
  const reasons = others === 0 ? [] : [`${others} attestation${others === 1 ? '' : 's'} of another type.`];
  return reportOf({
    subject: described(subject),
    signatures: [],
    attestations,
    wanted: 'attestations',
    threshold,
    limits: discovery.limits,
    ignored: [...reasons, ...ignoredReasons(discovery)],
  });
}

async function verifySignature(
  envelope: FoundEnvelope,
  subject: ResolvedSubject,
  anchor: Anchor,
  annotations: Readonly<Record<string, string>>,
  ctx: Pick<Context, 'clock'>,
): Promise<SignatureResult | undefined> {
  const { kind, bytes, manifest } = envelope;
  if (kind === 'jws' || kind === 'cose') {
    if (anchor.kind !== 'notation') return undefined;
    const statement = selectOciStatement(anchor.policy, repositoryOf(subject));
    if (statement === undefined) return refused(kind, manifest, 'trust-policy', unscoped(subject));
    if (anchor.requireTimestamp === true && !statement.trustStores.some(({ type }) => type === 'tsa'))
      return refused(kind, manifest, 'authentic-timestamp', noAuthority(statement));
    return verifyEnvelope({
      format: kind,
      envelope: bytes,
      manifestDigest: manifest,
      subject: { digest: subject.digest, mediaType: subject.mediaType, sizeBytes: subject.sizeBytes },
      statement: anchor.requireTimestamp === true ? withTimestamp(statement) : statement,
      trustStore: anchor.store,
      nowMs: ctx.clock.nowMs(),
      annotations,
      ...(anchor.revocation === undefined ? {} : { revocation: anchor.revocation }),
      ...(anchor.plugin === undefined ? {} : { plugin: anchor.plugin }),
    });
  }
  if (anchor.kind !== 'sigstore' || kind === 'dsse') return undefined;
  const request = { trust: anchor.trust, annotations, manifestDigest: manifest };
  if (kind === 'bundle') {
    const result = verifyBundle({
      ...request,
      bundle: bytes,
      subject: { digest: subject.digest },
      expect: { kind: 'signature' },
    });
    // An attestation approves nothing; it is another command's business.
    return isAttestationResult(result) ? undefined : result;
  }
  return verifyLegacySignature({
    ...request,
    layer: bytes,
    layerAnnotations: envelope.annotations,
    subject: subject.digest,
  });
}

function attestationResult(
  { kind, bytes, manifest, annotations: layerAnnotations }: FoundEnvelope,
  subject: ResolvedSubject,
  anchor: Extract<Anchor, { kind: 'sigstore' }>,
  annotations: Readonly<Record<string, string>>,
  predicateType: string,
): SigstoreResult | undefined {
  const expect = { kind: 'attestation', predicateType } as const;
  const request = { trust: anchor.trust, annotations, manifestDigest: manifest };
  if (kind === 'bundle')
    return verifyBundle({ ...request, bundle: bytes, subject: { digest: subject.digest }, expect });
  if (kind !== 'dsse') return undefined;
  return verifyLegacyAttestation({
    ...request,
    layer: bytes,
    layerAnnotations,
    subject: subject.digest,
    predicateType,
  });
}

/** Notation's level `skip`: the artifact is allowed and nothing is looked at, which must be said. */
function skipReason(anchor: Anchor, subject: ResolvedSubject): string | undefined {
  if (anchor.kind !== 'notation') return undefined;
  const statement = selectOciStatement(anchor.policy, repositoryOf(subject));
  if (statement?.level !== 'skip') return undefined;
  return `The trust policy ${statement.name} skips verification for ${repositoryOf(subject)}: nothing was checked.`;
}

function isTimestampDemanded(anchor: Anchor): boolean {
  return anchor.kind === 'notation' && anchor.requireTimestamp === true;
}

function refused(format: 'jws' | 'cose', digest: Digest, id: string, message: string): SignatureResult {
  return { format, digest, verdict: 'rejected', annotations: {}, checks: [{ id, outcome: 'fail', message }] };
}

function unscoped(subject: ResolvedSubject): string {
  return `No statement of the trust policy has the registry scope ${repositoryOf(subject)}; add it, or one with "*".`;
}

function noAuthority({ name }: OciStatement): string {
  return inert(`A time stamp is demanded, and the statement ${name} names no trust store of type tsa.`);
}

/** The statement, as strict about time stamps as the caller. */
function withTimestamp(statement: OciStatement): OciStatement {
  const actions = { ...statement.actions, authenticTimestamp: 'enforce' } as const;
  return { ...statement, verifyTimestamp: 'always', actions };
}

/** Signatures of the other world are there and were not looked at: said, since nobody should think there is none. */
function untried({ envelopes }: Discovery, anchor: Anchor): readonly string[] {
  const foreign = envelopes.filter(({ kind }) => (kind === 'jws' || kind === 'cose') !== (anchor.kind === 'notation'));
  const signatures = foreign.filter(({ kind }) => kind !== 'dsse').length;
  if (signatures === 0) return [];
  return anchor.kind === 'notation'
    ? [`${signatures} Sigstore envelope(s) were not tried: a trust policy of Notation was given.`]
    : [`${signatures} Notation signature(s) were not tried: they need --trust-policy and --trust-store.`];
}

function repositoryOf({ reference: { registry, repository } }: ResolvedSubject): string {
  return formatReference({ registry, repository });
}

function described({ reference, digest }: ResolvedSubject): { readonly reference: string; readonly digest: Digest } {
  return { reference: formatReference(reference), digest };
}
