// Key Vault against a stand-in that holds real keys: reading, signing, refusals, and where a token may go.
import { createHash, createPublicKey, generateKeyPairSync, sign as nodeSign, type KeyObject } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { azureHandler, azureWorld, type AzureWorld } from '@plombe/oci/testing/azure';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { networkContext } from '@plombe/oci/testing/context';
import { answer, startProxy, startServer } from '@plombe/oci/testing/server';
import type { EntraOptions } from '@plombe/oci';
import { messageOf } from '@plombe/kit';
import { verifySignature, type SignatureAlgorithm } from '@plombe/pki';
import { keyAddress } from './azure-key-address.ts';
import { createKeyVault } from './azure-key-vault.ts';
import type { KeyVault } from './keys.ts';

const host = 'plombe-test.vault.azure.net';
const version = '0123456789abcdef0123456789abcdef';
const data = Buffer.from('content');
const keys: Readonly<Record<string, KeyObject>> = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  weak: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
};

interface Place {
  readonly world: AzureWorld;
  readonly vault: KeyVault;
  readonly asked: readonly string[];
  /** What the vault does wrong. */
  readonly faults: { disabled?: boolean; signsOther?: boolean; refuse?: number[]; redirect?: boolean; answer?: object };
}

async function place(entra: Partial<EntraOptions> = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-vault-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const authority = createAuthority(folder);
  const world = azureWorld('unused.azurecr.io', {});
  world.audience = 'https://vault.azure.net';
  const faults: Place['faults'] = {};
  const azure = azureHandler(world);
  const names = [host, 'login.microsoftonline.com', `${host}.evil.example`].map((name) => `DNS:${name}`).join(',');
  const server = await startServer(
    (request, response) => {
      if (request.headers.host !== host) return azure(request, response);
      world.log.push(`${request.method} ${request.url}`);
      return void serveVault(world, faults, request, response);
    },
    readCertificate(authority.issue('azure', names)),
  );
  const { address, asked } = await startProxy(server);
  const identity: EntraOptions = {
    identity: 'service-principal',
    tenantId: world.tenant,
    clientId: world.clientId,
    clientSecret: world.clientSecret,
    ...entra,
  };
  const network = { caFiles: [authority.caFile], proxy: { https: `http://${address}` } };
  const ctx = networkContext(new AbortController().signal, () => world.nowMs);
  const vault = createKeyVault({ network, entra: identity, retry: { attempts: 3, baseMs: 1 } }, ctx);
  onTestFinished(() => vault.close());
  return { world, vault, asked, faults };
}

/** The documented part of the REST interface: GET /keys/NAME[/VERSION], POST /keys/NAME/VERSION/sign. */
async function serveVault(
  world: AzureWorld,
  faults: Place['faults'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const url = new URL(request.url ?? '/', `https://${host}`);
  const token = world.tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
  if (token?.kind !== 'entra' || token.expiresAtMs <= world.nowMs)
    return answer(response, 401, { error: { code: 'Unauthorized' } });
  const refusal = faults.refuse?.shift();
  if (refusal !== undefined)
    return answer(response, refusal, { error: { code: 'Forbidden\u001b[31m' } }, { 'retry-after': '0' });
  if (faults.redirect === true) return answer(response, 302, {}, { location: 'https://evil.example/' });
  if (faults.answer !== undefined) return answer(response, 200, faults.answer);
  if (url.searchParams.get('api-version') !== '7.4') return answer(response, 400, { error: { code: 'BadParameter' } });
  const [, , name = '', wanted, operation] = url.pathname.split('/');
  const key = keys[name];
  if (key === undefined || (wanted !== undefined && wanted !== version))
    return answer(response, 404, { error: { code: 'KeyNotFound' } });
  const kid = `https://${host}/keys/${name}/${version}`;
  if (operation === undefined && request.method === 'GET') {
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    return answer(response, 200, {
      key: { ...jwk, kid, kty: `${jwk.kty}-HSM`, key_ops: ['sign'] },
      attributes: { enabled: faults.disabled !== true },
    });
  }
  if (operation !== 'sign' || request.method !== 'POST') return answer(response, 405, {});
  const { alg, value } = JSON.parse(text) as { alg: string; value: string };
  const digest = Buffer.from(value, 'base64url');
  // The stand-in signs what it knows by its digest, as Node signs no bare digest of ECDSA.
  const hash = `sha${alg.slice(2)}`;
  if (!createHash(hash).update(data).digest().equals(digest))
    return answer(response, 400, { error: { code: 'BadParameter' } });
  const shape = alg.startsWith('PS') ? { padding: 6, saltLength: digest.length } : {};
  const signature = nodeSign(hash, faults.signsOther === true ? Buffer.from('other') : data, {
    key,
    dsaEncoding: 'ieee-p1363',
    ...shape,
  });
  return answer(response, 200, { kid, value: signature.toString('base64url') });
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => `${(error as { code?: string }).code}: ${messageOf(error)}`,
  );
}

