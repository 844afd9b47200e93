// Built-in roles that reach a registry, as published: for assignments whose role definition the caller may not read. docs/connectors/acr.md shows them.
import type { ActionSet } from './actions.ts';

export interface Role {
  readonly name: string;
  readonly permissions: readonly ActionSet[];
}

interface BuiltInRole extends Role {
  /** Where the actions are published. */
  readonly source: string;
}

const registries = 'Microsoft.ContainerRegistry/registries';
const repositories = `${registries}/repositories`;
const read = [`${repositories}/content/read`, `${repositories}/metadata/read`];
const write = [...read, `${repositories}/content/write`, `${repositories}/metadata/write`];
const containers = 'MicrosoftDocs/azure-docs articles/role-based-access-control/built-in-roles/containers.md';
const privileged = 'MicrosoftDocs/azure-docs articles/role-based-access-control/built-in-roles/privileged.md';
const general = 'MicrosoftDocs/azure-docs articles/role-based-access-control/built-in-roles/general.md';
const monitor = 'MicrosoftDocs/azure-docs articles/role-based-access-control/built-in-roles/monitor.md';
const directory =
  'MicrosoftDocs/azure-management-docs articles/container-registry/container-registry-rbac-built-in-roles-directory-reference.md';

function role(
  name: string,
  source: string,
  actions: readonly string[],
  dataActions: readonly string[] = [],
  notActions: readonly string[] = [],
): BuiltInRole {
  return { name, source, permissions: [{ actions, notActions, dataActions, notDataActions: [] }] };
}

/** Id of the role definition → role. Ids are the same in every tenant. Only actions that bear on a registry are kept. */
export const builtInRoles: Readonly<Record<string, BuiltInRole>> = {
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': role('AcrPull', containers, [`${registries}/pull/read`]),
  '8311e382-0749-4cb8-b61a-304f252e45ec': role('AcrPush', containers, [
    `${registries}/pull/read`,
    `${registries}/push/write`,
  ]),
  'c2f4ef07-c644-48eb-af81-4b1b4947fb11': role('AcrDelete', containers, [`${registries}/artifacts/delete`]),
  '6cef56e8-d556-48e5-a04f-b8e64114680f': role('AcrImageSigner', containers, [`${registries}/sign/write`]),
  'cdda3590-29a3-44f6-95f2-9f980659eb04': role('AcrQuarantineReader', containers, [`${registries}/quarantine/read`]),
  'c8d4ff99-41c3-41a8-9f60-21dfdad59608': role('AcrQuarantineWriter', containers, [
    `${registries}/quarantine/read`,
    `${registries}/quarantine/write`,
  ]),
  'b93aa761-3e63-49ed-ac28-beffa264f7ac': role('Container Registry Repository Reader', directory, [], read),
  '2a1e307c-b015-4ebd-883e-5b7698a07328': role('Container Registry Repository Writer', directory, [], write),
  '2efddaa5-3f1f-4df3-97df-af3f13818f4c': role(
    'Container Registry Repository Contributor',
    directory,
    [],
    [...write, `${repositories}/content/delete`, `${repositories}/metadata/delete`],
  ),
  'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7': role(
    'Container Registry Repository Catalog Lister',
    directory,
    [],
    [`${registries}/catalog/read`],
  ),
  '577a9874-89fd-4f24-9dbd-b5034d0ad23a': role(
    'Container Registry Data Importer and Data Reader',
    directory,
    [`${registries}/read`, `${registries}/pull/read`, `${registries}/importImage/action`],
    [...read, `${registries}/catalog/read`],
  ),
  '69b07be0-09bf-439a-b9a6-e73de851bd59': role(
    'Container Registry Configuration Reader and Data Access Configuration Reader',
    directory,
    [
      `${registries}/read`,
      `${registries}/tokens/read`,
      `${registries}/scopeMaps/read`,
      `${registries}/listCredentials/action`,
    ],
  ),
  '3bc748fc-213d-45c1-8d91-9da5725539b9': role(
    'Container Registry Contributor and Data Access Configuration Administrator',
    directory,
    [
      `${registries}/read`,
      `${registries}/write`,
      `${registries}/tokens/write`,
      `${registries}/generateCredentials/action`,
      `${registries}/listCredentials/action`,
    ],
  ),
  'fb382eab-e894-4461-af04-94435c366c3f': role('Container Registry Tasks Contributor', directory, [
    `${registries}/tasks/write`,
    `${registries}/scheduleRun/action`,
  ]),
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': role('Owner', privileged, ['*']),
  'b24988ac-6180-42a0-ab88-20f7382dd24c': role(
    'Contributor',
    privileged,
    ['*'],
    [],
    [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  ),
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': role('User Access Administrator', privileged, [
    '*/read',
    'Microsoft.Authorization/*',
  ]),
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': role('Role Based Access Control Administrator', privileged, [
    '*/read',
    'Microsoft.Authorization/roleAssignments/write',
    'Microsoft.Authorization/roleAssignments/delete',
  ]),
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': role('Reader', general, ['*/read']),
  '43d0d8ad-25c7-4714-9337-8ba259a9fe05': role('Monitoring Reader', monitor, ['*/read']),
  '749f88d5-cbae-40b8-bcfc-e573ddc772fa': role('Monitoring Contributor', monitor, ['*/read']),
  '73c42c96-874c-492b-b04d-ab87d138a893': role('Log Analytics Reader', monitor, ['*/read']),
};
