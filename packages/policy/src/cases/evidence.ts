// Evidence written by hand → the evidence that a decision looks at.
import type { AttestationResult, SignatureResult } from '@plombe/model';
import { anchorsOf, type PolicyAnchor } from '../anchors.ts';
import type { CaseEvidence } from '../document/case-schema.ts';
import type { AnchorAttestations, AnchorSignatures, PolicyEvidence, PolicySubject, ScanEvidence } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { instantMs } from '../schema/format.ts';

/** Builds it for the anchors of the policy. A signature counts for the anchors that its `anchor` names, or for all. */
export function evidenceOfCase(given: CaseEvidence, subject: PolicySubject, policy: Policy): PolicyEvidence {
  const { running, signatures, attestations, scan, config, secrets } = given;
  const needs = anchorsOf([policy]);
  return {
    subject,
    place: placeOf(given),
    ...(running === undefined ? {} : { running }),
    ...(signatures === undefined ? {} : { signatures: signaturesOf(signatures, needs.signatures) }),
    ...(attestations === undefined
      ? {}
      : { attestations: needs.attestations.map(({ type, anchor }) => attestationsOf(attestations, type, anchor)) }),
    ...(scan === undefined ? {} : { scan: scanOf(scan) }),
    ...(config === undefined ? {} : { config: { exposedPorts: [], labels: {}, ...config } }),
    ...(secrets === undefined ? {} : { secrets }),
  };
}

function placeOf({
  namespace,
  cluster,
  subscription,
  environment,
}: CaseEvidence): NonNullable<PolicyEvidence['place']> {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(subscription === undefined ? {} : { subscription }),
    ...(environment === undefined ? {} : { environment }),
  };
}

type Signature = NonNullable<CaseEvidence['signatures']>[number];
type Attestation = NonNullable<CaseEvidence['attestations']>[number];

function isFor(entry: { readonly anchor?: string }, anchor: PolicyAnchor): boolean {
  return entry.anchor === undefined || entry.anchor === anchor.label || entry.anchor === anchor.id;
}

function signaturesOf(given: readonly Signature[], anchors: readonly PolicyAnchor[]): readonly AnchorSignatures[] {
  return anchors.map((anchor) => ({
    anchor: anchor.id,
    results: given.filter((entry) => isFor(entry, anchor)).map((entry) => signatureOf(entry, anchor)),
  }));
}

function signatureOf(
  { verdict = 'verified', signer, format = 'bundle' }: Signature,
  anchor: PolicyAnchor,
): SignatureResult {
  const name = signer ?? anchor.label;
  return { format, verdict, signer: name, signerId: name, annotations: {}, checks: [] };
}

function attestationsOf(given: readonly Attestation[], type: string, anchor: PolicyAnchor): AnchorAttestations {
  const results = given
    .filter((entry) => entry.type === type && isFor(entry, anchor))
    .map(({ verdict, signer, signedAt, predicate }): AttestationResult => {
      const signedAtMs = signedAt === undefined ? undefined : instantMs(signedAt);
      const fields = { ...(verdict === undefined ? {} : { verdict }), ...(signer === undefined ? {} : { signer }) };
      return {
        ...signatureOf(fields, anchor),
        predicateType: type,
        statement: { predicateType: type, predicate },
        ...(signedAtMs === undefined ? {} : { signedAtMs }),
      };
    });
  return { anchor: anchor.id, type, results };
}

function scanOf(given: NonNullable<CaseEvidence['scan']>): ScanEvidence {
  return {
    state: given.state ?? 'assessed',
    causes: given.causes ?? [],
    comparedInWhole: given.comparedInWhole ?? false,
    knowsKev: given.knowsKev ?? true,
    knowsEpss: given.knowsEpss ?? true,
    findings: (given.findings ?? []).map(({ published, ...finding }) => {
      const publishedAtMs = published === undefined ? undefined : instantMs(published);
      return {
        aliases: [],
        severity: 'unknown',
        kev: false,
        packages: [],
        fixedVersions: [],
        ...finding,
        ...(publishedAtMs === undefined ? {} : { publishedAtMs }),
      };
    }),
    packages: (given.packages ?? []).map((entry) => ({ version: '0', licences: [], ...entry })),
  };
}
