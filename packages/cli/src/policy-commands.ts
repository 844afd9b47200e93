// The commands about policies: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import { decisionAttesting, type Define } from './trust-commands.ts';

const scanning = [
  'output',
  'db',
  'maxAgeDays',
  'platform',
  'allPlatforms',
  'cache',
  'offline',
  'timeoutSeconds',
  'caFile',
  'authFile',
  'realmAllow',
  'quiet',
] as const;

function repeated(flags: string, about: string): Option {
  return new Option(flags, about).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    given,
  ]);
}

const about = (): readonly Option[] => [
  repeated(
    '--policy <FILE>',
    'a policy; may be given several times, all that select the subject hold',
  ).makeOptionMandatory(),
  new Option('--running', 'the digest already runs: restarts are judged by their own mode'),
  new Option('--namespace <NAME>', 'where it is to be deployed, for policies that select by it'),
  new Option('--cluster <NAME>', 'cluster it is to be deployed to'),
  new Option('--subscription <NAME>', 'subscription it is to be deployed to'),
  new Option('--environment <NAME>', 'environment it is to be deployed to'),
  new Option('--plain-http', "speak plain http with the subject's registry"),
];

/** Adds `policy check`, `explain`, `test`, `schema`. */
export function addPolicyCommands(program: Command, define: Define): void {
  const policy = program.command('policy').description('what may be deployed, decided by policies');
  define(
    policy,
    'check [subject]',
    'may it be deployed',
    scanning,
    async (loaded, [subject], flags) =>
      (await import('./commands/policy-check.ts')).policyCheckCommand(subject, loaded, flags),
    [
      ...about(),
      new Option('--inventory <FILE>', 'dry run over a list of references, a saved JSON report or a folder of them'),
      ...decisionAttesting(),
    ],
  );
  define(
    policy,
    'explain <subject>',
    'each check, what was looked at, and how to get to allow',
    scanning,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/policy-check.ts')).policyExplainCommand(subject, loaded, flags),
    about(),
  );
  define(policy, 'test <file...>', 'run the cases of policy tests', ['output'], async (loaded, files) =>
    (await import('./commands/policy-test.ts')).policyTestCommand(files, loaded),
  );
  define(
    policy,
    'schema',
    'print the JSON Schema of a document',
    [],
    async (_, __, flags) => (await import('./commands/policy-schema.ts')).policySchemaCommand(flags),
    [new Option('--kind <KIND>', 'which document').choices(['policy', 'policy-test']).default('policy')],
  );
}
