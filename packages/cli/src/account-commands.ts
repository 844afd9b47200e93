// The commands about accounts of the embedded registry: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const data = (): Option => new Option('--data <DIR>', 'folder of the server').makeOptionMandatory();

/** Adds `robots`, `roles`, `people`, `login`, `logout`. */
export function addAccountCommands(program: Command, define: Define): void {
  addRobots(program, define);
  addRoles(program, define);
  addPeople(program, define);
  addLogin(program, define);
}

/** Where people log in, among the flags of `serve`. */
export const oidcFlags = (): readonly Option[] => [
  new Option('--oidc-issuer <URL>', 'where people log in: an OpenID Connect issuer such as Entra'),
  new Option('--oidc-client-id <ID>', 'what the server is called there'),
  new Option('--oidc-client-secret-file <FILE>', 'file with its secret, where it has one'),
  new Option('--oidc-admin-group <GROUP>', 'value of the claim groups whose members are administrators'),
];

function addRobots(program: Command, define: Define): void {
  const robots = program.command('robots').description('accounts of programs, for named repositories, that always end');
  define(
    robots,
    'create <name>',
    'make one, and print its password once',
    ['output'],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/robots.ts')).createRobotCommand(name, loaded, flags),
    [
      data(),
      new Option(
        '--repository <GLOB...>',
        'team/app, team/*, team/** or *; may be given several times',
      ).makeOptionMandatory(),
      new Option('--actions <ACTIONS>', 'any of pull,push,delete,sign').makeOptionMandatory(),
      new Option('--expires <TIME>', 'when it ends: 30m, 1h, 90d; at most 365d').makeOptionMandatory(),
    ],
  );
  define(
    robots,
    'list',
    'all there are and were, without secrets',
    ['output'],
    async (loaded, _, flags) => (await import('./commands/robots.ts')).listRobotsCommand(loaded, flags),
    [data()],
  );
  define(
    robots,
    'revoke <name>',
    'end one at once, with every token it was given',
    ['output'],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/robots.ts')).revokeRobotCommand(name, loaded, flags),
    [data()],
  );
}

function addRoles(program: Command, define: Define): void {
  const roles = program.command('roles').description('who may do what in which repositories of the server');
  define(
    roles,
    'list',
    'all roles with what they allow, and to whom they are granted',
    ['output'],
    async (loaded, _, flags) => (await import('./commands/roles.ts')).listRolesCommand(loaded, flags),
    [data()],
  );
  define(
    roles,
    'define <role>',
    'make a role of your own, or change it for all who have it',
    ['output'],
    async (loaded, [role = ''], flags) => (await import('./commands/roles.ts')).defineRoleCommand(role, loaded, flags),
    [data(), new Option('--actions <ACTIONS>', 'any of pull,push,delete,sign,promote,grant').makeOptionMandatory()],
  );
  define(
    roles,
    'grant <role>',
    'grant a role on a project to a person, an address or a group',
    ['output'],
    async (loaded, [role = ''], flags) => (await import('./commands/roles.ts')).grantRoleCommand(role, loaded, flags),
    [
      data(),
      new Option('--project <GLOB>', 'its repositories: team/app, team/*, team/** or *').makeOptionMandatory(),
      new Option('--person <PERSON>', 'ISSUER#SUBJECT, as plombe people list shows it').conflicts(['email', 'group']),
      new Option('--email <ADDRESS>', 'an address that the issuer has verified').conflicts(['person', 'group']),
      new Option('--group <GROUP>', 'a value of the claim groups; for Entra the object id').conflicts([
        'person',
        'email',
      ]),
      new Option('--issuer <URL>', 'whose address or group it is; default: the one that the server is used with'),
      new Option('--expires <TIME>', 'when the grant ends: 8h, 30d; default: when it is revoked'),
    ],
  );
  define(
    roles,
    'revoke <grant>',
    'take a grant back, by its number in the list',
    ['output'],
    async (loaded, [id = ''], flags) => (await import('./commands/roles.ts')).revokeGrantCommand(id, loaded, flags),
    [data()],
  );
}

function addPeople(program: Command, define: Define): void {
  const people = program.command('people').description('everybody who has logged in to the server');
  define(
    people,
    'list',
    'with groups, last login and live credentials',
    ['output'],
    async (loaded, _, flags) => (await import('./commands/people.ts')).listPeopleCommand(loaded, flags),
    [data()],
  );
  define(
    people,
    'disable <person>',
    'lock somebody out at once: sessions, credentials, tokens and logins to come',
    ['output'],
    async (loaded, [person = ''], flags) =>
      (await import('./commands/people.ts')).disablePersonCommand(person, loaded, flags),
    [data()],
  );
  define(
    people,
    'enable <person>',
    'let somebody log in again',
    ['output'],
    async (loaded, [person = ''], flags) =>
      (await import('./commands/people.ts')).enablePersonCommand(person, loaded, flags),
    [data()],
  );
}

function addLogin(program: Command, define: Define): void {
  const plainHttp = (): Option => new Option('--plain-http', 'speak plain http, with a registry on this machine');
  define(
    program,
    'login <registry>',
    'log in with your account in a browser, and keep a credential as docker login does',
    ['output', 'timeoutSeconds', 'caFile', 'authFile'],
    async (loaded, [registry = ''], flags) =>
      (await import('./commands/login.ts')).loginCommand(registry, loaded, flags),
    [new Option('--expires <TIME>', 'when the credential ends: 1h, 8h; at most 12h').default('12h'), plainHttp()],
  );
  define(
    program,
    'logout <registry>',
    'end the credential at the registry, and forget it',
    ['output', 'timeoutSeconds', 'caFile', 'authFile'],
    async (loaded, [registry = ''], flags) =>
      (await import('./commands/login.ts')).logoutCommand(registry, loaded, flags),
    [plainHttp()],
  );
}
