// `plombe completion`: prints what makes a shell complete this program's commands, flags and their values.
import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { describeProgram, type CompletedCommand } from '../completion/describe.ts';
import { fishCompletion } from '../completion/fish.ts';
import { powershellCompletion } from '../completion/powershell.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { print } from '../terminal/output.ts';

const shells: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
};

/** Prints the script. Returns 0. The parser lets no other shell through. */
export function completionCommand(program: Command, shell: string): number {
  print(shells[shell]?.(describeProgram(program)) ?? '');
  return 0;
}
