// Entra of the double: discovery documents and client credentials with a secret (OAuth 2.0, section 4.4; Microsoft identity platform).
import { send, violation, type Exchange } from './exchange.ts';
import { issue } from './world.ts';

const host = 'https://login.microsoftonline.com';

export function entra(exchange: Exchange): void {
  const { world, url, method } = exchange;
  const base = `/${world.tenant}`;
  if (method === 'GET' && url.pathname === `${base}/v2.0/.well-known/openid-configuration`) {
    return send(exchange, 200, {
      token_endpoint: `${host}${base}/oauth2/v2.0/token`,
      issuer: `${host}${base}/v2.0`,
      authorization_endpoint: `${host}${base}/oauth2/v2.0/authorize`,
      jwks_uri: `${host}${base}/discovery/v2.0/keys`,
      tenant_region_scope: null,
    });
  }
  if (method === 'GET' && url.pathname === '/common/discovery/instance') {
    return send(exchange, 200, {
      tenant_discovery_endpoint: `${host}${base}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [
        {
          preferred_network: 'login.microsoftonline.com',
          preferred_cache: 'login.windows.net',
          aliases: ['login.microsoftonline.com'],
        },
      ],
    });
  }
  if (method !== 'POST' || url.pathname !== `${base}/oauth2/v2.0/token`)
    return violation(exchange, 'unknown route of Entra');
  const form = new URLSearchParams(exchange.body.toString());
  const refuse = (error: string, number: number): void =>
    send(exchange, 401, {
      error,
      error_description: `AADSTS${number}: refused.`,
      error_codes: [number],
      trace_id: 't',
      correlation_id: 'c',
    });
  const audience = form
    .get('scope')
    ?.split(' ')
    .find((scope) => scope.endsWith('/.default'))
    ?.replace(/\/\.default$/, '');
  const application = world.applications.find(({ clientId }) => clientId === form.get('client_id'));
  if (form.get('grant_type') !== 'client_credentials') return refuse('unsupported_grant_type', 70003);
  if (audience === undefined) return refuse('invalid_scope', 70011);
  if (application === undefined) return refuse('unauthorized_client', 700016);
  if (form.get('client_secret') !== application.clientSecret) return refuse('invalid_client', 7000215);
  const token = issue(world, { kind: 'entra', application, audience, scopes: [] }, 3599);
  return send(exchange, 200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token });
}
