// The trust policy as values: which statement applies to what, and what it demands (trust-store-trust-policy, version 1.0).
import type { IdentityPattern } from './identity.ts';

/** The steps of a verification, named as in the policy file. */
export type Validation = 'integrity' | 'authenticity' | 'authenticTimestamp' | 'expiry' | 'revocation';

/** What a failed step does: the signature is rejected, a warning is noted, or the step is not made. */
export type ValidationAction = 'enforce' | 'log' | 'skip';

export type VerificationLevel = 'strict' | 'permissive' | 'audit' | 'skip';

export type TrustStoreType = 'ca' | 'signingAuthority' | 'tsa';

/** `ca:acme` as `{ type: 'ca', name: 'acme' }`. */
export interface TrustStoreName {
  readonly type: TrustStoreType;
  readonly name: string;
}

/** One statement with its level resolved to an action for each step. */
export interface TrustPolicyStatement {
  readonly name: string;
  readonly level: VerificationLevel;
  readonly actions: Readonly<Record<Validation, ValidationAction>>;
  /** When a time stamp is verified: always, or only once a certificate of the chain has expired. */
  readonly verifyTimestamp: 'always' | 'afterCertExpiry';
  readonly trustStores: readonly TrustStoreName[];
  /** `*`: any certificate that leads to the trust stores. */
  readonly trustedIdentities: '*' | readonly IdentityPattern[];
}

/** A statement for artifacts in registries. */
export interface OciStatement extends TrustPolicyStatement {
  /** `registry/repository`, compared exactly; `*`: all that no other statement names. */
  readonly registryScopes: '*' | readonly string[];
}

/** A statement for files. */
export interface BlobStatement extends TrustPolicyStatement {
  readonly globalPolicy: boolean;
}

export interface OciTrustPolicy {
  readonly kind: 'oci';
  readonly statements: readonly OciStatement[];
}

export interface BlobTrustPolicy {
  readonly kind: 'blob';
  readonly statements: readonly BlobStatement[];
}

/**
 * Returns the statement for a repository (`registry/repository`, no tag or digest): the one that names it, else the global one, else
 * undefined, which means the artifact is not trusted.
 */
export function selectOciStatement(policy: OciTrustPolicy, repository: string): OciStatement | undefined {
  return (
    policy.statements.find(({ registryScopes }) => registryScopes !== '*' && registryScopes.includes(repository)) ??
    policy.statements.find(({ registryScopes }) => registryScopes === '*')
  );
}

/** Returns the statement of that name, or the global one where no name is given; undefined means not trusted. */
export function selectBlobStatement(policy: BlobTrustPolicy, name?: string): BlobStatement | undefined {
  return policy.statements.find((one) => (name === undefined ? one.globalPolicy : one.name === name));
}
