// The commands that look at registries: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const shared = ['output', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow', 'offline', 'quiet'] as const;

/** An option that may be given several times. */
export function repeated(flags: string, about: string): Option {
  return new Option(flags, about).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    given,
  ]);
}

/** What says which registry, of which kind, with which login. */
export const connecting = (): readonly Option[] => [
  new Option('--kind <KIND>', 'what it is; default: by its host, else by what answers').choices([
    'acr',
    'harbor',
    'msr',
    'oci',
  ]),
  new Option('--user-file <FILE>', "USER:PASSWORD, instead of docker's and podman's logins"),
  new Option('--plain-http', 'speak plain http with the registry'),
  new Option('--azure-resource <ID>', 'resource id of an Azure Container Registry, where it cannot be searched for'),
  new Option('--azure-subscription <ID>', 'the only subscription to search it in'),
];
const repositories = (): Option =>
  repeated(
    '--repository <GLOB>',
    'only these, ** and * allowed; names them where the catalog is closed; may be repeated',
  );
const language = (): Option => new Option('--language <LANGUAGE>', 'of texts').choices(['en', 'de']).default('en');

/** Adds `registry list`, `posture`, `access` and `watch`. */
export function addRegistryViewCommands(registry: Command, define: Define): void {
  define(
    registry,
    'list <registry>',
    'repositories and artifacts, with their state',
    ['allow', ...shared],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/registry-list.ts')).listCommand(name, loaded, flags),
    [...connecting(), repositories(), language()],
  );
  define(
    registry,
    'audit <registry>',
    'what happened, by its own log',
    ['allow', ...shared],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/registry-audit.ts')).auditCommand(name, loaded, flags),
    [...connecting(), language(), new Option('--since <TIME>', 'events from this time on, ISO 8601; default: 7 days')],
  );
  define(
    registry,
    'posture <registry>',
    'how it is set up, what to do about it',
    ['failOn', 'allow', ...shared],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/registry-posture.ts')).postureCommand(name, loaded, flags),
    [
      ...connecting(),
      repositories(),
      language(),
      new Option('--probe-push', 'also try whether anybody may push: an upload that is cancelled at once'),
      new Option('--facts', 'also list in the table everything that was read; JSON and HTML have it always'),
      new Option('--try-default-password', "also try whether Harbor's published password opens it"),
    ],
  );
  define(
    registry,
    'access <registry>',
    'who may do what, by which grant',
    ['allow', ...shared],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/registry-access.ts')).accessCommand(name, loaded, flags),
    [
      ...connecting(),
      repositories(),
      language(),
      repeated('--principal <ID>', 'only these: user:jo, robot:ci …; may be repeated'),
    ],
  );
  define(
    registry,
    'watch <registry>',
    'what is pushed and deleted, one line of JSON each',
    [
      'timeoutSeconds',
      'caFile',
      'authFile',
      'realmAllow',
      'offline',
      'quiet',
      'db',
      'maxAgeDays',
      'platform',
      'allPlatforms',
      'cache',
    ],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/registry-watch.ts')).watchCommand(name, loaded.values, flags),
    [
      ...connecting(),
      new Option('--listen <ADDRESS:PORT>', 'receive webhooks here; port 0 takes a free one'),
      new Option(
        '--webhook-secret-file <FILE>',
        'what makes them authentic: docs/connectors says where each kind has it',
      ),
      new Option('--tls-cert <PEM>', 'certificate chain of the receiver, leaf first'),
      new Option('--tls-key <PEM>', 'private key of the certificate'),
      new Option('--allow-remote-plain-http', 'receive http on any address, behind a proxy that speaks TLS'),
      new Option('--interval <SECONDS>', 'ask this often; without --listen: 60'),
      new Option('--since <TIME>', 'events from this time on, ISO 8601; default: now'),
      new Option('--once', 'ask once and end'),
      repeated('--policy <FILE>', 'judge what is pushed by this policy; may be repeated'),
      new Option('--enforce', 'quarantine what policies deny, and promote what they allow as they say'),
      new Option('--ledger <DIR>', 'record decisions and moves in this ledger'),
    ],
  );
}
