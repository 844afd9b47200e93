// The command line: commands, flags and help. Each command's module is loaded only when it runs.
import { Command, CommanderError, Option } from 'commander';
import { inert, PlombeError } from '@plombe/kit';
import { addAccountCommands } from './account-commands.ts';
import { keepCompiled } from './compiled.ts';
import { addFingerprintCommands } from './fingerprint-commands.ts';
import { addGateCommands } from './gate-commands.ts';
import { addHelp } from './help.ts';
import { addLedgerCommands } from './ledger-commands.ts';
import { addApproveCommands } from './approve-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addRegistryCommands } from './registry-commands.ts';
import { addScannerCommands } from './scanner-commands.ts';
import { loadSettings, type LoadedSettings } from './settings/load.ts';
import { settings, type Setting, type SettingKey } from './settings/settings.ts';
import { renameFlags, spreadLists } from './spread.ts';
import { print } from './terminal/output.ts';
import { addTrustCommands, scanRecording } from './trust-commands.ts';
import { addTrustRootCommands } from './trust-root-commands.ts';
import { version } from './version.ts';
import { addViewCommands, countingFlags, languageOf, reportLanguage } from './view-commands.ts';

const imageFlags = [
  'declared',
  'packages',
  'exclude',
  'platform',
  'allPlatforms',
  'cache',
  'offline',
  'verify',
  'timeoutSeconds',
  'plainHttp',
  'caFile',
  'authFile',
  'realmAllow',
  'quiet',
] as const;

/** Runs the command line and returns the exit code. Throws what the command throws. */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('plombe');
  program
    .usage('COMMAND')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(plombe --help shows every command)')
    .configureOutput({ writeOut: print, outputError: (text, write) => write(usageError(text)) })
    .exitOverride();

  const define = (
    parent: Command,
    name: string,
    about: string,
    keys: readonly SettingKey[],
    action: (loaded: LoadedSettings, args: string[], flags: Record<string, unknown>) => Promise<number>,
    own: readonly Option[] = [],
  ): Command => {
    const command = parent.command(name).description(about);
    for (const key of keys) addFlag(command, settings[key]);
    for (const option of own) command.addOption(option);
    command.action(async () => {
      // `fingerprint` takes the flags that it shares with `fingerprint compare`, wherever they stand.
      const flags = command.optsWithGlobals<Record<string, unknown>>();
      // A command's own flag may have the name of a setting and another meaning (a bare --plain-http).
      const owned = new Set(own.map((option) => option.attributeName()));
      const settled = Object.fromEntries(Object.entries(flags).filter(([key]) => !owned.has(key)));
      if (settled['plainHttp'] === true) settled['plainHttp'] = registriesOf(command.args);
      keepCompiled(process.env);
      exitCode = await action(await loadSettings(settled, process.env), command.args, flags);
    });
    return command;
  };

  const recording = scanRecording();
  define(
    program,
    'scan <subject>',
    'what is in it, what is known about it, how to fix it',
    [
      'output',
      'failOn',
      'failOnEol',
      'allow',
      'db',
      'maxAgeDays',
      'evidence',
      ...countingFlags,
      'showSuppressed',
      'dependencyTree',
      ...imageFlags,
    ],
    async (loaded, [subject = ''], flags) => {
      const records = recording.some((option) => flags[option.attributeName()] !== undefined);
      const { scanCommand } = await import('./commands/scan.ts');
      return scanCommand(subject, loaded.values, records ? flags : undefined, languageOf(flags));
    },
    [...recording, reportLanguage()],
  );

  define(
    program,
    'sbom <subject>',
    'the inventory as CycloneDX or SPDX',
    ['output', 'allow', ...imageFlags],
    async (loaded, [subject = '']) => (await import('./commands/sbom.ts')).sbomCommand(subject, loaded),
  );

  define(
    program,
    'explain <what> [subject]',
    'why a vulnerability matched or did not; what a package or a code is',
    ['allow', 'db', 'maxAgeDays', ...imageFlags],
    async (loaded, [what = '', subject]) =>
      (await import('./commands/explain.ts')).explainCommand(what, subject, loaded.values),
  );

  const db = program.command('db').description('the advisory database');
  define(
    db,
    'update',
    'fetch what changed upstream and build the shards anew',
    ['db', 'timeoutSeconds', 'caFile', 'offline', 'quiet'],
    async (loaded, _, flags) => (await import('./commands/db.ts')).updateCommand(loaded.values, flags),
    [
      new Option('--ecosystem <NAME...>', "only these: Alpine, Debian, Go, npm, PyPI, Azure Linux … or a feed's id"),
      new Option('--accept-shrink', 'take a feed that lost more records than the set share'),
    ],
  );
  define(
    db,
    'build',
    'build from a folder or archive of feeds, without network',
    ['db', 'quiet'],
    async (loaded, _, flags) => (await import('./commands/db.ts')).buildCommand(loaded.values, flags),
    [
      new Option(
        '--from <PATH>',
        'folder of feeds as their publishers ship them, or a tar archive of it',
      ).makeOptionMandatory(),
      new Option('--ecosystem <NAME...>', 'only these, by ecosystem, feed or shard'),
      new Option('--accept-shrink', 'take a feed that lost more records than the set share'),
    ],
  );
  define(db, 'status', 'each shard with its age, source and licence', ['db', 'maxAgeDays', 'output'], async (loaded) =>
    (await import('./commands/db.ts')).statusCommand(loaded),
  );
  define(db, 'verify', 'read every shard and compare its digest', ['db'], async (loaded) =>
    (await import('./commands/db.ts')).verifyCommand(loaded.values),
  );

  const versions = program.command('versions').description('the orders that versions are compared by');
  versions
    .command('list')
    .description('the schemes: id, name, definition')
    .action(async () => {
      exitCode = (await import('./commands/versions.ts')).listVersionSchemes();
    });
  versions
    .command('compare <scheme>')
    .description('read A<TAB>B lines from standard input, print A<TAB>B<TAB>-1|0|1|error')
    .action(async (scheme: string) => {
      exitCode = await (await import('./commands/versions.ts')).compareVersionPairs(scheme);
    });

  const config = program.command('config').description('the settings');
  define(
    config,
    'explain',
    'every setting, its value and where it comes from',
    Object.keys(settings) as SettingKey[],
    async (loaded) => (await import('./commands/config.ts')).explainSettings(loaded),
  );

  addTrustCommands(program, define);
  addTrustRootCommands(program, define);
  addLedgerCommands(program, define);
  addPolicyCommands(program, define);
  addApproveCommands(program, define);
  addFingerprintCommands(program, define);
  addAccountCommands(program, define);
  addRegistryCommands(program, define);
  addScannerCommands(program, define);
  addGateCommands(program, define);
  addViewCommands(program, define);

  addHelp(program);
  try {
    await program.parseAsync(spreadLists(renameFlags(argv)));
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code === 'commander.missingArgument') commandOf(program, argv).outputHelp({ error: true });
    // Help and version are no mistakes; anything else was already said by the parser.
    return thrown.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

