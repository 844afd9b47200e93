// The doubles of Azure Container Registry, Harbor and MSR, and a real docker-registry, each with what a person needs to reach it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRegistryClient, type RegistryClient, type RegistryOptions } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { startAzure } from '../../packages/connectors/src/testing/azure/start.ts';
import { azureWorld, addChild, application } from '../../packages/connectors/src/testing/azure/world.ts';
import { startHarbor } from '../../packages/connectors/src/testing/harbor/server.ts';
import { project } from '../../packages/connectors/src/testing/harbor/state.ts';
import { startMsr } from '../../packages/connectors/src/testing/msr/server.ts';
import { startDockerRegistry } from './registries.ts';

/** A push as an event of it names it. */
export interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface Connected {
  readonly kind: 'acr' | 'harbor' | 'msr' | 'oci';
  readonly registry: string;
  /** Where developers push, and where what is good is copied to. */
  readonly incoming: string;
  readonly trusted: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly client: RegistryClient;
  /** The request by which the registry tells of a push: path, headers and body. */
  event(
    push: Pushed,
    secret: string,
  ): { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: object };
}

const time = '2026-01-02T03:04:05.000Z';

/** Starts it; it ends with the test, which fails where the double was asked what the real one does not have. */
export const connected = {
  async acr(): Promise<Connected> {
    const world = { ...azureWorld(), nowMs: Date.now(), pageSize: 100 };
    addChild(world, 'webhooks', 'gatehook', { status: 'enabled', actions: ['push', 'delete'], scope: '' });
    world.applications.push(application(2, ['Microsoft.ContainerRegistry/registries/read'], ['*']));
    const { caFile, proxy } = await startAzure(world);
    const [own] = world.applications;
    const { clientId = '', clientSecret = '' } = own ?? {};
    const entra = { identity: 'service-principal', tenantId: world.tenant, clientId, clientSecret } as const;
    return {
      kind: 'acr',
      registry: world.loginServer,
      incoming: 'quarantine/app',
      trusted: 'prod/app',
      flags: ['--ca-file', caFile],
      env: {
        HTTPS_PROXY: proxy,
        AZURE_TENANT_ID: world.tenant,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: clientSecret,
      },
      client: openClient({ caFiles: [caFile], proxy: { https: proxy }, entra }),
      event: ({ repository, tag, digest }, secret) => ({
        path: '/',
        headers: { 'x-plombe-secret': secret },
        body: {
          id: `push-${digest}`,
          timestamp: time,
          action: 'push',
          target: {
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            repository,
            tag,
            digest,
            size: 1,
            length: 1,
          },
          request: { id: digest, host: world.loginServer, method: 'PUT', useragent: 'docker' },
        },
      }),
    };
  },
  async harbor(): Promise<Connected> {
    const harbor = await startHarbor();
    harbor.state.projects.push(project(2, 'incoming'), project(3, 'prod'));
    const [username, password] = ['admin', 'Harbor12345'];
    return {
      kind: 'harbor',
      registry: harbor.host,
      incoming: 'incoming/app',
      trusted: 'prod/app',
      ...passwordLogin(harbor, username, password),
      event: ({ repository, tag, digest }, secret) => ({
        path: '/',
        headers: { authorization: secret },
        body: {
          type: 'PUSH_ARTIFACT',
          occur_at: Date.parse(time) / 1000,
          operator: 'admin',
          event_data: {
            resources: [{ digest, tag, resource_url: `${harbor.host}/${repository}:${tag}` }],
            repository: {
              name: repository.split('/')[1],
              namespace: repository.split('/')[0],
              repo_full_name: repository,
              repo_type: 'private',
            },
          },
        },
      }),
    };
  },
  async msr(): Promise<Connected> {
    const msr = await startMsr();
    return {
      kind: 'msr',
      registry: msr.host,
      incoming: 'engineering/app',
      trusted: 'engineering/prod',
      ...passwordLogin(msr, 'admin', 'secret'),
      event: ({ repository, tag, digest }, secret) => ({
        path: `/${secret}`,
        headers: {},
        body: {
          type: 'TAG_PUSH',
          createdAt: time,
          contents: { namespace: repository.split('/')[0], repository: repository.split('/')[1], tag, digest },
        },
      }),
    };
  },
  async oci(): Promise<Connected> {
    const registry = await startDockerRegistry();
    return {
      kind: 'oci',
      registry,
      incoming: 'incoming/app',
      trusted: 'prod/app',
      flags: ['--plain-http'],
      env: {},
      client: openClient({ plainHttp: [registry] }),
      event: ({ repository, tag, digest }, secret) => ({
        path: '/',
        headers: { authorization: `Bearer ${secret}` },
        body: {
          events: [
            {
              id: `push ${digest}`,
              timestamp: time,
              action: 'push',
              target: { mediaType: 'application/vnd.oci.image.manifest.v1+json', repository, tag, digest },
            },
          ],
        },
      }),
    };
  },
} as const;

function openClient(options: RegistryOptions): RegistryClient {
  return createRegistryClient(options, networkContext(new AbortController().signal, Date.now));
}

function passwordLogin(
  { host, caFile }: { readonly host: string; readonly caFile: string },
  username: string,
  password: string,
): Pick<Connected, 'flags' | 'env' | 'client'> {
  const userFile = join(caFile, '..', 'login');
  writeFileSync(userFile, `${username}:${password}\n`, { mode: 0o600 });
  return {
    flags: ['--ca-file', caFile, '--user-file', userFile],
    env: {},
    client: openClient({
      caFiles: [caFile],
      credentials: { [host]: { kind: 'password', username, password } },
    }),
  };
}
