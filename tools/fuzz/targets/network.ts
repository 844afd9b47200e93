// What registries, their APIs, scanners and issuers of identities answer, through the clients that ask them.
import { inert } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { createRegistryClient, parseReference } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { armClient } from '../../../packages/connectors/src/azure/arm.ts';
import { accessOf, principalsOf, readAccess } from '../../../packages/connectors/src/registries/acr/access.ts';
import { readAudit } from '../../../packages/connectors/src/registries/acr/audit.ts';
import { controlPlane } from '../../../packages/connectors/src/registries/acr/control-plane.ts';
import { dataPlane } from '../../../packages/connectors/src/registries/acr/data-plane.ts';
import { readFacts } from '../../../packages/connectors/src/registries/acr/facts.ts';
import { readArtifacts, readRepositories } from '../../../packages/connectors/src/registries/acr/inventory.ts';
import type { Known, RegistryConnector } from '../../../packages/connectors/src/registries/connector.ts';
import { detectKind } from '../../../packages/connectors/src/registries/detect.ts';
import { harborConnector } from '../../../packages/connectors/src/registries/harbor/index.ts';
import { msrConnector } from '../../../packages/connectors/src/registries/msr/index.ts';
import { ociConnector } from '../../../packages/connectors/src/registries/oci/index.ts';
import { openScannerClient } from '../../../packages/connectors/src/scanners/client.ts';
import { createKeyVault } from '../../../packages/engine/src/trust/azure-key-vault.ts';
import { acrSource } from '../../../packages/oci/src/acr/source.ts';
import { entraTokens } from '../../../packages/oci/src/acr/tokens.ts';
import { loginByDevice } from '../../../packages/server/src/accounts/oidc/device.ts';
import { openIssuer } from '../../../packages/server/src/accounts/oidc/issuer.ts';
import { answeringClient, serve } from '../answers.ts';
import { withFiles, withPrograms } from '../files.ts';
import type { FuzzInput } from '../input.ts';
import { type FuzzTarget, must, outline, plombeRefusal, signal } from '../target.ts';

const nowMs = Date.UTC(2026, 0, 1);
const ctx = networkContext(signal, () => nowMs);
const call = { signal };
/** One attempt: a wait is nothing that an input changes. */
const retry = { attempts: 1, baseMs: 1, maxWaitMs: 1 };
const task = {
  registryUrl: 'https://registry.example',
  repository: 'library/app',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
};
const digest = `sha256:${'ab'.repeat(32)}` as Digest;

function networkFor(host: string): Parameters<typeof createRegistryClient>[0] {
  return {
    plainHttp: true,
    retry,
    credentials: { [host]: { kind: 'password', username: 'admin', password: 'secret' } },
  };
}

/** Each question is asked, whatever became of the one before. */
async function each(questions: readonly (() => Promise<unknown>)[]): Promise<string> {
  const told: string[] = [];
  for (const question of questions)
    told.push(await plombeRefusal(async () => outline(await question(), 1).slice(0, 60)));
  return told.join(' | ');
}

function known(answer: Known<unknown>): unknown {
  const said = answer.kind === 'unknown' ? [answer.reason] : (answer.incomplete ?? []);
  for (const text of said) must(text !== '' && text === inert(text), `a reason is not inert: ${JSON.stringify(text)}`);
  return answer.kind === 'unknown' ? answer.kind : answer.value;
}

async function first(list: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const entry of list) if (found.push(entry) >= 1000) break;
  return found;
}

async function ask(connector: RegistryConnector): Promise<string> {
  try {
    return await each([
      () => first(connector.repositories(call)),
      () => first(connector.artifacts('library/app', call)),
      async () => known(await connector.principals(call)),
      async () => known(await connector.grants(call)),
      async () => known(await connector.auditEvents(0, call)),
      async () => Object.values(await connector.facts(call)).map(known),
    ]);
  } finally {
    connector.close();
  }
}

/** Of Azure, whose hosts are never the loopback, only the sockets are left out. */
async function askAcr(input: FuzzInput): Promise<string> {
  const registry = 'plombetest.azurecr.io';
  const client = answeringClient(input);
  const tokens = { token: async () => ({ value: 'token', expiresAtMs: nowMs + 1000 }) };
  const arm = armClient('https://management.azure.com', client, ctx, tokens, retry);
  const control = controlPlane(arm, registry, {});
  const data = dataPlane(registry, client, ctx, async () => ({ kind: 'bearer', token: 'token' }), retry);
  return each([
    () => first(readRepositories(data, call)),
    () => first(readArtifacts(data, 'library/app', call)),
    async () => {
      const records = await readAccess(control, nowMs, call);
      return [known(principalsOf(records)), known(accessOf(records)), await readFacts(control, records, call)];
    },
    async () => known(await readAudit(control, nowMs - 1e9, ctx, call)),
  ]);
}

/** What waits for an answer longer than that is no fault: the service said to wait. */
async function patiently(ask: (waiting: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(300)]);
  try {
    return await ask(waiting);
  } catch (thrown) {
    if (waiting.aborted) return 'waits';
    throw thrown;
  }
}

/** `az` is the Azure CLI, which prints the part `answer`. */
async function askIdentity(input: FuzzInput): Promise<string> {
  const client = answeringClient(input);
  const az = { path: 'az', bytes: Buffer.from('#!/bin/sh\ncat "${0%/*}/answer"\n'), mode: 0o755 };
  const identities = ['managed-identity', 'cli', 'service-principal'] as const;
  return withFiles([...input, az], (folder) =>
    withPrograms(folder, () =>
      each(
        identities.map(
          (identity) => () =>
            patiently(async (waiting) => {
              const options = { identity, tenantId: 'example.com', clientId: 'id', clientSecret: 'secret' };
              const token = await entraTokens(options, client, ctx, 'https://vault.azure.net').token(waiting);
              must(token === undefined || !/[^\x21-\x7e]/.test(token.value), 'a token is none for a header');
              return token?.expiresAtMs;
            }),
        ),
      ),
    ),
  );
}

