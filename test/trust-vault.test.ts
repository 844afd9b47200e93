// Keys of Azure Key Vault through the program: reading, signing and verifying with one that never leaves it, and what is told of secrets.
import { createPublicKey, constants, generateKeyPairSync, privateEncrypt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { azureHandler, azureWorld } from '@plombe/oci/testing/azure';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { answer, startProxy, startServer } from '@plombe/oci/testing/server';
import { hasProgram } from './support/plombe.ts';
import { openTestRegistry } from './support/registry.ts';
import { openSigningProgram } from './support/signing.ts';

const { home, plombe } = openSigningProgram();
const host = 'plombe-test.vault.azure.net';
const version = '0123456789abcdef0123456789abcdef';
/** DigestInfo of SHA-256 (RFC 8017, 9.2): what a vault puts before the digest it is sent. */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

it.skipIf(!hasProgram('openssl'))(
  'T31 T66 signs with a key of a vault, which alone gets the token, and tells no secret',
  async () => {
    const { host: registry, push } = await openTestRegistry('memory');
    await push('app:1', 'one');
    const image = `${registry}/app:1`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const world = azureWorld('unused.azurecr.io', {});
    world.audience = 'https://vault.azure.net';
    world.nowMs = Date.now();
    const azure = azureHandler(world);
    const authority = createAuthority(home);
    const names = [host, 'login.microsoftonline.com'].map((name) => `DNS:${name}`).join(',');
    const asked: string[] = [];
    const server = await startServer(
      (request, response) => {
        if (request.headers.host !== host) return azure(request, response);
        asked.push(`${request.method} ${request.url}`);
        const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
        if (!world.tokens.has(token)) return answer(response, 401, { error: { code: 'Unauthorized' } });
        const kid = `https://${host}/keys/release/${version}`;
        if (request.method === 'GET') {
          const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
          return answer(response, 200, { key: { ...jwk, kid, kty: 'RSA' }, attributes: { enabled: true } });
        }
        return void Array.fromAsync(request as AsyncIterable<Buffer>).then((chunks) => {
          const { alg, value } = JSON.parse(Buffer.concat(chunks).toString()) as { alg: string; value: string };
          if (alg !== 'RS256') return answer(response, 400, { error: { code: 'BadParameter' } });
          const block = Buffer.concat([digestInfo, Buffer.from(value, 'base64url')]);
          const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, block);
          return answer(response, 200, { kid, value: signature.toString('base64url') });
        });
      },
      readCertificate(authority.issue('azure', names)),
    );
    const proxy = await startProxy(server);
    const env = {
      HTTPS_PROXY: `http://${proxy.address}`,
      NO_PROXY: '127.0.0.1',
      SSL_CERT_FILE: authority.caFile,
      AZURE_TENANT_ID: world.tenant,
      AZURE_CLIENT_ID: world.clientId,
      AZURE_CLIENT_SECRET: world.clientSecret,
      PLOMBE_DEBUG: '1',
    };
    const key = 'azurekms://plombe-test/release';
    const outputs: string[] = [];
    const run = async (code: number, ...args: readonly string[]): Promise<string> => {
      const outcome = await plombe(args, { env });
      expect(outcome.code, outcome.stderr).toBe(code);
      outputs.push(outcome.stdout, outcome.stderr);
      return outcome.stdout;
    };
    const pem = await run(0, 'keys', 'public', '--key', key);
    expect(pem).toBe(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }));
    writeFileSync(join(home, 'release.pub'), pem);
    await run(0, 'sign', image, '--plain-http', '--key', key);
    await run(0, 'verify', image, '--plain-http', '--key', 'release.pub');
    await run(0, 'verify', image, '--plain-http', '--key', key);
    expect(asked).toContain(`POST /keys/release/${version}/sign?api-version=7.4`);
    expect(new Set(proxy.asked)).toEqual(new Set([`${host}:443`, 'login.microsoftonline.com:443']));
    await run(2, 'keys', 'public', '--key', 'azurekms://evil.example/release');
    await run(2, 'keys', 'public', '--key', 'azurekms://plombe-test');
    const said = outputs.join('\n');
    for (const secret of [world.clientSecret, ...world.tokens.keys()]) expect(said).not.toContain(secret);
  },
);
