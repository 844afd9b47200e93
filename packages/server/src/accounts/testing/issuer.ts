// An OpenID Connect issuer for tests: discovery, keys, code flow with PKCE, device flow, and tokens made to be refused.
import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer } from '@plombe/oci/testing/server';

type Claims = Readonly<Record<string, unknown>>;

export interface SignOptions {
  /** Replaces parts of the header; undefined leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: KeyObject;
  /** Replaces the signature. */
  readonly signature?: (input: string) => Buffer;
}

export interface TestIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicKey: KeyObject;
  /** Who logs in at `/authorize` and on the device page. */
  person: Claims;
  /** Claims that replace those of tokens, to make wrong ones. */
  twist: Claims;
  /** Overrides of the discovery document. */
  metadata: Claims;
  /** `METHOD path` of each request. */
  readonly asked: readonly string[];
  /** Makes an ID token as this issuer does. */
  idToken(claims?: Claims, options?: SignOptions): string;
  /** What a person does who enters the code; without it a device waits. */
  approveDevices(): void;
}

interface Code {
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly redirectUri: string;
  readonly person: Claims;
}

/** Starts it on the loopback; it ends with the test. It has one client, with a secret for the browser's flow and none for devices. */
export async function startIssuer(nowMs: () => number = () => Date.now()): Promise<TestIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, Code>();
  const devices = new Map<string, { polls: number; person?: Claims }>();
  const asked: string[] = [];
  const clientId = 'plombe-test';
  const clientSecret = 'issuer-secret-canary';

  const issuer: TestIssuer = {
    url: '',
    clientId,
    clientSecret,
    publicKey,
    person: { sub: 'alice', name: 'Alice', email: 'alice@example.com', email_verified: true },
    twist: {},
    metadata: {},
    asked,
    idToken(claims = {}, { header = {}, key = privateKey, signature } = {}) {
      const seconds = Math.floor(nowMs() / 1000);
      const body = { iss: issuer.url, aud: clientId, iat: seconds, exp: seconds + 600, ...issuer.person, ...claims };
      const input = `${encode({ alg: 'RS256', kid: 'one', ...header })}.${encode(body)}`;
      const bytes = signature === undefined ? sign('sha256', Buffer.from(input), key) : signature(input);
      return `${input}.${bytes.toString('base64url')}`;
    },
    approveDevices() {
      for (const device of devices.values()) device.person = issuer.person;
    },
  };

  const host = await startServer((request, response) => void answerRequest(request, response));
  (issuer as { url: string }).url = `http://${host}`;
  return issuer;

  async function answerRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', issuer.url);
    asked.push(`${request.method} ${url.pathname}`);
    const json = (status: number, document: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document));
    };
    const form = new URLSearchParams(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString());
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(200, {
          issuer: issuer.url,
          authorization_endpoint: `${issuer.url}/authorize`,
          token_endpoint: `${issuer.url}/token`,
          device_authorization_endpoint: `${issuer.url}/device`,
          jwks_uri: `${issuer.url}/keys`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
          ...issuer.metadata,
        });
      case '/keys':
        return json(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] });
      case '/elsewhere':
        response.writeHead(302, { location: `${issuer.url}/keys` });
        return void response.end();
      case '/authorize':
        return authorize(url.searchParams, response);
      case '/device': {
        const code = randomUUID();
        devices.set(code, { polls: 0 });
        const at = `${issuer.url}/enter`;
        const answer = {
          device_code: code,
          user_code: 'ABCD-EFGH',
          verification_uri: at,
          expires_in: 300,
          interval: 1,
        };
        return form.get('client_id') === clientId ? json(200, answer) : json(401, { error: 'invalid_client' });
      }
      case '/token': {
        const { status, document } = form.has('device_code') ? deviceToken(form) : codeToken(form);
        return json(status, document);
      }
      default:
        return json(404, {});
    }
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const redirectUri = query.get('redirect_uri') ?? '';
    const valid =
      query.get('client_id') === clientId &&
      query.get('code_challenge_method') === 'S256' &&
      query.get('response_type') === 'code';
    const back = new URL(redirectUri);
    back.searchParams.set('state', query.get('state') ?? '');
    if (valid) {
      const code = randomUUID();
      codes.set(code, {
        challenge: query.get('code_challenge') ?? '',
        nonce: query.get('nonce') ?? undefined,
        redirectUri,
        person: issuer.person,
      });
      back.searchParams.set('code', code);
    } else back.searchParams.set('error', 'invalid_request');
    response.writeHead(302, { location: back.href });
    response.end();
  }

  function codeToken(form: URLSearchParams): { status: number; document: unknown } {
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isClient = form.get('client_id') === clientId && form.get('client_secret') === clientSecret;
    if (!isClient) return { status: 401, document: { error: 'invalid_client' } };
    if (code?.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) {
      return { status: 400, document: { error: 'invalid_grant' } };
    }
    return tokens({ nonce: code.nonce, ...code.person });
  }

  function deviceToken(form: URLSearchParams): { status: number; document: unknown } {
    const device = devices.get(form.get('device_code') ?? '');
    if (device === undefined) return { status: 400, document: { error: 'invalid_grant' } };
    device.polls += 1;
    if (device.person === undefined) return { status: 400, document: { error: 'authorization_pending' } };
    devices.delete(form.get('device_code') ?? '');
    return tokens(device.person);
  }

  function tokens(claims: Claims): { status: number; document: unknown } {
    const idToken = issuer.idToken({ ...claims, ...issuer.twist });
    return {
      status: 200,
      document: { access_token: 'access', token_type: 'Bearer', expires_in: 300, id_token: idToken },
    };
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
