// What every connector of a registry offers: what is in it, who may do what, what happened, and what is wrong with how it is set up.
import type { IncomingHttpHeaders } from 'node:http';
import type { Digest } from '@plombe/model';

export type RegistryKind = 'acr' | 'harbor' | 'msr' | 'oci';

export interface CallOptions {
  readonly signal: AbortSignal;
}

/** Whether something could be read. `unknown` is never shown as "none": it says why, and which permission is missing. */
export type Known<T> =
  | {
      readonly kind: 'known';
      readonly value: T;
      /** What is not in it, a sentence each: a part that could not be read, or that the registry keeps no record of. Absent: it is all. */
      readonly incomplete?: readonly string[];
    }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface ConnectedRepository {
  readonly name: string;
  /** ISO 8601, where the registry says. */
  readonly updatedAt?: string;
  readonly artifactCount?: number;
}

export interface ConnectedArtifact {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly tags: readonly string[];
  readonly sizeBytes?: number;
  readonly pushedAt?: string;
  readonly pulledAt?: string;
  /** Locked, quarantined, or free. */
  readonly state: 'free' | 'locked' | 'quarantined';
  /** Names that people or rules put on it, where the registry has such (Harbor). */
  readonly labels?: readonly string[];
  /** What refers to it, where the registry lists that with it: signatures, SBOMs, attestations, in the registry's word. */
  readonly referrers?: readonly { readonly digest: Digest; readonly type: string }[];
  /** What the registry's own scanner said last, in the registry's words; never Plombe's verdict. */
  readonly scan?: {
    readonly status: string;
    readonly severity?: string;
    readonly scanner?: string;
    readonly scannedAt?: string;
  };
}

export interface ConnectedPrincipal {
  /** Unique within the registry: `user:jo`, `group:ops`, `robot:ci`, `token:ci`, `entra:OBJECTID`, `admin-user`, `anonymous`. */
  readonly id: string;
  readonly kind:
    | 'human'
    | 'group'
    | 'robot'
    | 'registry-token'
    | 'service'
    | 'managed-identity'
    | 'anonymous'
    | 'unknown';
  readonly name: string;
  /** `unknown`: the registry knows the principal by an id of a directory that was not asked. */
  readonly state: 'active' | 'disabled' | 'expired' | 'unknown';
  readonly createdAt?: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
  /** Members of a group, by id. */
  readonly members?: readonly string[];
}

/** What may be done, in the registry-neutral words of access. */
export type Permission = 'list' | 'pull' | 'push' | 'delete' | 'sign' | 'admin';

export interface ConnectedGrant {
  readonly principal: string;
  /** Glob over repositories: `**`, `prod/**`, `prod/app`. */
  readonly repositories: string;
  readonly permissions: readonly Permission[];
  /** The role, scope map or policy it comes from, as the registry names it. */
  readonly source: string;
  /** A condition that could not be evaluated: the grant counts as given. */
  readonly condition?: string;
}

export interface AuditEvent {
  /** Idempotency key. */
  readonly id: string;
  readonly time: string;
  readonly principal: string;
  readonly operation: string;
  readonly repository?: string;
  readonly digest?: Digest;
  readonly tag?: string;
  readonly outcome: 'success' | 'failure' | 'unknown';
}

/** Facts that posture checks look at: name → value, or why it is not known. Names are those of `posture/facts.ts`. */
export type PostureFacts = Readonly<Record<string, Known<unknown>>>;

/** A push, delete or quarantine that the registry told about. Never believed: what it names is read again by digest. */
export interface RegistryEvent {
  readonly id: string;
  readonly kind: 'push' | 'delete' | 'quarantine' | 'scan' | 'other';
  readonly repository: string;
  readonly digest?: Digest;
  readonly tag?: string;
  readonly time?: string;
}

/** How far an operation was proved: against a stateful double, answers recorded from a real one, or a real one. */
export type ProofLevel = 'double' | 'recorded' | 'live';

export interface Capability {
  readonly operation: keyof Pick<
    RegistryConnector,
    | 'repositories'
    | 'artifacts'
    | 'principals'
    | 'grants'
    | 'auditEvents'
    | 'facts'
    | 'readEvent'
    | 'quarantine'
    | 'release'
    | 'promote'
  >;
  readonly supported: boolean;
  /** Why not, or what it needs: a permission, an edition, a version. */
  readonly note?: string;
  readonly proof: ProofLevel;
}

/** What to answer to a service that asks, before it sends events, whether they are wanted. */
export interface Handshake {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Promotion {
  readonly from: { readonly repository: string; readonly digest: Digest };
  readonly to: { readonly repository: string; readonly tags: readonly string[] };
}

/**
 * One registry. Errors are `registry/…`, `network/…` and `connector/…`; a registry that throttles is waited for as it says, within limits.
 * Iterables read page by page.
 */
export interface RegistryConnector {
  readonly kind: RegistryKind;
  /** Host and port as in a reference. */
  readonly registry: string;
  readonly capabilities: readonly Capability[];
  /** First part of the names of repositories that hold what is in quarantine; absent: quarantine moves nothing. */
  readonly quarantineArea?: string;
  repositories(options: CallOptions): AsyncIterable<ConnectedRepository>;
  artifacts(repository: string, options: CallOptions): AsyncIterable<ConnectedArtifact>;
  principals(options: CallOptions): Promise<Known<readonly ConnectedPrincipal[]>>;
  grants(options: CallOptions): Promise<Known<readonly ConnectedGrant[]>>;
  /** Events since then, oldest first. */
  auditEvents(sinceMs: number, options: CallOptions): Promise<Known<readonly AuditEvent[]>>;
  /** Why pushes and deletions may be missing from `auditEvents`; undefined where it has them all. Absent: it always has. */
  unloggedPushes?(options: CallOptions): Promise<string | undefined>;
  /** Why `repositories` has fewer than the registry, a sentence each, as far as this can be told. */
  hiddenRepositories?(options: CallOptions): Promise<readonly string[]>;
  facts(options: CallOptions): Promise<PostureFacts>;
  /** Verifies a webhook's secret or signature and reads it; undefined: not authentic or not a registry's event. */
  readEvent(headers: IncomingHttpHeaders, body: Uint8Array, secret: string): readonly RegistryEvent[] | undefined;
  /** Answers the question of a service whether its events are wanted here; undefined: it is none. Nothing is believed or called for it. */
  answerHandshake?(method: string, headers: IncomingHttpHeaders, body: Uint8Array): Handshake | undefined;
  /** Takes a manifest out of everybody's reach, reversibly. */
  quarantine(repository: string, digest: Digest, options: CallOptions): Promise<void>;
  release(repository: string, digest: Digest, options: CallOptions): Promise<void>;
  /** Copies manifest, blobs (mounted, no byte moved) and referrers. */
  promote(promotion: Promotion, options: CallOptions): Promise<void>;
  close(): void;
}
