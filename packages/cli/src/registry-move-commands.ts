// The commands that move single images of registries of others: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import { connecting, repeated } from './registry-view-commands.ts';
import type { Define } from './trust-commands.ts';

const shared = ['output', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow', 'offline', 'quiet'] as const;
const judging = [...shared, 'db', 'maxAgeDays', 'platform', 'allPlatforms', 'cache'] as const;

const custody = (): readonly Option[] => [
  new Option('--reason <TEXT>', 'why, for the record'),
  new Option('--ledger <DIR>', 'record it in this ledger'),
];

/** Adds `registry quarantine`, `release` and `promote`. */
export function addRegistryMoveCommands(registry: Command, define: Define): void {
  define(
    registry,
    'quarantine <image>',
    'take an image out of reach, reversibly',
    shared,
    async (loaded, [image = ''], flags) =>
      (await import('./commands/registry-move.ts')).moveCommand('quarantine', image, loaded, flags),
    [...connecting(), ...custody()],
  );
  define(
    registry,
    'release <image>',
    'give an image in quarantine back',
    shared,
    async (loaded, [image = ''], flags) =>
      (await import('./commands/registry-move.ts')).moveCommand('release', image, loaded, flags),
    [...connecting(), ...custody()],
  );
  define(
    registry,
    'promote <image>',
    'copy an image with its signatures to another repository of its registry',
    judging,
    async (loaded, [image = ''], flags) =>
      (await import('./commands/registry-move.ts')).moveCommand('promote', image, loaded, flags),
    [
      ...connecting(),
      new Option('--to <REPOSITORY>', 'where to: a repository of the same registry').makeOptionMandatory(),
      repeated('--tag <TAG>', 'its tags there; default: those it has; may be repeated'),
      repeated('--policy <FILE>', 'only where this policy allows it; may be repeated'),
      ...custody(),
    ],
  );
}
