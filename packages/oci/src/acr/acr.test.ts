import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { digestOf } from '../manifest/verify.ts';
import { parseReference } from '../reference/reference.ts';
import { createRegistryClient, type RegistryClient, type RegistryOptions } from '../registry/client.ts';
import { temporaryFolder } from '../sources/testing/context.ts';
import { azureHandler, azureWorld, identityHandler, type AzureWorld } from '../testing/azure.ts';
import { createAuthority, readCertificate } from '../testing/certificates.ts';
import { networkContext } from '../testing/context.ts';
import { hasProgram } from '../testing/peers.ts';
import { startProxy, startServer } from '../testing/server.ts';
import { isAcrHost } from './host.ts';
import type { EntraOptions } from './source.ts';
import { entraIdentities } from './tokens.ts';

const registry = 'plombetest.azurecr.io';
const reference = parseReference(`${registry}/team/app:1`);
const signal = new AbortController().signal;
const manifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(Buffer.of(1)), size: 1 },
  layers: [],
};
const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

interface Setting {
  readonly world: AzureWorld;
  readonly folder: string;
  readonly options: RegistryOptions;
  readonly asked: readonly string[];
}

/** Azure behind a proxy that leads every name to it, with certificates for the names. */
async function setting(): Promise<Setting> {
  const folder = temporaryFolder();
  const authority = createAuthority(folder);
  const names = `DNS:${registry},DNS:login.microsoftonline.com,DNS:plombetest.azurecr.io.evil.example,DNS:evil.example`;
  const world = azureWorld(registry, manifest);
  const server = await startServer(azureHandler(world), readCertificate(authority.issue('azure', names)));
  const { address, asked } = await startProxy(server);
  const options = {
    caFiles: [authority.caFile],
    proxy: { https: `http://${address}` },
    retry: { attempts: 3, baseMs: 1 },
  };
  return { world, folder, options, asked };
}

