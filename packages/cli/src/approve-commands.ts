// The commands about approvals: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const shared = ['output', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow', 'quiet'] as const;
const scanning = [...shared, 'db', 'maxAgeDays', 'platform', 'allPlatforms', 'cache'] as const;

const policy = (): Option =>
  new Option('--policy <FILE>', 'the policy that wants approvals; may be given several times')
    .argParser((given: string, before: readonly string[] | undefined) => [...(before ?? []), given])
    .makeOptionMandatory();
const key = (): Option =>
  new Option('--key <KEY>', 'private key: a PEM file, env://NAME or azurekms://VAULT/KEY').makeOptionMandatory();
const plainHttp = (): Option => new Option('--plain-http', "speak plain http with the subject's registry");
const scope = (): readonly Option[] =>
  ['environment', 'cluster', 'namespace', 'subscription'].map(
    (name) => new Option(`--${name} <NAME>`, `only for this ${name}`),
  );

/** Adds `approve request`, `grant`, `list`, `revoke`. */
export function addApproveCommands(program: Command, define: Define): void {
  const approve = program.command('approve').description('approvals by people, signed and bound to a digest');
  define(
    approve,
    'request <subject>',
    'ask for approval, once every automatic check of the policy holds',
    scanning,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).requestCommand(subject, loaded, flags),
    [policy(), key(), new Option('--reason <TEXT>', 'what for').makeOptionMandatory(), ...scope(), plainHttp()],
  );
  define(
    approve,
    'grant <subject>',
    "approve somebody else's request",
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).grantCommand(subject, loaded, flags),
    [
      policy(),
      key(),
      new Option('--expires <TIME>', 'when it ends: 2027-01-31, or with a time').makeOptionMandatory(),
      new Option('--request <DIGEST>', 'which request, where there are several'),
      new Option('--comment <TEXT>', 'what to say with it'),
      ...scope(),
      plainHttp(),
    ],
  );
  define(
    approve,
    'list <subject>',
    'requests and approvals, and which of them count',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).listCommand(subject, loaded, flags),
    [policy(), ...scope(), plainHttp()],
  );
  define(
    approve,
    'revoke <subject>',
    'take a request or approval back',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).revokeCommand(subject, loaded, flags),
    [
      key(),
      new Option('--id <DIGEST>', 'which one, as list shows it').makeOptionMandatory(),
      new Option('--reason <TEXT>', 'why').makeOptionMandatory(),
      plainHttp(),
    ],
  );
}
