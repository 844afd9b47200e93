// The state of the double: one tenant with its applications, one subscription, one registry with everything in and around it.
import { createHash } from 'node:crypto';

export type Json = Record<string, unknown>;

/** An application of the tenant, and what its roles amount to. */
export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly objectId: string;
  /** Patterns of actions, as in a role. */
  actions: string[];
  dataActions: string[];
}

export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly createdTime: string;
  attributes: Json;
}

export interface StoredRepository {
  readonly createdTime: string;
  lastUpdateTime: string;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, { digest: string; attributes: Json }>;
  readonly blobs: Set<string>;
}

/** What a token stands for, and for how long. */
export interface IssuedToken {
  readonly kind: 'entra' | 'refresh' | 'access';
  readonly application: Application | undefined;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/**
 * A token bucket: a request takes one. One that finds none is told to wait, and the wait is taken as done: from below zero it brings one token,
 * at zero it brings `refill`.
 */
export interface Bucket {
  tokens: number;
  readonly refill: number;
  readonly retryAfter: string;
}

export interface AzureWorld {
  readonly tenant: string;
  readonly applications: Application[];
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly registryName: string;
  readonly loginServer: string;
  /** `properties` of the registry's resource. */
  readonly registry: Json;
  sku: string;
  /** `properties.policies.softDeletePolicy` of the preview version. */
  softDelete: Json;
  /** Children of the registry by kind and name: `properties` and what stands beside them. */
  readonly children: Map<string, Map<string, Json>>;
  /** Webhook → rows of listEvents. */
  readonly deliveries: Map<string, Json[]>;
  readonly roleAssignments: Json[];
  /** GUID → `properties`. */
  readonly roleDefinitions: Map<string, Json>;
  readonly denyAssignments: Json[];
  readonly diagnosticSettings: Json[];
  readonly activity: Json[];
  readonly repositories: Map<string, StoredRepository>;
  /** Repositories that may be neither written nor deleted. */
  readonly lockedRepositories: Set<string>;
  readonly blobs: Map<string, Buffer>;
  /** Uploads under way: the pieces so far. */
  readonly uploads: Map<string, Buffer[]>;
  readonly tokens: Map<string, IssuedToken>;
  /** Entries in a page of any list. */
  pageSize: number;
  /** Given instead of the address of each next page: an address, or `self` for the page's own. */
  nextLink?: string;
  arm?: Bucket;
  data?: Bucket;
  /** True: Azure has withdrawn its preview versions. */
  previewsWithdrawn?: boolean;
  /** Answers the next requests of the control plane with these statuses. */
  armFailures: number[];
  nowMs: number;
  /** `METHOD host/path?query` of every request in order. */
  readonly log: string[];
  /** What no real Azure would have answered: unknown routes, API versions, hosts. A test with one fails. */
  readonly violations: string[];
}

/** Returns a tenant with one application that may do everything, and an empty registry. */
export function azureWorld(loginServer = 'plombetest.azurecr.io'): AzureWorld {
  const registryName = loginServer.slice(0, loginServer.indexOf('.'));
  return {
    tenant: '72f988bf-0000-0000-0000-000000000001',
    applications: [application(1, ['*'], ['*'])],
    subscription: '089bd33f-0000-0000-0000-000000000009',
    resourceGroup: 'rg-images',
    registryName,
    loginServer,
    sku: 'Premium',
    registry: {
      loginServer,
      creationDate: '2025-01-02T03:04:05.1234567Z',
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      roleAssignmentMode: 'AbacRepositoryPermissions',
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
      policies: {
        quarantinePolicy: { status: 'disabled' },
        trustPolicy: { type: 'Notary', status: 'disabled' },
        retentionPolicy: { days: 7, lastUpdatedTime: '2025-01-02T03:04:05+00:00', status: 'disabled' },
        exportPolicy: { status: 'enabled' },
        azureADAuthenticationAsArmPolicy: { status: 'enabled' },
      },
      encryption: { status: 'disabled' },
      dataEndpointEnabled: false,
      privateEndpointConnections: [],
      zoneRedundancy: 'Disabled',
    },
    softDelete: { retentionDays: 7, status: 'disabled' },
    children: new Map(),
    deliveries: new Map(),
    roleAssignments: [],
    roleDefinitions: new Map(),
    denyAssignments: [],
    diagnosticSettings: [],
    activity: [],
    repositories: new Map(),
    lockedRepositories: new Set(),
    blobs: new Map(),
    uploads: new Map(),
    tokens: new Map(),
    pageSize: 2,
    armFailures: [],
    nowMs: 1_790_000_000_000,
    log: [],
    violations: [],
  };
}

/** Returns an application with these permissions; ids follow from the number. */
export function application(n: number, actions: string[], dataActions: string[]): Application {
  const tail = String(n).padStart(12, '0');
  return {
    clientId: `11111111-0000-0000-0000-${tail}`,
    clientSecret: `secret-of-${n}`,
    objectId: `22222222-0000-0000-0000-${tail}`,
    actions,
    dataActions,
  };
}

/** The id of the registry's resource. */
export function registryId({ subscription, resourceGroup, registryName }: AzureWorld): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${registryName}`;
}

/** Puts a child (`tokens`, `webhooks` …) below the registry. */
export function addChild(world: AzureWorld, kind: string, name: string, properties: Json, beside: Json = {}): void {
  const children = world.children.get(kind) ?? new Map<string, Json>();
  children.set(name, { ...beside, properties: { provisioningState: 'Succeeded', ...properties } });
  world.children.set(kind, children);
}

/** Assigns a role at a scope; returns the principal's object id. */
export function assign(
  world: AzureWorld,
  principalId: string,
  principalType: string,
  role: {
    readonly id: string;
    readonly name: string;
    readonly actions?: readonly string[];
    readonly dataActions?: readonly string[];
    readonly notActions?: readonly string[];
  },
  options: { readonly scope?: string; readonly condition?: string } = {},
): void {
  const { id, name, actions = [], dataActions = [], notActions = [] } = role;
  world.roleDefinitions.set(id, {
    roleName: name,
    type: 'BuiltInRole',
    permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    assignableScopes: ['/'],
  });
  const number = String(world.roleAssignments.length + 1).padStart(12, '0');
  world.roleAssignments.push({
    roleDefinitionId: `/subscriptions/${world.subscription}/providers/Microsoft.Authorization/roleDefinitions/${id}`,
    principalId,
    principalType,
    scope: options.scope ?? registryId(world),
    ...(options.condition === undefined ? {} : { condition: options.condition, conditionVersion: '2.0' }),
    name: `33333333-0000-0000-0000-${number}`,
  });
}

/** Returns a repository, made where it is not there yet. */
export function repositoryOf(world: AzureWorld, name: string): StoredRepository {
  const present = world.repositories.get(name);
  if (present !== undefined) return present;
  const now = new Date(world.nowMs).toISOString();
  const made = {
    createdTime: now,
    lastUpdateTime: now,
    manifests: new Map(),
    tags: new Map(),
    blobs: new Set<string>(),
  };
  world.repositories.set(name, made);
  return made;
}

/** Takes one request out of a bucket; false where it is empty. */
export function take(bucket: Bucket | undefined): boolean {
  if (bucket === undefined) return true;
  if (bucket.tokens > 0) {
    bucket.tokens -= 1;
    return true;
  }
  bucket.tokens = bucket.tokens < 0 ? bucket.tokens + 1 : bucket.refill;
  return false;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Issues a token of the shape of a JWT; nobody checks its signature, as with Azure's own opaque ones. */
export function issue(world: AzureWorld, token: Omit<IssuedToken, 'expiresAtMs'>, seconds: number): string {
  const claims = {
    aud: token.audience,
    oid: token.application?.objectId,
    tid: world.tenant,
    iat: Math.floor(world.nowMs / 1000),
    exp: Math.floor(world.nowMs / 1000) + seconds,
    jti: String(world.tokens.size),
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${part({ kind: token.kind })}`;
  world.tokens.set(text, { ...token, expiresAtMs: world.nowMs + seconds * 1000 });
  return text;
}

/** Returns what a token stands for where it lives and is of the kind. */
export function lives(world: AzureWorld, text: string | undefined, kind: IssuedToken['kind']): IssuedToken | undefined {
  const token = world.tokens.get((text ?? '').replace(/^Bearer /, ''));
  return token?.kind === kind && token.expiresAtMs > world.nowMs ? token : undefined;
}
