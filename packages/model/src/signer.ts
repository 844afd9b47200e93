// Whose signature counts, as flags and policies name it: an identity, and what must stand beside the signature; or files of the Notary Project.

/** Terms under which a signature of the Sigstore world counts, whatever key or keys are named beside them. */
export interface SigstoreTerms {
  /** Identity in the certificate, compared exactly. */
  readonly certificateIdentity?: string;
  /** Pattern that must match the whole identity. */
  readonly certificateIdentityRegexp?: string;
  readonly oidcIssuer?: string;
  /** File. Needed for identities, and where logs or time stamps are required. */
  readonly trustedRoot?: string;
  readonly requireLog?: boolean;
  readonly requireTimestamp?: boolean;
}

/** Where the Notary Project's own terms are. */
export interface NotationTerms {
  /** File. */
  readonly trustPolicy: string;
  /** Folder that holds `x509`, or `truststore` with it. */
  readonly trustStore: string;
}
