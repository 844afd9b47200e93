// Keys in Azure Key Vault: the public half and signatures by REST (api-version 7.4). The private half never leaves the vault.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import {
  PlombeError,
  decodeText,
  inert,
  isObject,
  kibibyte,
  objectField,
  textField,
  type JsonObject,
} from '@plombe/kit';
import type { Context } from '@plombe/model';
import {
  createHttpClient,
  entraTokens,
  statusError,
  withRetries,
  type EntraOptions,
  type EntraTokens,
  type HttpClient,
  type NetworkOptions,
  type RetryOptions,
} from '@plombe/oci';
import {
  derInteger,
  derSequence,
  keyProblem,
  signatureAlgorithms,
  verifySignature,
  type AlgorithmFacts,
  type SignatureAlgorithm,
} from '@plombe/pki';
import { publicKeyOf, type Signer } from '@plombe/trust';
import { keyAddress, type KeyAddress } from './azure-key-address.ts';
import type { KeyVault } from './keys.ts';

export interface VaultOptions {
  readonly network: NetworkOptions;
  readonly entra: EntraOptions;
  readonly retry?: Partial<RetryOptions>;
}

/** The vault's names of our algorithms (JWA), in the order in which one is chosen for a key. The vault signs digests of the hash in the name. */
const vaultAlgorithms: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  'ecdsa-p256-sha256': 'ES256',
  'ecdsa-p384-sha384': 'ES384',
  'ecdsa-p521-sha512': 'ES512',
  'rsa-pkcs1-sha256': 'RS256',
  'rsa-pkcs1-sha384': 'RS384',
  'rsa-pkcs1-sha512': 'RS512',
  'rsa-pss-sha256': 'PS256',
  'rsa-pss-sha384': 'PS384',
  'rsa-pss-sha512': 'PS512',
};

/** Answers have 2 KiB. */
const maxAnswerBytes = 64 * kibibyte;
const defaultRetry: RetryOptions = { attempts: 4, baseMs: 500, maxWaitMs: 10_000 };

/** Opens keys of vaults with the Entra identities of the environment. Connections are held until `close`, which closes `client` too. */
export function createKeyVault(
  options: VaultOptions,
  ctx: Context,
  client: HttpClient = createHttpClient(options.network, ctx),
): KeyVault & { close(): void } {
  const audiences = new Map<string, EntraTokens>();
  const call = async (address: KeyAddress, path: string, body?: JsonObject): Promise<JsonObject> => {
    const tokens = audiences.get(address.audience) ?? entraTokens(options.entra, client, ctx, address.audience);
    audiences.set(address.audience, tokens);
    const token = await tokens.token(ctx.signal);
    if (token !== undefined) {
      return withRetries({ ...defaultRetry, ...options.retry }, ctx, ctx.signal, () =>
        send(client, ctx, address, path, token.value, body),
      );
    }
    throw new PlombeError('registry/credentials', `There is no Azure identity to open ${address.host} with.`, {
      remedy:
        'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or federated token, use a managed identity, or run az login.',
    });
  };
  return {
    close: () => client.close(),
    async open(vault, key, choose) {
      const address = keyAddress(vault, key);
      const { publicKey, path } = readKey(await call(address, address.path), address);
      const algorithm = chooseAlgorithm(publicKey, choose?.(publicKey), address);
      return {
        algorithm,
        publicKey: publicKeyOf(publicKey),
        sign: async (data) =>
          readSignature(await call(address, `${path}/sign`, request(algorithm, data)), algorithm, publicKey, data),
      } satisfies Signer;
    },
  };
}

