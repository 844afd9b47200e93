import { describe, expect, test } from 'vitest';
import { isPlombeError, type JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import {
  buildStatement,
  certificateMaterial,
  generatePrivateKey,
  parseBundle,
  signerOf,
  verifyBundle,
  writeBundle,
  type KeyType,
  type LogEntry,
  type Service,
  type Signer,
  type SigningConfig,
} from '@plombe/trust';
import { hashedRekordV2Body, TestLog, testRoot } from '@plombe/trust/testing';
import { testNowMs } from '@plombe/pki/testing';
import { testContext } from '../testing/images.ts';
import { endorse, type EndorsementPlan } from './endorse.ts';
import { signBundle, signPayloadLayer } from './envelope.ts';
import type { ServiceAnswer, ServiceClient, ServiceRequest } from './http.ts';

const ctx = testContext({ clock: { nowMs: () => testNowMs } });
const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const statement = buildStatement({ digest, predicateType: 'https://example.com/p', predicate: {} });
const window = { fromMs: Date.UTC(2025, 0, 1) };

/** A client whose hosts are functions; what nobody expects is a failure of the test. */
function clientOf(hosts: Readonly<Record<string, (request: ServiceRequest) => Promise<ServiceAnswer>>>): ServiceClient {
  return {
    close: () => undefined,
    send: (request) => {
      const { origin } = new URL(request.url);
      const host = hosts[origin];
      if (host === undefined) throw new Error(`nobody named ${origin}`);
      return host(request);
    },
  };
}

function jsonAnswer(value: unknown, status = 201, headers: Record<string, string> = {}): ServiceAnswer {
  return { status, headers, bytes: Buffer.from(JSON.stringify(value)) };
}

/** The entry in the JSON of bundles, which Rekor v2 answers. */
function entryJson(entry: LogEntry): unknown {
  const bundle = writeBundle({
    material: certificateMaterial([Buffer.of(0)]),
    entries: [entry],
    timestamps: [],
    content: { kind: 'message', signature: Buffer.of(0) },
  });
  const json = JSON.parse(Buffer.from(bundle).toString()) as { verificationMaterial: { tlogEntries: unknown[] } };
  return json.verificationMaterial.tlogEntries[0];
}

/** A log of Rekor v2 that takes in whatever is asked; `change` makes it lie. */
function rekor2(log: TestLog, change: (body: JsonObject) => JsonObject = (body) => body) {
  return async (request: ServiceRequest): Promise<ServiceAnswer> => {
    const asked = JSON.parse(Buffer.from(request.body ?? []).toString()) as {
      hashedRekordRequestV002: { digest: string; signature: JsonObject };
    };
    const { digest: value, signature } = asked.hashedRekordRequestV002;
    const { kind, apiVersion } = hashedRekordV2Body(Buffer.of(), Buffer.of(), {}) as Record<string, string>;
    const spec = { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: value }, signature } };
    return jsonAnswer(entryJson(await log.add(change({ kind, apiVersion, spec }))));
  };
}

function configOf(...logs: readonly Partial<Service>[]): SigningConfig {
  return {
    certificateAuthorities: [],
    identityProviders: [],
    logs: logs.map((log, index) => ({
      url: 'https://log.example',
      apiVersion: 2,
      operator: `o${index}`,
      window,
      ...log,
    })),
    logSelector: { kind: 'all' },
    timestampAuthorities: [],
    timestampSelector: { kind: 'any' },
  };
}

async function signerFor(type: KeyType): Promise<Signer> {
  return signerOf(await generatePrivateKey(type));
}

async function bundleBy(plan: Partial<EndorsementPlan>, client: ServiceClient, named?: Signer): Promise<Uint8Array> {
  const signer = named ?? (await signerFor('ecdsa-p256'));
  return signBundle(statement, await endorse(signer, { olderForm: false, ...plan }, client, ctx), ctx);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isPlombeError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'done';
}

