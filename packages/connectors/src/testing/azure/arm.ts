// Azure Resource Manager of the double: a table of routes with their API versions and the action each needs; lists in pages, requests in a bucket.
import { matchesAction } from '../../registries/acr/actions.ts';
import { armError, jsonBody, send, violation, type Exchange } from './exchange.ts';
import { addChild, lives, registryId, take, type AzureWorld, type Json } from './world.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly versions: readonly string[];
  /** The action of the caller's role; `$1` is the first part of the path that was matched. */
  readonly action: string;
  answer(exchange: Exchange, parts: readonly string[]): void;
}

const guid = '[0-9a-f-]{36}';
const registries = `/subscriptions/${guid}/resourceGroups/[^/]+/providers/Microsoft\\.ContainerRegistry/registries`;
const registry = `${registries}/[a-z0-9]+`;
const kinds = '(tokens|scopeMaps|webhooks|replications|cacheRules|credentialSets|connectedRegistries)';
const stable = ['2025-11-01'];
const authorization = ['2022-04-01'];
const provider = 'Microsoft.ContainerRegistry/registries';

/** Source of each: the specification named in docs/connectors/acr.md. */
const routes: readonly Route[] = [
  route('GET', '/subscriptions', ['2022-12-01'], 'Microsoft.Resources/subscriptions/read', (exchange) =>
    page(exchange, [
      {
        id: `/subscriptions/${exchange.world.subscription}`,
        subscriptionId: exchange.world.subscription,
        state: 'Enabled',
      },
    ]),
  ),
  route(
    'GET',
    `/subscriptions/${guid}/providers/Microsoft\\.ContainerRegistry/registries`,
    stable,
    `${provider}/read`,
    (exchange) => page(exchange, [resource(exchange.world, false)]),
  ),
  route('GET', `${registries}`, stable, `${provider}/read`, (exchange) =>
    page(exchange, [resource(exchange.world, false)]),
  ),
  route('GET', registry, [...stable, '2025-05-01-preview'], `${provider}/read`, (exchange) =>
    send(exchange, 200, resource(exchange.world, exchange.url.searchParams.get('api-version') !== '2025-11-01')),
  ),
  route('PATCH', registry, stable, `${provider}/write`, (exchange) => {
    const { properties = {} } = jsonBody(exchange) as { properties?: Json };
    Object.assign(exchange.world.registry, properties);
    record(exchange, `${provider}/write`);
    send(exchange, 200, resource(exchange.world, false));
  }),
  route('GET', `${registry}/${kinds}`, stable, `${provider}/$1/read`, (exchange, [kind = '']) =>
    page(
      exchange,
      [...(exchange.world.children.get(kind)?.keys() ?? [])].map((name) => child(exchange.world, kind, name) as Json),
    ),
  ),
  route('GET', `${registry}/${kinds}/([^/]+)`, stable, `${provider}/$1/read`, (exchange, [kind = '', name = '']) => {
    const document = child(exchange.world, kind, name);
    if (document === undefined)
      return armError(exchange, 404, 'ResourceNotFound', `The resource ${name} was not found.`);
    return send(exchange, 200, document);
  }),
  route('PUT', `${registry}/${kinds}/([^/]+)`, stable, `${provider}/$1/write`, (exchange, [kind = '', name = '']) => {
    const { properties = {}, ...beside } = jsonBody(exchange) as { properties?: Json };
    addChild(
      exchange.world,
      kind,
      name,
      { creationDate: new Date(exchange.world.nowMs).toISOString(), ...properties },
      beside,
    );
    record(exchange, `${provider}/${kind}/write`);
    send(exchange, 201, child(exchange.world, kind, name));
  }),
  route(
    'POST',
    `${registry}/webhooks/([^/]+)/listEvents`,
    stable,
    `${provider}/webhooks/listEvents/action`,
    (exchange, [name = '']) => page(exchange, exchange.world.deliveries.get(name) ?? []),
  ),
  route(
    'GET',
    `${registry}/webhooks/([^/]+)/listEvents`,
    stable,
    `${provider}/webhooks/listEvents/action`,
    (exchange, [name = '']) => page(exchange, exchange.world.deliveries.get(name) ?? []),
  ),
  route(
    'GET',
    `${registry}/providers/Microsoft\\.Authorization/roleAssignments`,
    authorization,
    'Microsoft.Authorization/roleAssignments/read',
    (exchange) => atScope(exchange, exchange.world.roleAssignments, 'roleAssignments'),
  ),
  route(
    'GET',
    `${registry}/providers/Microsoft\\.Authorization/denyAssignments`,
    authorization,
    'Microsoft.Authorization/denyAssignments/read',
    (exchange) => atScope(exchange, exchange.world.denyAssignments, 'denyAssignments'),
  ),
  route(
    'GET',
    `(?:/subscriptions/${guid})?/providers/Microsoft\\.Authorization/roleDefinitions/(${guid})`,
    authorization,
    'Microsoft.Authorization/roleDefinitions/read',
    (exchange, [id = '']) => {
      const properties = exchange.world.roleDefinitions.get(id);
      if (properties === undefined)
        return armError(
          exchange,
          404,
          'RoleDefinitionDoesNotExist',
          `The specified role definition with ID '${id}' does not exist.`,
        );
      return send(exchange, 200, {
        id: exchange.url.pathname,
        name: id,
        type: 'Microsoft.Authorization/roleDefinitions',
        properties,
      });
    },
  ),
  route(
    'GET',
    `${registry}/providers/Microsoft\\.Insights/diagnosticSettings`,
    ['2021-05-01-preview'],
    'Microsoft.Insights/diagnosticSettings/read',
    (exchange) =>
      send(exchange, 200, {
        value: exchange.world.diagnosticSettings.map((properties) => ({ name: 'logs', properties })),
      }),
  ),
  route(
    'GET',
    `/subscriptions/${guid}/providers/Microsoft\\.Insights/eventtypes/management/values`,
    ['2015-04-01'],
    'Microsoft.Insights/eventtypes/values/read',
    activity,
  ),
];

