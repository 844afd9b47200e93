// Microsoft's own clients, as their documentation uses them and with no option of ours, against whatever proxy and CA the environment names. Run as a program.
import { createHash } from 'node:crypto';
import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import { ContainerRegistryClient, ContainerRegistryContentClient } from '@azure/container-registry';
import { ClientSecretCredential } from '@azure/identity';

const {
  TENANT = '',
  CLIENT = '',
  SECRET = '',
  SUBSCRIPTION = '',
  GROUP = '',
  REGISTRY = '',
  LOGIN_SERVER = '',
} = process.env;

const collect = async <T, U>(items: AsyncIterable<T>, of: (item: T) => U): Promise<U[]> => {
  const list: U[] = [];
  for await (const item of items) list.push(of(item));
  return list;
};

const credential = new ClientSecretCredential(TENANT, CLIENT, SECRET);
const content = new ContainerRegistryContentClient(`https://${LOGIN_SERVER}`, 'team/app', credential);
const layer = Buffer.from('layer');
const config = Buffer.from('{}');
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
await content.uploadBlob(layer);
await content.uploadBlob(config);
const manifest = {
  schemaVersion: 2,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(layer), size: layer.length }],
};
const pushed = await content.setManifest(manifest, { tag: 'v1' });
await content.setManifest({ ...manifest, annotations: { n: '2' } }, { tag: 'v2' });
await content.setManifest({ ...manifest, annotations: { n: '3' } }, { tag: 'v3' });
const pulled = await content.getManifest('v1');
const blob = await content.downloadBlob(digestOf(layer));
let downloaded = '';
for await (const chunk of blob.content) downloaded += String(chunk);

const registry = new ContainerRegistryClient(`https://${LOGIN_SERVER}`, credential);
const names = await collect(registry.listRepositoryNames(), (name) => name);
const repository = registry.getRepository('team/app');
const about = await repository.getProperties();
const digests = await collect(repository.listManifestProperties(), (entry) => entry.digest);
const artifact = registry.getArtifact('team/app', pushed.digest);
const tags = await collect(registry.getArtifact('team/app', 'v1').listTagProperties(), (tag) => tag.name);
const locked = await artifact.updateManifestProperties({ canRead: false });
const refused = await content.getManifest('v1').then(
  () => 'was read',
  (error: { readonly statusCode?: number }) => error.statusCode,
);

const arm = new ContainerRegistryManagementClient(credential, SUBSCRIPTION);
const found = await collect(arm.registries.list(), ({ loginServer, sku }) => ({ loginServer, sku: sku.name }));
const resource = await arm.registries.get(GROUP, REGISTRY);
const updated = await arm.registries.update(GROUP, REGISTRY, { adminUserEnabled: true });
const tokens = await collect(arm.tokens.list(GROUP, REGISTRY), ({ name, status }) => ({ name, status }));
const maps = await collect(arm.scopeMaps.list(GROUP, REGISTRY), ({ name, actions }) => ({ name, actions }));
const webhooks = await collect(arm.webhooks.list(GROUP, REGISTRY), ({ name }) => name);
const events = await collect(
  arm.webhooks.listEvents(GROUP, REGISTRY, 'pushes'),
  (event) => event.eventRequestMessage?.content?.target?.tag,
);
const rules = await collect(arm.cacheRules.list(GROUP, REGISTRY), ({ sourceRepository }) => sourceRepository);
const replications = await collect(arm.replications.list(GROUP, REGISTRY), ({ location }) => location);

console.log(
  JSON.stringify({
    pushed: pushed.digest === pulled.digest,
    downloaded,
    names,
    count: about.manifestCount,
    digests: digests.length,
    tags,
    locked: locked.canRead,
    refused,
    found,
    mode: resource.roleAssignmentMode,
    admin: updated.adminUserEnabled,
    tokens,
    maps,
    webhooks,
    events,
    rules,
    replications,
  }),
);