async function withClient<T>(
  { world, options }: Setting,
  entra: EntraOptions,
  use: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  const client = createRegistryClient(
    { ...options, entra },
    networkContext(signal, () => world.nowMs),
  );
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function pull(place: Setting, entra: EntraOptions, from = reference): Promise<string> {
  try {
    await withClient(place, entra, (client) => client.fetchManifest(from, { signal }));
    return 'done';
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
}

const principal = (world: AzureWorld): Pick<EntraOptions, 'tenantId' | 'clientId'> => ({
  tenantId: world.tenant,
  clientId: world.clientId,
});

test.each([
  ['plombetest.azurecr.io', true],
  ['plombetest-a1b2.azurecr.io', true],
  ['plombetest.azurecr.us', true],
  ['plombetest.azurecr.cn', true],
  ['plombetest.azurecr.io.evil.tld', false],
  ['plombetest.azurecr.io:8443', false],
  ['evil-azurecr.io', false],
  ['azurecr.io', false],
  ['x.y.azurecr.io', false],
  ['plombetest.azurecr.de.com', false],
  ['plombetest.azurecr.iо', false],
])('T31 %s is a login server: %s', (host, expected) => {
  expect(isAcrHost(host)).toBe(expected);
});

test('auto tries what is configured before what may be there', () => {
  const named = { identity: 'auto', tenantId: 't', clientId: 'c' } as const;
  expect(entraIdentities({ identity: 'auto' })).toEqual(['managed-identity', 'cli']);
  expect(entraIdentities({ ...named, clientSecret: 's' })[0]).toBe('service-principal');
  expect(entraIdentities({ ...named, federatedTokenFile: 'f' })[0]).toBe('workload-identity');
  expect(entraIdentities({ identity: 'cli' })).toEqual(['cli']);
});

describe.skipIf(!hasProgram('openssl'))('Azure Container Registry with Entra', () => {
  test('a service principal pulls with its secret; tokens are kept and renewed', async () => {
    const place = await setting();
    const { world } = place;
    const entra = { identity: 'service-principal', ...principal(world), clientSecret: world.clientSecret } as const;
    await withClient(place, entra, async (client) => {
      await client.fetchManifest(reference, { signal });
      const flow = ['/v2/team/app/manifests/1', '/oauth2/exchange', '/oauth2/token', '/v2/team/app/manifests/1'];
      const paths = (): string[] => world.log.map((line) => line.replace(registry, ''));
      expect(paths()).toEqual([
        flow[0],
        `login.microsoftonline.com/${world.tenant}/oauth2/v2.0/token`,
        ...flow.slice(1),
      ]);
      await client.fetchManifest(reference, { signal });
      expect(world.log.length).toBe(6);
      // After an hour and a half the access token is over, the refresh token is not.
      world.nowMs += 5_400_000;
      await client.fetchManifest(reference, { signal });
      expect(paths().slice(6)).toEqual([flow[0], '/oauth2/token', flow[0]]);
      // After three more hours everything is.
      world.nowMs += 10_800_000;
      await client.fetchManifest(reference, { signal });
      expect(world.log.length).toBe(14);
    });
    expect(await pull(place, { ...entra, clientSecret: 'wrong' })).toMatch(/credentials.*\(401, invalid_client\)/);
    expect(await pull(place, { ...entra, clientSecret: 'wrong' })).not.toContain('client-secret');
    expect(await pull(place, { ...entra, tenantId: '../../x' })).toContain('neither a GUID nor a domain');
    expect(await pull(place, { ...entra, authorityHost: 'http://evil.example' })).toContain('not an https address');
    world.failures = [500, 503];
    expect(await pull(place, entra)).toBe('done');
  });

  test('a token endpoint that fails for a moment is asked again', async () => {
    const place = await setting();
    const { world } = place;
    world.entraFailures = [503, 429];
    const entra = { identity: 'service-principal', ...principal(world), clientSecret: world.clientSecret } as const;
    expect(await pull(place, entra)).toBe('done');
    expect(world.entraFailures).toEqual([]);
  });

  test('a service principal pulls with its certificate', async () => {
    const place = await setting();
    const { world, folder } = place;
    const parameters = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'app.key',
      '-out',
      'app.crt',
      '-subj',
      '/CN=app',
    ];
    execFileSync('openssl', parameters, { cwd: folder, stdio: 'ignore' });
    world.certificate = readFileSync(`${folder}/app.crt`, 'utf8');
    const clientCertificatePath = `${folder}/app.pem`;
    writeFileSync(clientCertificatePath, world.certificate + readFileSync(`${folder}/app.key`, 'utf8'));
    const entra = { identity: 'service-principal', ...principal(world), clientCertificatePath } as const;
    expect(await pull(place, entra)).toBe('done');
    writeFileSync(clientCertificatePath, 'nonsense');
    expect(await pull(place, entra)).toContain('cannot be used');
  });

  test('workload identity trades a federated token', async () => {
    const place = await setting();
    const federatedTokenFile = `${place.folder}/token`;
    writeFileSync(federatedTokenFile, `${place.world.federatedToken}\n`);
    const entra = { identity: 'auto', ...principal(place.world), federatedTokenFile } as const;
    expect(await pull(place, entra)).toBe('done');
    const absent = { ...entra, identity: 'workload-identity', federatedTokenFile: '/no/such/file' } as const;
    expect(await pull(place, absent)).toContain('cannot be read');
  });

  test('managed identities of App Service and of a virtual machine', async () => {
    const place = await setting();
    const { world } = place;
    const endpoint = await startServer(identityHandler(world, 'app-header'));
    const app = {
      identity: 'managed-identity',
      identityEndpoint: `http://${endpoint}/msi/token`,
      identityHeader: 'app-header',
    } as const;
    expect(await pull(place, app)).toBe('done');
    expect(await pull(place, { ...app, identityHeader: 'wrong' })).toContain('(400, bad_request_102)');
    const machine = { identity: 'managed-identity', metadataHost: `http://${endpoint}` } as const;
    world.failures = [];
    expect(await pull(place, machine)).toBe('done');
    expect(await pull(place, { ...machine, clientId: 'other' })).toContain('assign an identity');
  });

  test("an Arc server proves itself with the agent's key, and no other file is read", async () => {
    const place = await setting();
    const { world, folder } = place;
    const arcTokenFolder = `${folder}/tokens`;
    mkdirSync(arcTokenFolder);
    writeFileSync(`${arcTokenFolder}/a.key`, 'arc-secret');
    writeFileSync(`${folder}/other.key`, 'private');
    symlinkSync(`${folder}/other.key`, `${arcTokenFolder}/link.key`);
    const arc = async (file: string): Promise<string> => {
      const handler = identityHandler(world, 'none', { path: file, secret: 'arc-secret' });
      const identityEndpoint = `http://${await startServer(handler)}/metadata/identity/oauth2/token`;
      return pull(place, { identity: 'managed-identity', identityEndpoint, arcTokenFolder });
    };
    expect(await arc(`${arcTokenFolder}/a.key`)).toBe('done');
    for (const file of [
      `${folder}/other.key`,
      `${arcTokenFolder}/link.key`,
      `${arcTokenFolder}/../other.key`,
      '/etc/passwd',
    ]) {
      expect(await arc(file)).toContain('not in its own folder');
    }
  });

  test('the Azure CLI, where it is signed in', async () => {
    const place = await setting();
    const { world, folder } = place;
    const endpoint = await startServer(identityHandler(world, 'h'));
    const check = '[ "$1 $2 $3 $4 $5" = "account get-access-token --output json --resource" ] || exit 2';
    const url = `http://${endpoint}/?api-version=2019-08-01&resource=$6`;
    const ask = `curl -s -H 'X-IDENTITY-HEADER: h' "${url}" | sed s/access_token/accessToken/`;
    writeFileSync(`${folder}/az`, `#!/bin/sh\n${check}\n${ask}\n`);
    chmodSync(`${folder}/az`, 0o755);
    process.env['PATH'] = `${folder}:${path}`;
    expect(await pull(place, { identity: 'cli' })).toBe('done');
    writeFileSync(`${folder}/az`, '#!/bin/sh\nexit 1\n');
    expect(await pull(place, { identity: 'cli' })).toContain('run az login');
  });

  test('T31 a look-alike registry gets no token and starts no exchange', async () => {
    const place = await setting();
    const { world } = place;
    const entra = { identity: 'service-principal', ...principal(world), clientSecret: world.clientSecret } as const;
    for (const host of ['plombetest.azurecr.io.evil.example', 'evil.example']) {
      expect(await pull(place, entra, parseReference(`${host}/team/app:1`))).not.toBe('done');
    }
    expect(world.log.some((line) => line.includes('oauth2'))).toBe(false);
    expect(place.asked.some((authority) => authority.includes('login.'))).toBe(false);
  });

  test("a token of another tenant than the registry's is refused with the remedy", async () => {
    const place = await setting();
    const { world } = place;
    world.registryTenant = 'another';
    const entra = { identity: 'service-principal', ...principal(world), clientSecret: world.clientSecret } as const;
    expect(await pull(place, entra)).toContain(`${registry} did not exchange the Entra token`);
    expect([...world.tokens.values()].map(({ kind }) => kind)).toEqual(['entra']);
  });
});
