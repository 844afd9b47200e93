// The double's state in the words of Harbor's API description.
import type { DoubleArtifact, DoubleProject, DoubleRobot, DoubleState, DoubleUser } from './state.ts';

const created = '2026-01-01T00:00:00.000Z';

/** `GeneralInfo`. */
export function systemInfoView(state: DoubleState, isKnown: boolean): object {
  const open = { auth_mode: state.configuration['auth_mode'], self_registration: false, has_ca_root: false };
  const rest = {
    harbor_version: state.version,
    project_creation_restriction: 'everyone',
    external_url: 'https://harbor',
  };
  return { ...open, ...(isKnown ? rest : {}), ...state.systemInfo };
}

/** `ConfigurationsResponse`. */
export function configurationView(state: DoubleState): object {
  return Object.fromEntries(
    Object.entries(state.configuration).map(([key, value]) => [key, { value, editable: true }]),
  );
}

/** `Project`. */
export function projectView(state: DoubleState, project: DoubleProject): object {
  const count = [...state.repositories.keys()].filter((name) => name.startsWith(`${project.name}/`)).length;
  return {
    project_id: project.id,
    name: project.name,
    owner_id: 1,
    owner_name: 'admin',
    creation_time: created,
    update_time: created,
    repo_count: count,
    metadata: project.metadata,
    cve_allowlist: { id: project.id, project_id: project.id, ...project.allowlist },
    ...(project.registryId === undefined ? {} : { registry_id: project.registryId }),
  };
}

/** `Repository`. */
export function repositoryView(name: string, artifacts: ReadonlyMap<string, DoubleArtifact>): object {
  return { name, artifact_count: artifacts.size, pull_count: 0, creation_time: created, update_time: created };
}

/** `Artifact`; parts that were not asked for are left out, as Harbor does. */
export function artifactView(
  artifact: DoubleArtifact,
  query: URLSearchParams,
  isImmutable: (tag: string) => boolean,
): object {
  const wants = (name: string, otherwise: boolean): boolean => (query.get(name) ?? String(otherwise)) === 'true';
  const scan = artifact.scan;
  return {
    id: artifact.id,
    type: 'IMAGE',
    digest: artifact.digest,
    media_type: 'application/vnd.oci.image.config.v1+json',
    manifest_media_type: artifact.mediaType,
    size: artifact.size,
    push_time: artifact.pushTime,
    pull_time: '0001-01-01T00:00:00.000Z',
    ...(artifact.children.length === 0
      ? {}
      : { references: artifact.children.map((digest) => ({ parent_id: artifact.id, child_digest: digest })) }),
    ...(wants('with_tag', true)
      ? {
          tags: artifact.tags.map((name, index) => ({
            id: artifact.id * 100 + index,
            name,
            artifact_id: artifact.id,
            push_time: artifact.pushTime,
            pull_time: '0001-01-01T00:00:00.000Z',
            ...(wants('with_immutable_status', false) ? { immutable: isImmutable(name) } : {}),
          })),
        }
      : {}),
    ...(wants('with_label', false)
      ? { labels: artifact.labels.map((name, id) => ({ id: id + 1, name, scope: 'g' })) }
      : {}),
    ...(wants('with_accessory', false) ? { accessories: accessoriesView(artifact) } : {}),
    ...(wants('with_scan_overview', false) && scan !== undefined
      ? {
          scan_overview: {
            'application/vnd.security.vulnerability.report; version=1.1': {
              report_id: '1',
              scan_status: 'Success',
              severity: scan.severity,
              start_time: created,
              end_time: created,
              summary: { total: scan.total, fixable: 0, summary: {} },
              scanner: { name: 'Trivy', vendor: 'Aqua Security', version: 'v0.60.0' },
            },
          },
        }
      : {}),
  };
}

/** `Accessory[]`. */
export function accessoriesView(artifact: DoubleArtifact): readonly object[] {
  return artifact.accessories.map(({ digest, type }, index) => ({
    id: artifact.id * 10 + index,
    artifact_id: artifact.id * 10 + index,
    subject_artifact_id: artifact.id,
    subject_artifact_digest: artifact.digest,
    digest,
    type,
    size: 1024,
    creation_time: created,
  }));
}

/** `Robot`, without its secret. */
export function robotView(robot: DoubleRobot, id: number): object {
  const { name, level, disable = false, expiresAt, permissions } = robot;
  return {
    id,
    name,
    level,
    disable,
    duration: expiresAt === -1 ? -1 : 30,
    expires_at: expiresAt,
    editable: true,
    permissions,
    creation_time: created,
    update_time: created,
  };
}

/** `UserResp`. */
export function userView(user: DoubleUser): object {
  return {
    user_id: user.id,
    username: user.name,
    email: `${user.name}@example.com`,
    sysadmin_flag: user.sysadmin === true,
    admin_role_in_auth: user.adminByGroup === true,
    creation_time: created,
    update_time: created,
  };
}
