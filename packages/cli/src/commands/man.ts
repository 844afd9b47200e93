// `plombe man`: the manual page of a command, or all of them as files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlombeError } from '@plombe/kit';
import type { Command } from 'commander';
import { documentedCommands, manualPage, pageName } from '../manual/page.ts';
import { print } from '../terminal/output.ts';

/** Prints the page of the command that the words name, or writes all into the folder of `--out`. Returns 0. Throws `config/invalid`. */
export function manCommand(program: Command, words: readonly string[], out: unknown): number {
  const commands = documentedCommands(program);
  if (typeof out === 'string') {
    mkdirSync(out, { recursive: true });
    for (const command of commands) writeFileSync(join(out, `${pageName(command)}.1`), manualPage(command));
    return 0;
  }
  const wanted = ['plombe', ...words.filter((word) => word !== 'plombe')].join('-');
  const command = commands.find((one) => pageName(one) === wanted);
  if (command === undefined) {
    throw new PlombeError('config/invalid', `There is no command "${words.join(' ')}".`, {
      remedy: 'plombe --help shows every command.',
    });
  }
  print(manualPage(command));
  return 0;
}
