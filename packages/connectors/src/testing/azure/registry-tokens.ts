// The registry's token service: an Entra token for a refresh token, that for access tokens (Azure/acr, docs/AAD-OAuth.md).
import { matchesAction } from '../../registries/acr/actions.ts';
import { acrError, send, violation, type Exchange } from './exchange.ts';
import { issue, lives, type Application, type AzureWorld } from './world.ts';

const acrAudience = 'https://containerregistry.azure.net';
const armAudiences = ['https://management.azure.com', 'https://management.core.windows.net'];

export function registryTokens(exchange: Exchange): void {
  const { world, method, url } = exchange;
  const form = new URLSearchParams(exchange.body.toString());
  const refuse = (): void =>
    acrError(
      exchange,
      401,
      'UNAUTHORIZED',
      'authentication required, visit https://aka.ms/acr/authorization for more information.',
    );
  if (url.pathname === '/oauth2/exchange') {
    if (method !== 'POST') return violation(exchange, 'unknown method');
    const token = lives(world, form.get('access_token') ?? undefined, 'entra');
    const tenant = form.get('tenant');
    const policies = world.registry['policies'] as Record<string, { status: string }>;
    const arm = policies['azureADAuthenticationAsArmPolicy']?.status === 'enabled' ? armAudiences : [];
    const fits =
      form.get('grant_type') === 'access_token' &&
      form.get('service') === world.loginServer &&
      (tenant === null || tenant === world.tenant);
    if (token === undefined || !fits || ![acrAudience, ...arm].includes(token.audience)) return refuse();
    return send(exchange, 200, {
      refresh_token: issue(
        world,
        { kind: 'refresh', application: token.application, audience: world.loginServer, scopes: [] },
        10_800,
      ),
    });
  }
  const anonymous = method === 'GET' || form.get('grant_type') === 'password';
  const parameters = method === 'GET' ? url.searchParams : form;
  if (parameters.get('service') !== world.loginServer) return refuse();
  const refresh = anonymous ? undefined : lives(world, form.get('refresh_token') ?? undefined, 'refresh');
  if (refresh === undefined && !(anonymous && world.registry['anonymousPullEnabled'] === true)) return refuse();
  const asked = parameters
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .filter((scope) => scope !== '');
  const scopes = asked.flatMap((scope) => granted(world, scope, refresh?.application));
  if (asked.length > 0 && scopes.length === 0) return refuse();
  return send(exchange, 200, {
    access_token: issue(
      world,
      { kind: 'access', application: refresh?.application, audience: world.loginServer, scopes },
      4500,
    ),
  });
}

/** `repository:NAME:pull,push` → `NAME pull`, `NAME push`, as far as the application's roles go in the registry's mode. */
function granted(world: AzureWorld, scope: string, application: Application | undefined): readonly string[] {
  const match = /^(repository|registry):(.+):([a-z_,*]+)$/.exec(scope);
  const [, type, name = '', actions = ''] = match ?? [];
  if (type === undefined) return [];
  return actions.split(',').flatMap((action) => {
    if (application === undefined) return ['pull', 'metadata_read', '*'].includes(action) ? [`${name} ${action}`] : [];
    return allows(world, application, type === 'registry' ? 'catalog' : action) ? [`${name} ${action}`] : [];
  });
}

const abacActions: Readonly<Record<string, string>> = {
  catalog: 'catalog/read',
  pull: 'repositories/content/read',
  push: 'repositories/content/write',
  delete: 'repositories/content/delete',
  metadata_read: 'repositories/metadata/read',
  metadata_write: 'repositories/metadata/write',
};
const legacyActions: Readonly<Record<string, string>> = {
  catalog: 'pull/read',
  pull: 'pull/read',
  push: 'push/write',
  delete: 'artifacts/delete',
  metadata_read: 'pull/read',
  metadata_write: 'push/write',
};

function allows(world: AzureWorld, application: Application, action: string): boolean {
  const abac = world.registry['roleAssignmentMode'] === 'AbacRepositoryPermissions';
  const wanted = (abac ? abacActions : legacyActions)[action];
  const held = abac ? application.dataActions : application.actions;
  return (
    wanted !== undefined &&
    held.some((pattern) => matchesAction(pattern, `Microsoft.ContainerRegistry/registries/${wanted}`))
  );
}

/** Answers 401 with the challenge of the scope unless the request has a token for it. */
export function admitted(exchange: Exchange, type: 'repository' | 'registry', name: string, action: string): boolean {
  const { world, headers } = exchange;
  const token = lives(world, headers.authorization, 'access');
  if (token !== undefined && (action === '' || token.scopes.includes(`${name} ${action}`))) return true;
  const scope = action === '' ? '' : `,scope="${type}:${name}:${action}"`;
  const error = token === undefined ? '' : ',error="insufficient_scope"';
  const challenge = `Bearer realm="https://${world.loginServer}/oauth2/token",service="${world.loginServer}"${scope}${error}`;
  acrError(
    exchange,
    401,
    'UNAUTHORIZED',
    'authentication required, visit https://aka.ms/acr/authorization for more information.',
    { 'www-authenticate': challenge },
  );
  return false;
}