describe('logs of a signing configuration', () => {
  test('an entry of Rekor v2 is in the bundle and holds under the trusted root', async () => {
    const log = new TestLog('log.example', 2);
    const signer = await signerFor('ecdsa-p256');
    const trustedRoot = testRoot({ logs: [log.json()] });
    const plan = { config: configOf({}), trustedRoot };
    const bundle = await bundleBy(plan, clientOf({ 'https://log.example': rekor2(log) }), signer);
    const trust = { anchor: { kind: 'keys', keys: [signer.publicKey] }, trustedRoot, requireLogs: 1 } as const;
    const result = verifyBundle({ bundle, subject: { digest }, expect: { kind: 'any' }, trust });
    expect(result.verdict).toBe('verified');
  });

  test('without a configuration nobody is asked', async () => {
    const bundle = parseBundle(await bundleBy({}, clientOf({})));
    expect(bundle).toMatchObject({ kind: 'parsed', value: { entries: [], timestamps: [] } });
  });

  test('T40 an entry of something else, and one of another log, are not stored', async () => {
    const log = new TestLog('log.example', 2);
    const spec = { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: {} } };
    const lying = clientOf({ 'https://log.example': rekor2(log, (body) => ({ ...body, spec })) });
    expect(await codeOf(bundleBy({ config: configOf({}) }, lying))).toContain('service/refused');
    const trustedRoot = testRoot({ logs: [new TestLog('log.example', 2).json()] });
    const honest = clientOf({ 'https://log.example': rekor2(log) });
    const code = await codeOf(bundleBy({ config: configOf({}), trustedRoot }, honest));
    expect(code).toMatch(
      /service\/refused: What was signed does not verify, so it was not stored: 0 distinct trusted logs/,
    );
    expect(await codeOf(bundleBy({ config: configOf({}) }, honest))).toBe('done');
  });

  test.each([
    [
      'refuses',
      async () => jsonAnswer({ message: 'no\u001b[31m' }, 400),
      'answered with status 400: {"message":"no\\u001b',
    ],
    ['answers rubbish', async () => jsonAnswer([]), 'an answer that cannot be used'],
    ['answers nothing', async () => jsonAnswer({}), 'an answer that cannot be used'],
  ])('a log that %s is named', async (_, answer, message) => {
    const code = await codeOf(bundleBy({ config: configOf({}) }, clientOf({ 'https://log.example': answer })));
    expect(code).toContain(`service/refused: The log https://log.example ${message.replace(/^an /, 'gave an ')}`);
    expect(code).not.toContain('\u001b');
  });

  test('a key that the log has no form for is said before anything is sent', async () => {
    const code = codeOf(bundleBy({ config: configOf({}) }, clientOf({}), await signerFor('ed25519')));
    expect(await code).toMatch(/service\/refused: .*ed25519/);
  });

  test('Rekor v1 names the entry that it has already', async () => {
    const log = new TestLog('log.example', 1);
    const uuid = 'c0'.repeat(40);
    let kept: unknown;
    const client = clientOf({
      'https://log.example': async ({ method, url, body }) => {
        if (method === 'GET') return jsonAnswer(url.endsWith(uuid) ? kept : {}, 200);
        const { kind, apiVersion, spec } = JSON.parse(Buffer.from(body ?? []).toString()) as JsonObject;
        const entry = await log.add({ kind, apiVersion, spec });
        const { proof } = entry;
        const hex = (bytes: Uint8Array = Buffer.of()): string => Buffer.from(bytes).toString('hex');
        kept = {
          [uuid]: {
            body: Buffer.from(entry.body).toString('base64'),
            integratedTime: entry.integratedTimeS,
            logID: hex(entry.logId),
            logIndex: entry.logIndex,
            verification: {
              signedEntryTimestamp: Buffer.from(entry.promise ?? []).toString('base64'),
              inclusionProof: { ...proof, hashes: proof?.hashes.map(hex), rootHash: hex(proof?.rootHash) },
            },
          },
        };
        return jsonAnswer({ code: 409 }, 409, { location: `/api/v1/log/entries/${uuid}` });
      },
    });
    const plan: EndorsementPlan = { olderForm: true, config: configOf({ apiVersion: 1 }, { apiVersion: 2 }) };
    const parties = await endorse(await signerFor('ecdsa-p256'), plan, client, ctx);
    const layer = await signPayloadLayer({ digest, repository: 'x/y' }, {}, parties, ctx);
    expect(JSON.parse(layer.annotations['dev.sigstore.cosign/bundle'] ?? '')).toMatchObject({
      Payload: { logIndex: 1003 },
    });
  });
});

test.each<[string, Partial<EndorsementPlan>, string]>([
  ['no key', {}, 'There is no key to sign with'],
  ['a token without configuration', { identityToken: 'x' }, 'needs a signing configuration'],
  ['a token and no authority', { identityToken: 'x', config: configOf() }, 'names no certificate authority'],
  [
    'a token that is none',
    {
      identityToken: 'x',
      config: {
        ...configOf(),
        certificateAuthorities: [{ url: 'https://ca.example', apiVersion: 1, operator: 'o', window }],
      },
    },
    'no JSON Web Token',
  ],
  ['no log that is valid now', { config: configOf({ window: { fromMs: 0, untilMs: 1 } }) }, 'too few logs'],
])('%s is a mistake of the caller', async (_, plan, message) => {
  const code = await codeOf(endorse(undefined, { olderForm: false, ...plan }, clientOf({}), ctx));
  expect(code).toContain('config/invalid');
  expect(code).toContain(message);
});

test('T66 an authority that repeats the token in its answer is not repeated', async () => {
  const token = ['{}', '{"sub":"me"}', 'canary'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const authority = { url: 'https://ca.example', apiVersion: 1, operator: 'o', window };
  const plan = {
    identityToken: token,
    config: { ...configOf(), certificateAuthorities: [authority] },
    olderForm: false,
  };
  for (const status of [401, 200]) {
    const echo = async ({ body = Buffer.of() }: ServiceRequest): Promise<ServiceAnswer> => {
      expect(Buffer.from(body).toString()).toContain(token);
      return { status, headers: {}, bytes: Buffer.from(body) };
    };
    const code = await codeOf(endorse(undefined, plan, clientOf({ 'https://ca.example': echo }), ctx));
    expect(code).toMatch(/^service\/refused: The certificate authority https:\/\/ca\.example/);
    expect(code).not.toContain(token.slice(-6));
  }
});
