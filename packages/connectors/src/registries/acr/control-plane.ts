// What Azure Resource Manager says of one registry: where it is, the resource itself, and the lists below it.
import { PlombeError, inert, objectField, textField, type JsonObject } from '@plombe/kit';
import type { ArmCall, ArmClient } from '../../azure/arm.ts';
import type { CallOptions } from '../connector.ts';

/** API versions, each the newest stable one that was read; `preview` alone tells of soft delete. */
export const apiVersions = {
  registry: '2025-11-01',
  preview: '2025-05-01-preview',
  subscriptions: '2022-12-01',
  authorization: '2022-04-01',
  activityLog: '2015-04-01',
  diagnostics: '2021-05-01-preview',
} as const;

const provider = 'Microsoft.ContainerRegistry/registries';
/** A tenant has a few hundred subscriptions at most; with more, the one has to be named. */
const maxSubscriptions = 300;
/** Azure allows 4,000 role assignments in a subscription and 500 per management group; the activity log has some thousand entries a month. */
const maxRows = 50_000;

/** Lists below a registry. */
export type RegistryList =
  | 'tokens'
  | 'scopeMaps'
  | 'webhooks'
  | 'replications'
  | 'cacheRules'
  | 'credentialSets'
  | 'connectedRegistries';

/** Where the registry is; with neither, every subscription that the identity can see is looked through. */
export interface AcrLocation {
  /** `/subscriptions/…/registries/NAME`. */
  readonly resourceId?: string;
  readonly subscriptionId?: string;
}

export interface RegistryResource {
  readonly id: string;
  readonly subscriptionId: string;
  readonly sku: string;
  readonly properties: JsonObject;
}

export interface ControlPlane {
  readonly arm: ArmClient;
  /** The registry's resource, read anew. Throws `registry/not-found` where no subscription that can be seen has it. */
  resource(options: CallOptions): Promise<RegistryResource>;
  /** The resource id, looked up once. */
  id(options: CallOptions): Promise<string>;
  /** One list below the registry. */
  list(kind: RegistryList, options: CallOptions): Promise<readonly JsonObject[]>;
  /** All entries of any list. Throws `registry/invalid-answer` beyond the limit. */
  rows(call: ArmCall, options: CallOptions & { readonly method?: 'GET' | 'POST' }): Promise<readonly JsonObject[]>;
  /** The policy of soft delete. */
  softDelete(options: CallOptions): Promise<JsonObject>;
}

/** Opens the control plane of the registry with this login server. */
export function controlPlane(arm: ArmClient, loginServer: string, location: AcrLocation): ControlPlane {
  let found: string | undefined;
  const about = (path: string, apiVersion: string): ArmCall => ({ path, apiVersion, permission: `${provider}/read` });

  async function resource(options: CallOptions): Promise<RegistryResource> {
    const id = found ?? (await locate(arm, loginServer, location, options));
    const document = await arm.get(about(id, apiVersions.registry), options);
    if (!isRegistry(document, loginServer)) {
      throw new PlombeError('config/invalid', `${inert(id)} is not the resource of ${loginServer}.`);
    }
    found = id;
    return {
      id,
      subscriptionId: id.split('/')[2] ?? '',
      sku: textField(objectField(document, 'sku') ?? {}, 'name') ?? '',
      properties: objectField(document, 'properties') ?? {},
    };
  }

  const id = async (options: CallOptions): Promise<string> => found ?? (await resource(options)).id;

  async function rows(
    call: ArmCall,
    options: CallOptions & { readonly method?: 'GET' | 'POST' },
  ): Promise<readonly JsonObject[]> {
    const list: JsonObject[] = [];
    for await (const row of arm.list(call, options)) {
      if (list.length >= maxRows) {
        const message = `A list of Azure has more than ${maxRows} entries (${call.permission}).`;
        throw new PlombeError('registry/invalid-answer', message);
      }
      list.push(row);
    }
    return list;
  }

  return {
    arm,
    resource,
    id,
    rows,
    list: async (kind, options) => {
      const call = { apiVersion: apiVersions.registry, permission: `${provider}/${kind}/read` };
      return rows({ path: `${await id(options)}/${kind}`, ...call }, options);
    },
    softDelete: async (options) => {
      const document = await arm.get(about(await id(options), apiVersions.preview), options);
      const policies = objectField(objectField(document, 'properties') ?? {}, 'policies') ?? {};
      return objectField(policies, 'softDeletePolicy') ?? {};
    },
  };
}

async function locate(
  arm: ArmClient,
  loginServer: string,
  location: AcrLocation,
  options: CallOptions,
): Promise<string> {
  if (location.resourceId !== undefined) return checkedId(location.resourceId);
  const ids = location.subscriptionId === undefined ? await subscriptions(arm, options) : [location.subscriptionId];
  for (const subscription of ids) {
    const path = `/subscriptions/${guid(subscription)}/providers/${provider}`;
    const call = { path, apiVersion: apiVersions.registry, permission: `${provider}/read` };
    for await (const document of arm.list(call, options)) {
      if (isRegistry(document, loginServer)) return checkedId(textField(document, 'id') ?? '');
    }
  }
  throw new PlombeError('registry/not-found', `No subscription that the identity can see has ${loginServer}.`, {
    remedy: `Give the identity ${provider}/read on the registry, or name the resource.`,
  });
}

async function subscriptions(arm: ArmClient, options: CallOptions): Promise<readonly string[]> {
  const permission = 'Microsoft.Resources/subscriptions/read';
  const call = { path: '/subscriptions', apiVersion: apiVersions.subscriptions, permission };
  const ids: string[] = [];
  for await (const document of arm.list(call, options)) {
    const id = textField(document, 'subscriptionId');
    if (id !== undefined && ids.length < maxSubscriptions) ids.push(id);
  }
  return ids;
}

function isRegistry(document: JsonObject, loginServer: string): boolean {
  const properties = objectField(document, 'properties') ?? {};
  return textField(properties, 'loginServer')?.toLowerCase() === loginServer;
}

function guid(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new PlombeError('config/invalid', `"${inert(text.slice(0, 60))}" is not the id of an Azure subscription.`);
}

/** An id becomes a path: each part is one segment of the characters that Azure allows for it. */
function checkedId(id: string): string {
  const pattern =
    /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\p{L}\p{N}_().-]{1,90}\/providers\/Microsoft\.ContainerRegistry\/registries\/[a-z0-9]{5,50}$/iu;
  if (pattern.test(id) && !/\/\.{1,2}\//.test(id)) return id;
  throw new PlombeError(
    'config/invalid',
    `"${inert(id.slice(0, 200))}" is not the resource id of a container registry.`,
  );
}