/** The host is a vault of `keyAddress`, and nothing else ever is sent a token (T31); redirects are not followed. */
async function send(
  client: HttpClient,
  ctx: Context,
  { host }: KeyAddress,
  path: string,
  token: string,
  body: JsonObject | undefined,
): Promise<JsonObject> {
  const response = await client.send({
    method: body === undefined ? 'GET' : 'POST',
    url: new URL(`https://${host}${path}?api-version=7.4`),
    limit: 'private',
    signal: ctx.signal,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status } = response;
  if (status === 429 || status === 408 || status >= 500) {
    await response.discard();
    throw statusError(host, status, response.headers['retry-after'], ctx.clock.nowMs());
  }
  const bytes = await response.readAll(maxAnswerBytes);
  const document = bytes === undefined ? undefined : parseObject(bytes);
  if (status !== 200) throw refusal(host, path, status, document);
  if (document === undefined)
    throw new PlombeError('registry/invalid-answer', `${host} answered something that is no JSON object.`);
  return document;
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function refusal(host: string, path: string, status: number, document: JsonObject | undefined): PlombeError {
  const code = textField(objectField(document ?? {}, 'error') ?? {}, 'code');
  const what = `${host} refused ${path} (${status}${code === undefined ? '' : `, ${inert(code.slice(0, 60))}`}).`;
  if (status === 401)
    return new PlombeError('registry/unauthorized', what, {
      remedy: 'Check that the identity belongs to the tenant of the vault.',
    });
  if (status === 403) {
    const remedy =
      'Give the identity the role Key Vault Crypto User (keys/read and keys/sign/action), and check the firewall of the vault.';
    return new PlombeError('registry/forbidden', what, { remedy });
  }
  if (status === 404)
    return new PlombeError('registry/not-found', what, { remedy: 'Check the names of the vault and of the key.' });
  return new PlombeError('registry/invalid-answer', what);
}

/** The public key, and the path of the version that was read, so that the same one signs. */
function readKey(document: JsonObject, address: KeyAddress): { readonly publicKey: KeyObject; readonly path: string } {
  const key = objectField(document, 'key') ?? {};
  const version = /\/([0-9a-f]{32})$/.exec(textField(key, 'kid') ?? '')?.[1];
  if (version === undefined) throw invalid(address, 'its answer names no version of the key');
  const enabled = objectField(document, 'attributes')?.['enabled'];
  if (enabled === false) throw invalid(address, 'the key is disabled');
  return { publicKey: importKey(key, address), path: `/keys/${address.name}/${version}` };
}

function importKey(key: JsonObject, address: KeyAddress): KeyObject {
  const kty = (textField(key, 'kty') ?? '').replace(/-HSM$/, '');
  const members = kty === 'RSA' ? ['n', 'e'] : kty === 'EC' ? ['crv', 'x', 'y'] : [];
  if (members.length === 0) throw invalid(address, 'the key is neither RSA nor on an elliptic curve');
  try {
    const jwk = Object.fromEntries(members.map((member) => [member, textField(key, member) ?? '']));
    return createPublicKey({ key: { kty, ...jwk }, format: 'jwk' });
  } catch (cause) {
    throw invalid(address, 'its public half cannot be read', cause);
  }
}

function chooseAlgorithm(
  key: KeyObject,
  wanted: SignatureAlgorithm | undefined,
  address: KeyAddress,
): SignatureAlgorithm {
  const all = Object.keys(vaultAlgorithms) as SignatureAlgorithm[];
  const fitting = all.filter((one) => keyProblem(signatureAlgorithms[one], key) === undefined);
  const [first] = fitting;
  if (first === undefined) throw invalid(address, 'no signature algorithm fits the key');
  if (wanted === undefined || fitting.includes(wanted)) return wanted ?? first;
  throw invalid(address, `the vault does not sign with ${wanted}`);
}

function request(algorithm: SignatureAlgorithm, data: Uint8Array): JsonObject {
  const { hash = 'sha256' }: AlgorithmFacts = signatureAlgorithms[algorithm];
  return { alg: vaultAlgorithms[algorithm] ?? '', value: createHash(hash).update(data).digest('base64url') };
}

/** ECDSA comes as r and s side by side (RFC 7518, 3.4) and leaves as DER. What does not verify is no signature. */
function readSignature(
  document: JsonObject,
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
): Uint8Array {
  const bytes = Buffer.from(textField(document, 'value') ?? '', 'base64url');
  const half = bytes.length / 2;
  const { family } = signatureAlgorithms[algorithm];
  const signature =
    family === 'ecdsa' ? derSequence(derInteger(bytes.subarray(0, half)), derInteger(bytes.subarray(half))) : bytes;
  if (verifySignature({ algorithm, key, data, signature }).kind === 'verified') return signature;
  throw new PlombeError('registry/invalid-answer', "The vault's signature does not fit the content and the key.");
}

function invalid({ host, name }: KeyAddress, problem: string, cause?: unknown): PlombeError {
  return new PlombeError(
    'trust/key-invalid',
    `azurekms://${host}/${name}: ${problem}.`,
    cause === undefined ? {} : { cause },
  );
}
