// What is known of a subject when a policy is asked: plain data. What is absent is unknown, never good.
import type { AttestationResult, Digest, SeverityWord, SignatureResult, State } from '@plombe/model';

/** What the question is about. */
export interface PolicySubject {
  /** As written or canonical, for people. */
  readonly reference: string;
  readonly registry?: string;
  /** Path without the registry. */
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: Digest;
  /** True where the reference names a digest itself. */
  readonly byDigest: boolean;
  /** True at a gate, which gives to nobody what it refuses: no remedy may ask for the reference. */
  readonly isHeldBack?: boolean;
  /** True where a gate is about to reject it: it is stored nowhere, so nothing can be attached to it there. */
  readonly isRejected?: boolean;
}

/** Where it is, or is to be, deployed. */
export interface Place {
  readonly namespace?: string;
  readonly cluster?: string;
  readonly subscription?: string;
  readonly environment?: string;
}

/** What was found for one anchor; `anchor` is an id of `anchorsOf`. */
export interface AnchorSignatures {
  readonly anchor: string;
  readonly results: readonly SignatureResult[];
  /** Limits reached while looking: there may be more. */
  readonly limits?: readonly string[];
}

/** The attestations of one type, judged by one anchor. */
export interface AnchorAttestations {
  readonly anchor: string;
  /** As the policy names it. */
  readonly type: string;
  readonly results: readonly AttestationResult[];
  readonly limits?: readonly string[];
}

export interface PolicyFinding {
  readonly vulnerability: string;
  readonly aliases: readonly string[];
  readonly severity: SeverityWord;
  /** Listed by CISA as exploited. */
  readonly kev: boolean;
  /** Share 0–1; absent: unknown. */
  readonly epss?: number;
  /** Names of the packages it concerns. */
  readonly packages: readonly string[];
  readonly fixedVersions: readonly string[];
  readonly publishedAtMs?: number;
}

export interface PolicyPackage {
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  /** SPDX expressions or names as declared. */
  readonly licences: readonly string[];
}

/** What a scan says, of the part that policies ask about. */
export interface ScanEvidence {
  readonly state: State;
  /** Why the state is not `assessed`. */
  readonly causes: readonly string[];
  /** True where nothing but how its advisory data came to be (derived, an approximation) keeps the state from being `assessed`. */
  readonly comparedInWhole?: boolean;
  /** Whether there was data about known exploitation; without it no finding can be said to be free of it. */
  readonly knowsKev: boolean;
  readonly knowsEpss: boolean;
  /** Only those that hold: neither `not_affected` nor `fixed`. */
  readonly findings: readonly PolicyFinding[];
  readonly packages: readonly PolicyPackage[];
}

/** What the image's config says. */
export interface ConfigEvidence {
  readonly user?: string;
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: not known. */
  readonly healthcheck?: boolean;
}

export interface SecretFinding {
  readonly rule: string;
  readonly path: string;
}

/** Everything a decision may look at. */
export interface PolicyEvidence {
  readonly subject: PolicySubject;
  readonly place?: Place;
  /** True: this digest already runs there. Absent: treated as new. */
  readonly running?: boolean;
  readonly signatures?: readonly AnchorSignatures[];
  readonly attestations?: readonly AnchorAttestations[];
  readonly scan?: ScanEvidence;
  readonly config?: ConfigEvidence;
  readonly secrets?: readonly SecretFinding[];
}
