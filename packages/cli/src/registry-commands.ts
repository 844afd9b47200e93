// The commands of the server and of registries: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import { oidcFlags } from './account-commands.ts';
import { gateFlags } from './gate-commands.ts';
import { addRegistryMoveCommands } from './registry-move-commands.ts';
import { addRegistryViewCommands } from './registry-view-commands.ts';
import type { Define } from './trust-commands.ts';

const data = (): Option => new Option('--data <DIR>', 'folder of the server').makeOptionMandatory();
const rules = (): Option =>
  new Option('--registry-config <FILE>', 'quotas, immutable tags, retention and collection: kind RegistryConfig');

/** The flags of `serve`. */
const serving = (): readonly Option[] => [
  data(),
  new Option('--listen <ADDRESS:PORT>', 'where to listen; port 0 takes a free one').makeOptionMandatory(),
  new Option('--plain-http', 'serve http; on loopback addresses only'),
  new Option('--allow-remote-plain-http', 'with --plain-http: on any address, behind a proxy that speaks TLS'),
  new Option('--tls-cert <PEM>', 'certificate chain, leaf first'),
  new Option('--tls-key <PEM>', 'private key of the certificate'),
  new Option('--anonymous <WHAT>', 'what may be done without login').choices(['none', 'pull']).default('none'),
  new Option('--metrics-listen <ADDRESS:PORT>', 'where to answer GET /metrics, without login, over the same protocol'),
  new Option('--public-url <URL>', 'address that clients use, where a proxy stands in front'),
  rules(),
  new Option('--blobs <URL>', 'keep blobs in azure://ACCOUNT/CONTAINER[/PREFIX] or s3://BUCKET[/PREFIX]?region=…'),
  new Option('--redirect-blobs', 'with --blobs: send clients to the store for them, by addresses that last minutes'),
  new Option('--upstream <URL>', 'stand in front of this registry: what may be seen goes there, and comes from there'),
  ...oidcFlags(),
  ...gateFlags(),
];

/** Adds `serve` and `registry`. */
export function addRegistryCommands(program: Command, define: Define): void {
  define(
    program,
    'serve',
    'a registry that shows nothing before it was judged',
    ['db', 'maxAgeDays', 'cache', 'caFile', 'authFile', 'realmAllow'],
    async (loaded, _, flags) => (await import('./commands/serve.ts')).serveCommand(loaded.values, flags),
    serving(),
  );
  const registry = program.command('registry').description('registries: this one, and others');
  define(
    registry,
    'gc',
    'apply retention and remove what no manifest names; the server may run',
    ['output', 'caFile'],
    async (loaded, _, flags) => (await import('./commands/registry-gc.ts')).collectCommand(loaded, flags),
    [data(), rules(), new Option('--dry-run', 'only say what would be removed')],
  );
  define(
    registry,
    'replication',
    'how far copies to other registries are; the server may run',
    ['output'],
    async (loaded, _, flags) => (await import('./commands/registry-replication.ts')).replicationCommand(loaded, flags),
    [data()],
  );
  addRegistryViewCommands(registry, define);
  addRegistryMoveCommands(registry, define);
}
