// The program as shells complete it: each command with its sub-commands and flags, read from the parser itself.
import { reportFormats, sbomFormats } from '@plombe/engine';
import type { Command, Option } from 'commander';
import { flagKey, settings, type Setting } from '../settings/settings.ts';

export interface CompletedFlag {
  /** `-o`, `--output`: as they are written. */
  readonly names: readonly string[];
  readonly about: string;
  /** The next word is its value. */
  readonly takesValue: boolean;
  /** What the value may be; empty: anything, which shells complete as a file. */
  readonly words: readonly string[];
}

export interface CompletedCommand {
  /** `` for the program, `db build` for a command below another. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly CompletedFlag[];
  /** What the first argument may be, where that is a list; else a file. */
  readonly words: readonly string[];
}

/** Every command that help shows, the program itself first. */
export function describeProgram(program: Command): readonly CompletedCommand[] {
  const help = program.createHelp();
  const describe = (command: Command, path: string): readonly CompletedCommand[] => {
    const children = help.visibleCommands(command);
    const own: CompletedCommand = {
      path,
      commands: children.map((child) => ({ name: child.name(), about: child.description() })),
      flags: help.visibleOptions(command).map((option) => describeFlag(option, path)),
      words: command.registeredArguments[0]?.argChoices ?? [],
    };
    // `help` of commander is no command of its own kind: it has nothing below it.
    const deeper = children.filter((child) => child.name() !== 'help');
    return [own, ...deeper.flatMap((child) => describe(child, `${path} ${child.name()}`.trim()))];
  };
  return describe(program, '');
}

function describeFlag(option: Option, path: string): CompletedFlag {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  const takesValue = option.required;
  return { names, about: option.description, takesValue, words: takesValue ? wordsOf(option, path) : [] };
}

/** Values that settings read by themselves, and formats, which differ by command. */
function wordsOf(option: Option, path: string): readonly string[] {
  if (option.argChoices !== undefined) return option.argChoices;
  const own = Object.values(settings as Readonly<Record<string, Setting>>).find(
    ({ flag }) => flag !== undefined && flagKey(flag) === option.attributeName(),
  );
  if (own?.kind.words !== undefined) return own.kind.words;
  if (option.long !== '--output') return [];
  if (path === 'scan' || path === 'convert') return [...reportFormats.map(({ id }) => id), 'template='];
  return path === 'sbom' ? sbomFormats : ['json'];
}

/** Cases of bash and zsh by `COMMAND WORD`: the command that a word leads to. */
export function descendCases(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.flatMap(({ path, commands: children }) =>
    children.map(({ name }) => `        '${path} ${name}') command='${`${path} ${name}`.trim()}' ;;`),
  );
}

/** Cases of bash and zsh by `COMMAND:FLAG`: flags whose next word is their value. */
export function valuedCases(commands: readonly CompletedCommand[]): readonly string[] {
  return commands.flatMap(({ path, flags }) => {
    const names = flags.filter(({ takesValue }) => takesValue).flatMap((flag) => flag.names);
    return names.length === 0 ? [] : [`        ${names.map((name) => `'${path}:${name}'`).join('|')}) expect=$word ;;`];
  });
}
