// The facts that posture checks look at: names and value types, per kind of registry. A connector gives every one, known or not.
import type { Known, RegistryKind } from '../registries/connector.ts';

/** What anybody can see of a registry without being let in; gathered by `registries/oci/outside.ts` for every kind. */
export interface OutsideFacts {
  /** Repositories of which a manifest was read without credentials, out of those that were tried. */
  readonly anonymousPull: readonly string[];
  /** `GET /v2/_catalog` answers without credentials. */
  readonly anonymousCatalog: boolean;
  /** Repositories in which an upload could be begun without credentials (cancelled at once); only tried where asked for. */
  readonly anonymousPush: readonly string[];
  /** Plain http answers with the registry's API instead of refusing or leading to https. */
  readonly plainHttpAnswered: boolean;
  /** The version that was negotiated: `TLSv1.3`, `TLSv1.2`; `none` for plain http. */
  readonly tlsVersion: string;
  /** Versions before 1.2 that are still taken: `TLSv1`, `TLSv1.1`. */
  readonly tlsOldVersions: readonly string[];
  /** ISO 8601. */
  readonly certificateExpiresAt: string;
  /** `RSA 1024`, `EC 256` … of the server's certificate. */
  readonly certificateKey: { readonly type: string; readonly bits: number };
  /** The API of docker before 2015 (`/v1/_ping`) answers. */
  readonly dockerV1Api: boolean;
  /** `GET /v2/NAME/referrers/DIGEST` is there (distribution specification 1.1). */
  readonly referrersApi: boolean;
  /** Digests by sha512 are understood. */
  readonly sha512: boolean;
  /** Headers that name software and version, as they came: `Server: nginx/1.18.0`. */
  readonly versionHeaders: readonly string[];
  /** Host of the token service where it is another than the registry's; empty where it is its own, or there is none. */
  readonly foreignTokenRealm: string;
  /** A DELETE is not refused as unsupported; only tried where asked for, on a digest that cannot be there. */
  readonly deleteAllowed: boolean;
}

/** Azure Container Registry: mostly from ARM (`Microsoft.ContainerRegistry/registries`). */
export interface AcrFacts {
  /** `Basic`, `Standard`, `Premium`. */
  readonly sku: string;
  readonly adminUserEnabled: boolean;
  readonly anonymousPullEnabled: boolean;
  /** `LegacyRegistryPermissions` or `AbacRepositoryPermissions`. */
  readonly roleAssignmentMode: string;
  /** `policies.azureADAuthenticationAsArmPolicy`: tokens for ARM open the registry too. */
  readonly armAudienceTokens: boolean;
  readonly publicNetworkAccess: boolean;
  /** `Allow` or `Deny`. */
  readonly networkDefaultAction: string;
  /** Address ranges that are let in by rules. */
  readonly networkAllowedRanges: readonly string[];
  /** `AzureServices` or `None`. */
  readonly networkBypass: string;
  readonly privateEndpoints: number;
  readonly softDeleteEnabled: boolean;
  readonly softDeleteDays: number;
  readonly retentionEnabled: boolean;
  /** Days after which untagged manifests go. */
  readonly retentionDays: number;
  readonly quarantinePolicyEnabled: boolean;
  /** `policies.exportPolicy`: images may be exported to other registries. */
  readonly exportEnabled: boolean;
  readonly contentTrustEnabled: boolean;
  readonly zoneRedundant: boolean;
  readonly customerManagedKey: boolean;
  readonly dataEndpointEnabled: boolean;
  /** Diagnostic settings exist that keep `ContainerRegistryLoginEvents` and `ContainerRegistryRepositoryEvents`. */
  readonly diagnosticLogs: boolean;
  /** Webhooks, `name status actions`, with the scope where it is not the whole registry. */
  readonly webhooks: readonly string[];
  /** Names of webhooks whose service address is http. */
  readonly webhooksWithHttp: readonly string[];
  /** Names of repository-scoped tokens with a password that never expires. */
  readonly tokensWithoutExpiry: readonly string[];
  /** Names of tokens whose scope map holds `*` or all of the repositories with writing. */
  readonly wideTokens: readonly string[];
  /** Principals (by name or object id) that can read the admin user's password (`listCredentials`). */
  readonly adminPasswordReaders: readonly string[];
  /** Principals that can pull every repository, by legacy roles that say nothing of registries (Reader, Monitoring Reader …). */
  readonly broadReaders: readonly string[];
  /** Names of cache rules. */
  readonly cacheRules: readonly string[];
  /** Names of cache rules that fetch with a credential set: whoever pulls through them reads what those credentials open. */
  readonly cacheRulesWithCredentials: readonly string[];
  /** Names of credential sets whose health Azure does not call healthy. */
  readonly unhealthyCredentialSets: readonly string[];
  /** Regions that the registry is replicated to, besides its own. */
  readonly replications: readonly string[];
  /** Registries at other places that hold copies, `name mode state`. */
  readonly connectedRegistries: readonly string[];
}

