// Anchors: who must have signed, as a policy names it. `anchorsOf` says what must be verified before a policy can be asked.
import { resolve } from 'node:path';
import { by } from '@plombe/kit';
import type { NotationTerms, SigstoreTerms } from '@plombe/model';
import type { PolicySpec } from './document/policy-schema.ts';
import type { Policy } from './policy.ts';

interface AnchorName {
  /** The same for the same demand in every policy, never the same for two demands. */
  readonly id: string;
  /** As the policy writes it, for people and test cases: the key file, the identity, the trust policy. */
  readonly label: string;
}

/** Terms of the Sigstore world. Paths are absolute where the policy's folder is known. */
export interface CosignAnchor extends AnchorName, SigstoreTerms {
  readonly kind: 'cosign';
  readonly key?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The Notary Project's own trust policy and trust store decide. */
export interface NotationAnchor extends AnchorName, NotationTerms {
  readonly kind: 'notation';
}

export type PolicyAnchor = CosignAnchor | NotationAnchor;

type AttestationRule = NonNullable<PolicySpec['attestations']>[number];
type AnchorEntry = NonNullable<NonNullable<PolicySpec['signatures']>['anyOf']>[number];
type SignerFields = Omit<AttestationRule, 'type' | 'maxAgeDays' | 'conditions'> &
  Pick<NonNullable<AnchorEntry['cosign']>, 'annotations'>;

/** Names a file relative to the policy's folder; without a folder it stays as written. */
function pathIn(folder: string | undefined, path: string): string {
  return folder === undefined || path.includes('://') ? path : resolve(folder, path);
}

/** The anchor of an entry of `anyOf` or `allOf`. */
export function signatureAnchor({ cosign, notation }: AnchorEntry, folder: string | undefined): PolicyAnchor {
  if (cosign !== undefined) return signerAnchor(cosign, folder);
  const { trustPolicy = '', trustStore = '' } = notation ?? {};
  const paths = { trustPolicy: pathIn(folder, trustPolicy), trustStore: pathIn(folder, trustStore) };
  return { kind: 'notation', id: `notation ${JSON.stringify(Object.values(paths))}`, label: trustPolicy, ...paths };
}

/** The anchor of a rule's signer fields. */
export function signerAnchor(fields: SignerFields, folder: string | undefined): CosignAnchor {
  const { key, certificateIdentity, certificateIdentityRegexp, oidcIssuer, trustedRoot, annotations } = fields;
  const terms = {
    ...(key === undefined ? {} : { key: pathIn(folder, key) }),
    ...(certificateIdentity === undefined ? {} : { certificateIdentity }),
    ...(certificateIdentityRegexp === undefined ? {} : { certificateIdentityRegexp }),
    ...(oidcIssuer === undefined ? {} : { oidcIssuer }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: pathIn(folder, trustedRoot) }),
    ...(fields.requireLog === true ? { requireLog: true } : {}),
    ...(fields.requireTimestamp === true ? { requireTimestamp: true } : {}),
    ...(annotations === undefined ? {} : { annotations: sorted(annotations) }),
  };
  const label = key ?? certificateIdentity ?? certificateIdentityRegexp ?? '';
  return { kind: 'cosign', id: `cosign ${JSON.stringify(terms)}`, label, ...terms };
}

function sorted(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).sort(by(([key]) => key)));
}

/** One attestation to look for. */
export interface AttestationNeed {
  /** As the policy names it: a short name or a URI. */
  readonly type: string;
  readonly anchor: CosignAnchor;
}

/** What must be gathered before the policies can be asked. */
export interface EvidenceNeeds {
  /** Anchors that image signatures are judged by. */
  readonly signatures: readonly PolicyAnchor[];
  readonly attestations: readonly AttestationNeed[];
  /** A scan with the advisory database is asked for. */
  readonly scan: boolean;
  /** The image's config is asked for. */
  readonly config: boolean;
}

/** Lists it, each demand once. Policies that are off ask for nothing. */
export function anchorsOf(policies: readonly Policy[]): EvidenceNeeds {
  const asked = policies.filter(({ isOff }) => !isOff);
  const signatures = new Map(asked.flatMap((policy) => policy.anchors.map((anchor) => [anchor.id, anchor] as const)));
  const attestations = new Map(
    asked.flatMap((policy) => policy.attestations.map((need) => [`${need.type} ${need.anchor.id}`, need] as const)),
  );
  const needs = new Set(asked.flatMap((policy) => policy.needs));
  return {
    signatures: [...signatures.values()],
    attestations: [...attestations.values()],
    scan: needs.has('scan'),
    config: needs.has('config'),
  };
}