const tokenAnswer = '{"access_token":"token","expires_in":3600}';

/** The identity is always given; the vault answers with the input. */
async function askVault(input: FuzzInput): Promise<string> {
  const token = { path: 'GET /metadata/identity/oauth2/token', bytes: Buffer.from(tokenAnswer) };
  const client = answeringClient([...input, token]);
  const vault = createKeyVault({ network: {}, entra: { identity: 'managed-identity' }, retry }, ctx, client);
  return each([
    async () => {
      const signer = await vault.open('plombetest', 'key');
      const signature = await signer.sign(Buffer.from('artifact'));
      return [signer.algorithm, signature.length];
    },
  ]);
}

/** Identity, exchange at the registry, and the token of the registry itself. */
async function shakeHands(input: FuzzInput): Promise<string> {
  const token = { path: 'GET /metadata/identity/oauth2/token', bytes: Buffer.from(tokenAnswer) };
  const source = acrSource({ identity: 'managed-identity' }, answeringClient([...input, token]), ctx);
  const find = async (): Promise<unknown> => {
    const credential = await source.find('plombetest.azurecr.io', undefined, signal);
    must(
      credential === undefined || (credential.kind === 'identity' && !/[^\x21-\x7e]/.test(credential.token)),
      'a token is none for a header',
    );
    return credential?.kind;
  };
  return each([find, find]);
}

/** `{{issuer}}` is the server itself, and `{{jwt {'a': 'b'}}}` an ID token with these claims: over a connection of its own nobody asks for its signature. */
function withTokens(text: string, issuer: string): string {
  const encode = (value: string): string => Buffer.from(value, 'latin1').toString('base64url');
  return text
    .replaceAll('{{issuer}}', issuer)
    .replaceAll(
      /\{\{jwt (\{[^}]*\})\}\}/g,
      (_, claims: string) => `${encode('{"alg":"ES256"}')}.${encode(claims.replaceAll("'", '"'))}.AA`,
    );
}

async function logIn(input: FuzzInput): Promise<string> {
  const origin = `http://${await serve(input)}`;
  await serve(
    input.map((part) => ({
      ...part,
      bytes: Buffer.from(withTokens(Buffer.from(part.bytes).toString('latin1'), origin), 'latin1'),
    })),
  );
  const login = { origin, network: {}, prompt: () => undefined } as const;
  return plombeRefusal(async () =>
    outline(await patiently((waiting) => loginByDevice(login, { ...ctx, signal: waiting })), 1),
  );
}

/** Clients over what a service answers. */
export const networkTargets: readonly FuzzTarget[] = [
  {
    name: 'registry/client',
    async run(input) {
      const host = await serve(input);
      const client = createRegistryClient(networkFor(host), ctx);
      const reference = parseReference(`${host}/library/app:1`);
      try {
        return await each([
          () => client.ping(host, call),
          () => client.fetchManifest(reference, call),
          () => client.listTags(reference, call),
          () => client.listRepositories(host, call),
          () => client.listReferrers(reference, digest, { ...call, maxEntries: 1000 }),
        ]);
      } finally {
        client.close();
      }
    },
  },
  {
    name: 'connector/harbor',
    run: async (input) => {
      const host = await serve(input);
      return ask(harborConnector({ registry: host, network: networkFor(host) }, ctx));
    },
  },
  {
    name: 'connector/msr',
    run: async (input) => {
      const host = await serve(input);
      return ask(msrConnector({ registry: host, network: networkFor(host) }, ctx));
    },
  },
  { name: 'connector/acr', run: askAcr },
  {
    name: 'connector/detect',
    run: async (input) => {
      const host = await serve(input);
      return plombeRefusal(() => detectKind({ registry: host, network: networkFor(host) }, call, ctx));
    },
  },
  {
    name: 'connector/scanner',
    run: async (input) => {
      const client = openScannerClient({ url: `http://${await serve(input)}`, network: {}, retry }, ctx);
      try {
        return await each([
          () => client.metadata(signal),
          () => patiently((waiting) => client.scan({ ...task, digest }, waiting)),
        ]);
      } finally {
        client.close();
      }
    },
  },
  {
    name: 'connector/oci',
    run: async (input) => {
      const host = await serve(input);
      return ask(ociConnector({ registry: host, network: networkFor(host) }, ctx));
    },
  },
  { name: 'azure/identity', run: askIdentity },
  { name: 'azure/vault', run: askVault },
  { name: 'azure/registry', run: shakeHands },
  { name: 'server/device', run: logIn },
  {
    name: 'server/issuer',
    run: async (input) => {
      const issuer = `http://${await serve(input)}`;
      const text = (path: string): string => new TextDecoder().decode(input.find((part) => part.path === path)?.bytes);
      const fixed = input.map((part) => ({
        ...part,
        bytes: Buffer.from(Buffer.from(part.bytes).toString('latin1').replaceAll('{{issuer}}', issuer), 'latin1'),
      }));
      await serve(fixed);
      const opened = openIssuer({ issuer, clientId: 'plombe' }, {}, ctx);
      try {
        return await each([
          async () => (await opened.begin(`${issuer}/callback`)).url.length > 0,
          () => opened.verifyPresented(text('token').trim()),
          async () => {
            const { pending } = await opened.begin(`${issuer}/callback`);
            return opened.complete(new URL(`${issuer}/callback?code=a&state=${pending.state}`), pending);
          },
        ]);
      } finally {
        opened.close();
      }
    },
  },
];