/** Harbor: `/api/v2.0`. */
export interface HarborFacts {
  /** `v2.15.0-…` as `/systeminfo` says. */
  readonly version: string;
  /** `db_auth`, `ldap_auth`, `oidc_auth`, `uaa_auth`, `http_auth`. */
  readonly authMode: string;
  readonly selfRegistration: boolean;
  /** The first administrator (`admin`) signs in with Harbor's published default password; only tried where asked for. */
  readonly defaultAdminPassword: boolean;
  /** Everybody may create projects. */
  readonly projectCreationByEveryone: boolean;
  readonly publicProjects: readonly string[];
  readonly projectsWithoutAutoScan: readonly string[];
  /** Projects that make no SBOM of what is pushed. */
  readonly projectsWithoutAutoSbom: readonly string[];
  /** Projects that do not demand any signature. */
  readonly projectsWithoutSignatures: readonly string[];
  /** Projects that demand a signature: Harbor looks whether there is one, not whose. */
  readonly projectsWithPresenceOnlySignature: readonly string[];
  /** Projects that do not stop vulnerable images. */
  readonly projectsWithoutCveGate: readonly string[];
  /** Projects without a rule for immutable tags. */
  readonly projectsWithoutImmutability: readonly string[];
  /** Projects whose tags are kept for ever: no retention policy. */
  readonly projectsWithoutRetention: readonly string[];
  readonly projectsWithoutQuota: readonly string[];
  /** Projects that are proxy caches: the first pull of an image is not scanned. */
  readonly proxyCacheProjects: readonly string[];
  /** CVE allowlists without an end: project names, `system` for the one of all. */
  readonly allowlistsWithoutExpiry: readonly string[];
  readonly robotsWithoutExpiry: readonly string[];
  /** Robots of the system, of all projects (`*`), or that may write in more than one project. */
  readonly wideRobots: readonly string[];
  /** Webhook policies with an http address or unverified certificate, `project/name`. */
  readonly insecureWebhooks: readonly string[];
  /** Webhook policies without an authorization header, `project/name`. */
  readonly webhooksWithoutSecret: readonly string[];
  /** Replication endpoints over http or with an unverified certificate, by name. */
  readonly insecureReplication: readonly string[];
  /** Webhook policies that are on, `project/name → host`. */
  readonly webhooks: readonly string[];
  /** Replication policies, `name: from → to, trigger`, `(off)` where they are switched off. */
  readonly replicationPolicies: readonly string[];
  /** Names of administrators of the system. */
  readonly systemAdministrators: readonly string[];
  readonly scannerConfigured: boolean;
  /** The audit log is forwarded (`audit_log_forward_endpoint`). */
  readonly auditLogForwarded: boolean;
}

/** Docker Trusted Registry, today Mirantis Secure Registry 2.9 and 3.1: `/api/v0` and `/enzi/v0`. */
export interface MsrFacts {
  /** Logins are among the events (`auditAuthLogsEnabled`). */
  readonly loginEventsRecorded: boolean;
  /** Repositories whose visibility is public. */
  readonly publicRepositories: readonly string[];
  readonly repositoriesWithoutScanOnPush: readonly string[];
  readonly repositoriesWithoutImmutableTags: readonly string[];
  readonly scanningEnabled: boolean;
  /** ISO 8601: when the vulnerability database was last updated; `never`. */
  readonly scanDatabaseUpdatedAt: string;
  /** Names of accounts that are administrators of the whole. */
  readonly administrators: readonly string[];
  /** Accounts that are active and came from neither LDAP, SAML nor SCIM. */
  readonly localAccounts: readonly string[];
  /** Anybody may create a repository by pushing to it. */
  readonly createRepositoryOnPush: boolean;
  /** The registry takes no writes for now. */
  readonly readOnlyMode: boolean;
  /** Webhooks, `repository type → host`, `(off)` where they are switched off. */
  readonly webhooks: readonly string[];
  /** Promotion policies, `source → target`, `(off)` where they are switched off. */
  readonly promotionPolicies: readonly string[];
  /** Mirroring policies, `repository → host` where they push and `repository ← host` where they poll. */
  readonly mirroringPolicies: readonly string[];
  /** Webhooks with an http address or unverified certificate, `repository → host`. */
  readonly insecureWebhooks: readonly string[];
  /** Mirroring policies that skip verification of certificates, `repository`. */
  readonly insecureMirrors: readonly string[];
  /** Promotion policies without a rule about vulnerabilities, `source → target`. */
  readonly promotionsWithoutCveRule: readonly string[];
  /** Teams with `admin` on a repository or `read-write` on a whole namespace, `organisation/team → scope`. */
  readonly wideTeams: readonly string[];
  /** Data about use is sent to the vendor. */
  readonly analyticsEnabled: boolean;
  /** Garbage collection is scheduled. */
  readonly garbageCollectionScheduled: boolean;
}

/** What each kind of registry says besides what can be seen from outside. */
export interface FactsByKind {
  readonly acr: AcrFacts;
  readonly harbor: HarborFacts;
  readonly msr: MsrFacts;
  readonly oci: object;
}

/** The facts that the connector of a kind answers: every name, so that none is forgotten; `unknown` says which permission is missing. */
export type FactsOf<Kind extends RegistryKind> = {
  readonly [Name in keyof FactsByKind[Kind]]: Known<FactsByKind[Kind][Name]>;
};

/** What the probe from outside answers. */
export type OutsideAnswer = { readonly [Name in keyof OutsideFacts]: Known<OutsideFacts[Name]> };

/** Names of every fact with its value type. */
export type AllFacts = AcrFacts & Omit<HarborFacts, SharedNames> & Omit<MsrFacts, SharedNames> & Shared & OutsideFacts;

/** Facts that more than one kind has, with one meaning. */
type SharedNames = 'insecureWebhooks' | 'webhooks';
type Shared = Pick<HarborFacts, SharedNames>;

/** A value that was read. */
export function known<T>(value: T): Known<T> {
  return { kind: 'known', value };
}

/** A value that could not be read; the reason names the missing permission, edition or version. */
export function unknown<T>(reason: string): Known<T> {
  return { kind: 'unknown', reason };
}