describe('keyAddress', () => {
  it.each([
    ['release', 'key', host.replace('plombe-test', 'release'), 'https://vault.azure.net', '/keys/key'],
    ['Release.vault.azure.net', 'key', 'release.vault.azure.net', 'https://vault.azure.net', '/keys/key'],
    ['a-b.vault.usgovcloudapi.net', 'k', 'a-b.vault.usgovcloudapi.net', 'https://vault.usgovcloudapi.net', '/keys/k'],
    ['abc.vault.azure.cn', `k/${version}`, 'abc.vault.azure.cn', 'https://vault.azure.cn', `/keys/k/${version}`],
  ])('%s/%s', (vault, key, host, audience, path) => {
    expect(keyAddress(vault, key)).toMatchObject({ host, audience, path });
  });

  it.each([
    ['x.vault.azure.net.evil.example', 'key'],
    ['evil.example', 'key'],
    ['evil.example/x.vault.azure.net', 'key'],
    ['a.b.vault.azure.net', 'key'],
    ['xvault.azure.net', 'key'],
    ['release.vault.azure.net:444', 'key'],
    ['user@release.vault.azure.net', 'key'],
    ['-ab', 'key'],
    ['ab-', 'key'],
    ['a', 'key'],
    ['release.managedhsm.azure.net', 'key'],
    ['release', '../secrets'],
    ['release', 'key/sign'],
    ['release', ''],
  ])('T31 %s/%s is no key of a vault', (vault, key) => {
    expect(() => keyAddress(vault, key)).toThrow('names no key of an Azure Key Vault');
  });
});

describe.skipIf(!hasOpenssl())('createKeyVault', () => {
  it.each<[string, SignatureAlgorithm | undefined, SignatureAlgorithm]>([
    ['p256', undefined, 'ecdsa-p256-sha256'],
    ['p384', undefined, 'ecdsa-p384-sha384'],
    ['p521', undefined, 'ecdsa-p521-sha512'],
    ['rsa', undefined, 'rsa-pkcs1-sha256'],
    ['rsa', 'rsa-pss-sha256', 'rsa-pss-sha256'],
    ['rsa', 'rsa-pss-sha512', 'rsa-pss-sha512'],
  ])('reads and signs with %s (%s)', async (name, wanted, algorithm) => {
    const { vault, world } = await place();
    const signer = await vault.open('plombe-test', name, () => wanted);
    expect(signer.algorithm).toBe(algorithm);
    expect(signer.publicKey.key.equals(createPublicKey(keys[name] as KeyObject))).toBe(true);
    for (let i = 0; i < 2; i++) {
      const signature = await signer.sign(data);
      expect(verifySignature({ algorithm, key: signer.publicKey.key, data, signature }).kind).toBe('verified');
    }
    expect(world.log).toEqual([
      `login.microsoftonline.com/${world.tenant}/oauth2/v2.0/token`,
      `GET /keys/${name}?api-version=7.4`,
      `POST /keys/${name}/${version}/sign?api-version=7.4`,
      `POST /keys/${name}/${version}/sign?api-version=7.4`,
    ]);
  });

  it('reads the version named, and asks for a new token when the old one ends', async () => {
    const { vault, world } = await place();
    await vault.open(host, `p256/${version}`);
    world.nowMs += 7_200_000;
    await vault.open(host, 'p256');
    expect(world.log.filter((line) => line.includes('oauth2'))).toHaveLength(2);
    expect(await failure(vault.open(host, `p256/${version.replace('0', '1')}`))).toContain('registry/not-found');
  });

  it('tries again where the vault is busy', async () => {
    const { vault, faults } = await place();
    faults.refuse = [429, 503];
    await vault.open(host, 'p256');
    expect(faults.refuse).toEqual([]);
  });

  it('says what is wrong', async () => {
    const { vault, faults, world } = await place();
    expect(await failure(vault.open(host, 'absent'))).toContain('registry/not-found');
    expect(await failure(vault.open(host, 'weak'))).toContain('trust/key-invalid');
    expect(await failure(vault.open(host, 'p384', () => 'ecdsa-p384-sha256'))).toContain(
      'does not sign with ecdsa-p384-sha256',
    );
    faults.refuse = [403];
    const refused = await failure(vault.open(host, 'p256'));
    expect(refused).toContain('registry/forbidden');
    expect(refused).not.toMatch(/[\u0000-\u001f]/);
    faults.disabled = true;
    expect(await failure(vault.open(host, 'p256'))).toContain('disabled');
    faults.disabled = false;
    faults.redirect = true;
    expect(await failure(vault.open(host, 'p256'))).toContain('registry/invalid-answer');
    faults.redirect = false;
    for (const wrong of [
      {},
      { key: {} },
      { key: { kid: `https://${host}/keys/p256/${version}`, kty: 'oct' } },
      { key: { kid: `x/${version}`, kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
    ]) {
      faults.answer = wrong;
      expect(await failure(vault.open(host, 'p256'))).toContain('trust/key-invalid');
    }
    delete faults.answer;
    const signer = await vault.open(host, 'p256');
    faults.signsOther = true;
    expect(await failure(signer.sign(data))).toContain('does not fit');
    faults.answer = { value: 'AA' };
    expect(await failure(signer.sign(data))).toContain('does not fit');
    delete faults.answer;
    world.tokens.clear();
    expect(await failure(vault.open(host, 'p256'))).toContain('registry/unauthorized');
  });

  it('T31 asks for no token and calls nobody for another host', async () => {
    const { vault, asked, world } = await place();
    for (const other of [`${host}.evil.example`, 'evil.example', 'plombetest.azurecr.io']) {
      expect(await failure(vault.open(other, 'p256'))).toContain('config/invalid');
    }
    expect([asked, world.log]).toEqual([[], []]);
  });

  it('says that there is no identity', async () => {
    const { vault, world } = await place({ clientSecret: 'wrong' });
    expect(await failure(vault.open(host, 'p256'))).toContain('registry/credentials');
    expect(world.log).toEqual([`login.microsoftonline.com/${world.tenant}/oauth2/v2.0/token`]);
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    console.warn('skipped: openssl is not installed');
    return false;
  }
}