function route(
  method: string,
  path: string,
  versions: readonly string[],
  action: string,
  answer: Route['answer'],
): Route {
  return { method, path: new RegExp(`^${path}$`, 'i'), versions, action, answer };
}

export function arm(exchange: Exchange): void {
  const { world, method, url } = exchange;
  const found = routes.flatMap((one) => {
    const match = one.method === method ? one.path.exec(url.pathname) : null;
    return match === null ? [] : [{ one, parts: match.slice(1) }];
  })[0];
  if (found === undefined) return violation(exchange, 'unknown route of ARM');
  const version = url.searchParams.get('api-version') ?? '';
  if (!found.one.versions.includes(version)) return violation(exchange, `unknown api-version "${version}"`);
  if (world.previewsWithdrawn === true && version.endsWith('-preview')) {
    return armError(
      exchange,
      400,
      'NoRegisteredProviderFound',
      `No registered resource provider found for API version '${version}'.`,
    );
  }
  const token = lives(world, exchange.headers.authorization, 'entra');
  if (token === undefined || !/^https:\/\/management\.(?:azure\.com|core\.windows\.net)\/?$/.test(token.audience)) {
    return armError(exchange, 401, 'InvalidAuthenticationToken', 'The access token is invalid.', {
      'www-authenticate': 'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token"',
    });
  }
  const failure = world.armFailures.shift();
  if (failure !== undefined)
    return armError(exchange, failure, 'ServerError', 'The server failed.', { 'retry-after': '0' });
  if (!take(world.arm)) {
    const after = world.arm?.retryAfter ?? '1';
    return armError(
      exchange,
      429,
      'SubscriptionRequestsThrottled',
      `Number of requests for subscription exceeded the limit. Please try again after '${after}' seconds.`,
      { 'retry-after': after },
    );
  }
  const action = found.one.action.replace('$1', found.parts[0] ?? '');
  if (token.application?.actions.some((pattern) => matchesAction(pattern, action)) !== true) {
    return armError(
      exchange,
      403,
      'AuthorizationFailed',
      `The client '${token.application?.clientId}' with object id '${token.application?.objectId}' does not have authorization to perform action '${action}' over scope '${url.pathname}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }
  return found.one.answer(exchange, found.parts);
}

function resource(world: AzureWorld, preview: boolean): Json {
  const policies = world.registry['policies'] as Json;
  return {
    id: registryId(world),
    name: world.registryName,
    type: 'Microsoft.ContainerRegistry/registries',
    location: 'westeurope',
    tags: {},
    sku: { name: world.sku, tier: world.sku },
    properties: preview
      ? { ...world.registry, policies: { ...policies, softDeletePolicy: world.softDelete } }
      : world.registry,
  };
}

function child(world: AzureWorld, kind: string, name: string): Json | undefined {
  const present = world.children.get(kind)?.get(name);
  const id = `${registryId(world)}/${kind}/${name}`;
  return present && { id, name, type: `Microsoft.ContainerRegistry/registries/${kind}`, ...present };
}

/** Assignments at the registry and above, as `$filter=atScope()` means; other filters are not in the double. */
function atScope(exchange: Exchange, rows: readonly Json[], type: string): void {
  if (exchange.url.searchParams.get('$filter') !== 'atScope()') return violation(exchange, 'unknown filter');
  const id = registryId(exchange.world).toLowerCase();
  const held = rows.filter(({ scope }) => id.startsWith(String(scope).toLowerCase().replace(/\/$/, '')));
  return page(
    exchange,
    held.map((properties) => ({
      id: `${String(properties['scope'])}/providers/Microsoft.Authorization/${type}/${String(properties['name'])}`,
      name: properties['name'],
      type: `Microsoft.Authorization/${type}`,
      properties,
    })),
  );
}

/** The filter is mandatory, and what is older than 90 days is gone. */
function activity(exchange: Exchange): void {
  const { world, url } = exchange;
  const filter = /^eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)' and resourceUri eq '([^']+)'$/.exec(
    url.searchParams.get('$filter') ?? '',
  );
  const [, from = '', to = '', uri = ''] = filter ?? [];
  if (filter === null || Date.parse(from) < world.nowMs - 90 * 86_400_000)
    return armError(exchange, 400, 'BadRequest', 'The start time cannot be more than 90 days in the past.');
  const rows = world.activity.filter((row) => {
    const at = Date.parse(String(row['eventTimestamp']));
    return (
      at >= Date.parse(from) &&
      at <= Date.parse(to) &&
      String(row['resourceId']).toLowerCase().startsWith(uri.toLowerCase())
    );
  });
  return page(exchange, rows);
}

/** Puts a change into the activity log. */
function record(exchange: Exchange, operation: string): void {
  const { world, headers } = exchange;
  world.activity.push({
    eventDataId: `activity-${world.activity.length + 1}`,
    eventTimestamp: new Date(world.nowMs).toISOString(),
    caller: lives(world, headers.authorization, 'entra')?.application?.objectId,
    operationName: { value: operation, localizedValue: operation },
    status: { value: 'Succeeded', localizedValue: 'Succeeded' },
    resourceId: registryId(world),
  });
}

/** One page of a list, with the address of the next. */
function page(exchange: Exchange, rows: readonly Json[]): void {
  const { world, url } = exchange;
  const start = Number(url.searchParams.get('$skipToken') ?? 0);
  const end = start + world.pageSize;
  const next = new URL(url);
  next.searchParams.set('$skipToken', String(end));
  const link = world.nextLink === 'self' ? url.href : (world.nextLink ?? next.href);
  send(exchange, 200, { value: rows.slice(start, end), ...(end < rows.length ? { nextLink: link } : {}) });
}
