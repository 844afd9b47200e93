// What a Harbor holds, as plain data that a test can look at and change while the double serves it.
import { createHash } from 'node:crypto';

export interface DoubleAccessory {
  readonly digest: string;
  readonly type: string;
}

export interface DoubleArtifact {
  readonly id: number;
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly pushTime: string;
  readonly children: readonly string[];
  tags: string[];
  labels: string[];
  accessories: DoubleAccessory[];
  /** What Harbor's scanner said; absent: not scanned. */
  scan?: { readonly severity: string; readonly total: number };
}

export interface DoubleProject {
  readonly id: number;
  readonly name: string;
  metadata: Record<string, string>;
  registryId?: number;
  allowlist: { expires_at?: number | null; items: { cve_id: string }[] };
  members: { name: string; type: 'u' | 'g'; entityId: number; roleId: number }[];
  immutable: { pattern: string; disabled?: boolean }[];
  webhooks: { name: string; enabled?: boolean; targets: Record<string, unknown>[] }[];
  storage?: number;
}

export interface DoubleRobot {
  name: string;
  secret: string;
  level: 'system' | 'project';
  projectId: number;
  disable?: boolean;
  expiresAt: number;
  permissions: { kind: string; namespace: string; access: { resource: string; action: string; effect?: string }[] }[];
}

export interface DoubleUser {
  readonly id: number;
  readonly name: string;
  readonly password: string;
  sysadmin?: boolean;
  adminByGroup?: boolean;
}

export interface DoubleAudit {
  readonly username: string;
  readonly operation: string;
  readonly resource: string;
  readonly type: string;
  readonly time: string;
  readonly success?: boolean;
}

/** Everything; repositories are `project/name` → artifacts by digest. */
export interface DoubleState {
  version: string;
  systemInfo: Record<string, unknown>;
  configuration: Record<string, string | boolean | number>;
  projects: DoubleProject[];
  repositories: Map<string, Map<string, DoubleArtifact>>;
  /** What the docker half holds, by digest. */
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly mediaType: string }>;
  users: DoubleUser[];
  groups: { id: number; name: string; type: number }[];
  robots: DoubleRobot[];
  registries: Record<string, unknown>[];
  replicationPolicies: Record<string, unknown>[];
  scanners: Record<string, unknown>[];
  allowlist: { expires_at?: number | null; items: { cve_id: string }[] };
  audit: DoubleAudit[];
  /** False: a Harbor before 2.13, without the extended log. */
  extendedAudit: boolean;
  nextId: number;
}

/** A fresh installation: one administrator, one public project, nothing in it. */
export function freshState(): DoubleState {
  return {
    version: 'v2.15.2-e3b1c2d4',
    systemInfo: {},
    configuration: { auth_mode: 'db_auth', robot_name_prefix: 'robot$', audit_log_forward_endpoint: '' },
    projects: [project(1, 'library', { public: 'true' })],
    repositories: new Map(),
    blobs: new Map(),
    manifests: new Map(),
    users: [{ id: 1, name: 'admin', password: 'Harbor12345', sysadmin: true }],
    groups: [],
    robots: [],
    registries: [],
    replicationPolicies: [],
    scanners: [],
    allowlist: { items: [] },
    audit: [],
    extendedAudit: true,
    nextId: 1000,
  };
}

/** A project without members and rules; an unlimited quota (-1) where none is given. */
export function project(
  id: number,
  name: string,
  metadata: Record<string, string> = {},
  rest: Partial<DoubleProject> = {},
): DoubleProject {
  return {
    id,
    name,
    metadata: { public: 'false', ...metadata },
    allowlist: { items: [] },
    members: [],
    immutable: [],
    webhooks: [],
    ...rest,
  };
}

/** Puts an artifact into a repository and returns it; its digest is that of its name. */
export function put(
  state: DoubleState,
  repository: string,
  name: string,
  rest: Partial<DoubleArtifact> = {},
): DoubleArtifact {
  const artifact: DoubleArtifact = {
    id: state.nextId++,
    digest: digestOf(name),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 3_370_000,
    pushTime: '2026-11-01T08:00:00.000Z',
    children: [],
    tags: [],
    labels: [],
    accessories: [],
    ...rest,
  };
  const artifacts = state.repositories.get(repository) ?? new Map<string, DoubleArtifact>();
  artifacts.set(artifact.digest, artifact);
  state.repositories.set(repository, artifacts);
  return artifact;
}

/** The digest that a name stands for in the double. */
export function digestOf(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}
