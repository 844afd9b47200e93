// What the double of MSR holds: accounts, teams, repositories with their policies, events, jobs and settings, as plain data that tests change.

export interface DoubleAccount {
  readonly name: string;
  readonly isOrg: boolean;
  isActive: boolean;
  readonly isAdmin: boolean;
  readonly isImported: boolean;
  readonly password?: string;
}

export interface DoubleTeam {
  readonly id: string;
  readonly organization: string;
  readonly name: string;
  readonly members: string[];
}

export type Level = 'read-only' | 'read-write' | 'admin';

export interface DoublePolicy {
  readonly enabled: boolean;
  readonly [member: string]: unknown;
}

export interface DoubleRepository {
  readonly namespace: string;
  readonly name: string;
  readonly visibility: 'public' | 'private';
  readonly scanOnPush: boolean;
  readonly immutableTags: boolean;
  /** Team id → level. */
  readonly teams: Map<string, Level>;
  readonly tags: Map<string, string>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
  readonly blobs: Map<string, Buffer>;
  readonly promotionPolicies: DoublePolicy[];
  readonly pollMirroringPolicies: DoublePolicy[];
  readonly pushMirroringPolicies: DoublePolicy[];
}

export interface MsrState {
  readonly accounts: DoubleAccount[];
  readonly teams: DoubleTeam[];
  /** Organisation → its owners. */
  readonly owners: Map<string, string[]>;
  /** Organisation and team id → level on all of its repositories. */
  readonly namespaceTeams: Map<string, Map<string, Level>>;
  readonly repositories: DoubleRepository[];
  readonly tokens: {
    readonly user: string;
    readonly label: string;
    readonly isActive: boolean;
    readonly lastUsed: string;
  }[];
  readonly events: { readonly id: string; readonly publishedAt: string; readonly [member: string]: unknown }[];
  readonly jobs: { readonly id: string; readonly scheduledAt: string; readonly [member: string]: unknown }[];
  readonly webhooks: { readonly type: string; readonly [member: string]: unknown }[];
  readonly crons: { readonly action: string }[];
  readonly settings: Record<string, unknown>;
  scanningEnabled: boolean;
  scanDatabaseUpdatedAt: string;
}

/** Makes a repository without content. */
export function doubleRepository(
  namespace: string,
  name: string,
  options: Partial<Pick<DoubleRepository, 'visibility' | 'scanOnPush' | 'immutableTags'>> = {},
): DoubleRepository {
  return {
    namespace,
    name,
    visibility: 'private',
    scanOnPush: true,
    immutableTags: false,
    ...options,
    teams: new Map(),
    tags: new Map(),
    manifests: new Map(),
    blobs: new Map(),
    promotionPolicies: [],
    pollMirroringPolicies: [],
    pushMirroringPolicies: [],
  };
}

/** A registry of one organisation with two teams, an administrator, and people. `admin:secret` is its administrator, `jo:secret` a user. */
export function freshState(): MsrState {
  const user = (name: string, more: Partial<DoubleAccount> = {}): DoubleAccount => ({
    name,
    isOrg: false,
    isActive: true,
    isAdmin: false,
    isImported: true,
    password: 'secret',
    ...more,
  });
  const organization = { isOrg: true, isActive: true, isAdmin: false, isImported: false };
  return {
    accounts: [
      user('admin', { isAdmin: true, isImported: false }),
      user('jo'),
      user('lee'),
      user('gone', { isActive: false }),
      { name: 'engineering', ...organization },
      { name: 'plombe-quarantine', ...organization },
    ],
    teams: [
      { id: 'team-dev', organization: 'engineering', name: 'dev', members: ['jo'] },
      { id: 'team-qa', organization: 'engineering', name: 'qa', members: ['lee'] },
    ],
    owners: new Map([['engineering', ['lee']]]),
    namespaceTeams: new Map([['engineering', new Map<string, Level>([['team-qa', 'read-only']])]]),
    repositories: [
      doubleRepository('engineering', 'app'),
      doubleRepository('engineering', 'prod'),
      doubleRepository('jo', 'lab'),
    ],
    tokens: [{ user: 'jo', label: 'laptop', isActive: true, lastUsed: '2026-01-02T03:04:05Z' }],
    events: [],
    jobs: [],
    webhooks: [],
    crons: [{ action: 'onlinegc' }],
    settings: {
      createRepositoryOnPush: false,
      readOnlyRegistry: false,
      reportAnalytics: false,
      auditAuthLogsEnabled: true,
      scanningEnabled: true,
    },
    scanningEnabled: true,
    scanDatabaseUpdatedAt: new Date(0).toISOString(),
  };
}