/** The registry that the last argument names, as a list of one: what a bare `--plain-http` means. Empty where it names none. */
function registriesOf(args: readonly string[]): readonly string[] {
  const host = /^(?:registry:)?((?:\[[0-9A-Fa-f:.]+\]|[^\s:/@]+)(?::\d{1,5})?)\//.exec(args.at(-1) ?? '')?.[1];
  return host === undefined ? [] : [host];
}

/** The command that the words of the command line name. */
function commandOf(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv.slice(2)) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    command = child;
  }
  return command;
}

/** The parser's message in the words of this program; what the caller wrote stays in one line. */
function usageError(text: string): string {
  const lines = text.trim().split(/\n(?=\(Did you mean)/);
  return `${lines
    .map(inert)
    .join('\n')
    .replace(/^error:/, 'plombe:')}\n`;
}

function addFlag(command: Command, { flag, about, kind, repeat }: Setting): void {
  if (flag === undefined) return;
  const value = /^(?:-\w, )?--[a-z-]+ (.+)$/.exec(flag)?.[1];
  const isBare = value === undefined || value.startsWith('[');
  const option = new Option(isBare ? flag : flag.replace(value, `<${value}>`), about);
  if (repeat === true) {
    option.argParser((given: string, before: unknown) => [...(Array.isArray(before) ? before : []), given]);
  } else if (value !== undefined) {
    option.argParser((given: string) => {
      if (kind.read(given) === undefined) {
        throw new PlombeError(
          'config/invalid',
          `${flag.split(' ')[0] ?? ''} must be ${kind.expects}, not ${JSON.stringify(given)}.`,
        );
      }
      return given;
    });
  }
  command.addOption(option);
}
