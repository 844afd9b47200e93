// The commands about accounts of the embedded registry: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const data = (): Option => new Option('--data <DIR>', 'folder of the server').makeOptionMandatory();

/** Adds `robots`, `roles`, `people`, `login`, `logout`. */
export function addAccountCommands(program: Command, define: Define): void {
  addRobots(program, define);
}

function addRobots(program: Command, define: Define): void {
  const robots = program.command('robots').description('accounts of programs, for named repositories, that always end');
  define(
    robots,
    'create <name>',
    'make one, and print its password once',
    ['output'],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/robots.ts')).createRobotCommand(name, loaded, flags),
    [
      data(),
      new Option(
        '--repository <GLOB...>',
        'team/app, team/*, team/** or *; may be given several times',
      ).makeOptionMandatory(),
      new Option('--actions <ACTIONS>', 'any of pull,push,delete,sign').makeOptionMandatory(),
      new Option('--expires <TIME>', 'when it ends: 30m, 1h, 90d; at most 365d').makeOptionMandatory(),
    ],
  );
  define(
    robots,
    'list',
    'all there are and were, without secrets',
    ['output'],
    async (loaded, _, flags) => (await import('./commands/robots.ts')).listRobotsCommand(loaded, flags),
    [data()],
  );
  define(
    robots,
    'revoke <name>',
    'end one at once, with every token it was given',
    ['output'],
    async (loaded, [name = ''], flags) =>
      (await import('./commands/robots.ts')).revokeRobotCommand(name, loaded, flags),
    [data()],
  );
}
