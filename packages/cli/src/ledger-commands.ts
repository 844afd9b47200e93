// The commands about the ledger and custody: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const folder = (): Option => new Option('--ledger <DIR>', 'folder of the ledger').makeOptionMandatory();
const witness = (about: string): Option => repeated('--witness <VKEY>', about);

function repeated(flags: string, about: string): Option {
  return new Option(flags, about).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    given,
  ]);
}

/** Adds `ledger` and `custody`. */
export function addLedgerCommands(program: Command, define: Define): void {
  const ledger = program.command('ledger').description('the tamper-evident log that custody records are in');
  define(
    ledger,
    'init',
    'make an empty ledger and print its verifier key',
    [],
    async (_, __, flags) => (await import('./commands/ledger.ts')).initLedger(flags),
    [folder(), new Option('--origin <NAME>', 'name of the log, like a URL without scheme').makeOptionMandatory()],
  );
  define(
    ledger,
    'verify',
    'recompute the whole ledger and compare every file',
    ['output', 'timeoutSeconds'],
    async (loaded, _, flags) => (await import('./commands/ledger.ts')).verifyLedger(loaded, flags),
    [folder(), repeated('--checkpoint <FILE>', 'a checkpoint known from elsewhere, which must be in its history')],
  );
  define(
    ledger,
    'witness',
    'have a witness cosign the checkpoint',
    ['timeoutSeconds', 'caFile'],
    async (loaded, _, flags) => (await import('./commands/ledger.ts')).witnessLedger(loaded.values, flags),
    [
      folder(),
      new Option('--url <URL>', 'address of the witness, to which /add-checkpoint is added').makeOptionMandatory(),
      new Option('--witness <VKEY>', 'verifier key of the witness, or a file of it').makeOptionMandatory(),
    ],
  );

  const custody = program.command('custody').description('the chain of custody of an image');
  define(
    custody,
    'record [digest]',
    'add a record to the chain of a digest',
    ['timeoutSeconds'],
    async (loaded, [digest], flags) =>
      (await import('./commands/record.ts')).recordCustody(loaded.values, digest, flags),
    [
      folder(),
      new Option('--kind <KIND>', 'what happened: build, inventory, scan, approve, sign, push, promote, copy …'),
      new Option('--predicate <FILE>', 'JSON that says more about it'),
      new Option(
        '--from <FILE>',
        'many records: one JSON object per line, with digest, kind and predicate; - reads standard input',
      ),
    ],
  );
  define(
    custody,
    'show <digest>',
    'the records of a digest in order',
    ['output'],
    async (loaded, [digest = ''], flags) => (await import('./commands/custody.ts')).showCustody(loaded, digest, flags),
    [folder()],
  );
  define(
    custody,
    'export <digest...>',
    'write the history of digests as one file that proves itself',
    ['timeoutSeconds'],
    async (loaded, digests, flags) =>
      (await import('./commands/custody.ts')).exportCustody(loaded.values, digests, flags),
    [
      folder(),
      new Option('--file <OUT>', 'where to write it').makeOptionMandatory(),
      repeated('--since <FILE>', 'a checkpoint that the export must be consistent with'),
      witness('verifier key of a witness whose cosignature must be in it'),
    ],
  );
  define(
    custody,
    'verify <file...>',
    'check exports with the key of the log and nothing else',
    ['output', 'timeoutSeconds'],
    async (loaded, files, flags) => (await import('./commands/custody.ts')).verifyCustody(loaded, files, flags),
    [
      new Option('--vkey <VKEY>', 'verifier key of the log, or a file of it').makeOptionMandatory(),
      repeated(
        '--checkpoint <FILE>',
        'a checkpoint known from elsewhere: older exports and other histories are rejected',
      ),
      witness('verifier key of a witness that must have cosigned'),
    ],
  );
}
