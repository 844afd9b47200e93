// The commands about the gate: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

/** The flags that make `serve` a gate. */
export const gateFlags = (): readonly Option[] => [
  new Option('--policy <FILE...>', 'a policy that pushes and pulls are judged by; all that select a repository hold'),
  new Option('--ledger <DIR>', 'ledger that keeps what was pushed, decided and excepted'),
  new Option('--registry-name <HOST[:PORT]>', "this registry's name in policies, where it is not that of --listen"),
  new Option('--environment <NAME>', 'environment that images here are deployed to, for policies that select by it'),
];

/** Adds `gate`. */
export function addGateCommands(program: Command, define: Define): void {
  const gate = program.command('gate').description('what only people may do at the gate');
  define(
    gate,
    'break-glass <subject>',
    'sign that a digest is to be let through for some hours; it takes two people',
    ['output', 'authFile', 'caFile', 'timeoutSeconds', 'quiet'],
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/break-glass.ts')).breakGlassCommand(subject, loaded, flags),
    [
      new Option('--key <KEY>', 'a key of your own that the policy names').makeOptionMandatory(),
      new Option('--reason <TEXT>', 'why; it is kept for good').makeOptionMandatory(),
      new Option('--expires <TIME>', 'when it ends: 30m, 4h; at most 24h').default('4h'),
      new Option('--plain-http', "speak plain http with the subject's registry"),
    ],
  );
  gate
    .command('scanner', { hidden: true })
    .requiredOption('--cache <DIR>')
    .action(async ({ cache }: { readonly cache: string }) =>
      (await import('./commands/gate-scanner.ts')).gateScannerCommand(cache),
    );
}
