// The commands about approvals: their flags, and which module runs them.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const shared = ['output', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow', 'quiet'] as const;
const scanning = [...shared, 'db', 'maxAgeDays', 'platform', 'allPlatforms', 'cache'] as const;

function repeated(flags: string, about: string): Option {
  return new Option(flags, about).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    given,
  ]);
}

const policy = (about: string): Option => repeated('--policy <FILE>', about);
const key = (): Option =>
  new Option('--key <KEY>', 'private key: a PEM file, env://NAME or azurekms://VAULT/KEY').makeOptionMandatory();
const plainHttp = (): Option => new Option('--plain-http', "speak plain http with the subject's registry");
const ledger = (): Option => new Option('--ledger <DIR>', 'ledger to record it in, as approve or revoke');
const reason = (about: string): Option => new Option('--reason <TEXT>', about).makeOptionMandatory();
const scope = (): readonly Option[] => [
  new Option('--scope <SCOPE>', 'environment=production,cluster=eu; one word is the environment; * is everywhere'),
  ...['environment', 'cluster', 'namespace', 'subscription'].map(
    (name) => new Option(`--${name} <NAME>`, `only for this ${name}`),
  ),
];

function countOf(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number from 1.');
}

/** Adds `approve request`, `grant`, `list`, `revoke`, `verify`. */
export function addApproveCommands(program: Command, define: Define): void {
  const approve = program.command('approve').description('approvals by people, signed and bound to a digest');
  define(
    approve,
    'request <subject>',
    'ask for approval, once every automatic check of the policy holds',
    scanning,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).requestCommand(subject, loaded, flags),
    [
      policy('policy whose checks must hold; may be given several times').makeOptionMandatory(),
      key(),
      reason('what for'),
      new Option('--expires-in <TIME>', 'when the request and its approvals end at the latest: 24h, 30d').default(
        '30d',
      ),
      ...scope(),
      ledger(),
      plainHttp(),
    ],
  );
  define(
    approve,
    'grant <subject>',
    "approve somebody else's request",
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve.ts')).grantCommand(subject, loaded, flags),
    [
      key(),
      new Option('--request <DIGEST>', 'which request, where there are several; or latest'),
      policy('policy that wants approvals: only requests of its requesters are approved'),
      new Option('--expires-in <TIME>', 'end before the request does: 24h, 7d'),
      new Option('--expires <TIME>', 'the same as a date or time: 2027-01-31'),
      new Option('--comment <TEXT>', 'what to say with it'),
      ...scope(),
      ledger(),
      plainHttp(),
    ],
  );
  define(
    approve,
    'list <subject>',
    'requests, approvals and revocations, with who signed them',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve-show.ts')).listCommand(subject, loaded, flags),
    [policy('policy that wants approvals: which of them count for it'), ...scope(), plainHttp()],
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
      reason('why'),
      new Option('--id <DIGEST>', 'which one, as list shows it; default: every open request with its approvals'),
      ledger(),
      plainHttp(),
    ],
  );
  define(
    approve,
    'verify <subject>',
    'have enough people approved it',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/approve-show.ts')).verifyApprovalsCommand(subject, loaded, flags),
    [
      repeated('--key <PUB>', 'public key of an approver; may be given several times'),
      repeated('--requester <PUB>', 'public key whose requests count; default: any, and then an approver may have two'),
      new Option('--threshold <N>', 'distinct approvers that are needed').argParser(countOf),
      policy('policy that wants approvals, in place of keys and threshold'),
      new Option('--ledger <DIR>', 'ledger whose revocations count too, even if the registry does not show them'),
      ...scope(),
      plainHttp(),
    ],
  );
}
