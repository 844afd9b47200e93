// The commands that show what was found in other ways: their flags, and which module runs them.
import { Argument, Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

/** `--language`: of reports for people. */
export const reportLanguage = (): Option =>
  new Option('--language <LANGUAGE>', 'of reports for people: html, markdown').choices(['en', 'de']);

/** The language that the flags name; English where they name none. */
export function languageOf(flags: Readonly<Record<string, unknown>>): 'en' | 'de' {
  return flags['language'] === 'de' ? 'de' : 'en';
}

/** Which findings count. */
export const countingFlags = ['excludeDev', 'severity', 'ignoreUnfixed', 'ignoreStatus', 'ignoreFile', 'vex'] as const;

const images = [
  'declared',
  'packages',
  'exclude',
  ...countingFlags,
  'db',
  'maxAgeDays',
  'platform',
  'cache',
  'offline',
  'timeoutSeconds',
  'plainHttp',
  'caFile',
  'authFile',
  'realmAllow',
  'quiet',
] as const;

/** Adds `convert`, `layers`, `diff`, `doctor`, `completion` and `man`. */
export function addViewCommands(program: Command, define: Define): void {
  define(
    program,
    'convert <report>',
    'a saved JSON report in any other format',
    [
      'output',
      'evidence',
      'severity',
      'ignoreUnfixed',
      'ignoreStatus',
      'ignoreFile',
      'vex',
      'showSuppressed',
      'dependencyTree',
    ],
    async (loaded, [report = ''], flags) =>
      (await import('./commands/convert.ts')).convertCommand(report, loaded, languageOf(flags)),
    [reportLanguage()],
  );
  define(
    program,
    'layers <subject>',
    'each layer with its instruction, size, packages and findings',
    ['output', 'allow', 'allPlatforms', ...images],
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/layers.ts')).layersCommand(subject, loaded, flags['layer']),
    [new Option('--layer <N>', 'this one only, with its packages and findings')],
  );
  define(
    program,
    'diff <before> <after>',
    'packages and findings that came, went or changed',
    ['output', 'failOn', 'allow', ...images],
    async (loaded, [before = '', after = '']) =>
      (await import('./commands/diff.ts')).diffCommand(before, after, loaded),
  );
  define(
    program,
    'doctor',
    'what is configured, stale and missing, and how to fix it',
    ['output', 'db', 'maxAgeDays', 'cache', 'caFile', 'authFile', 'offline', 'timeoutSeconds', 'quiet'],
    async (loaded, _, flags) => (await import('./commands/doctor.ts')).doctorCommand(loaded, flags['online'] === true),
    [
      new Option(
        '--online',
        'also ask whether registries with a login and the publishers of advisory data can be reached',
      ),
    ],
  );
  const completion = define(
    program,
    'completion',
    'makes a shell complete commands and flags',
    [],
    async (_, [shell = '']) => (await import('./commands/completion.ts')).completionCommand(program, shell),
  );
  completion.addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']));
  const man = define(
    program,
    'man',
    'the manual page of a command, for man',
    [],
    async (_, words, flags) => (await import('./commands/man.ts')).manCommand(program, words, flags['out']),
    [new Option('--out <DIR>', 'write every page into this folder')],
  );
  man.addArgument(new Argument('[command...]', 'the command; the program itself unless named'));
}
