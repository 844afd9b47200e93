// The commands about fingerprints: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const settings = [
  'output',
  'platform',
  'offline',
  'timeoutSeconds',
  'plainHttp',
  'caFile',
  'authFile',
  'realmAllow',
  'quiet',
] as const;

/** Adds `fingerprint` and `fingerprint compare`. */
export function addFingerprintCommands(program: Command, define: Define): void {
  const fingerprint = define(
    program,
    'fingerprint <subject>',
    'hash every file of an image, as a container sees it',
    settings,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/fingerprint.ts')).fingerprintCommand(subject, loaded, flags),
    [new Option('--file <OUT>', 'where to write the list of all files')],
  );
  define(
    fingerprint,
    'compare <fingerprint> <subject>',
    'what was added, changed or removed since',
    settings,
    async (loaded, [document = '', subject = ''], flags) =>
      (await import('./commands/fingerprint.ts')).compareCommand(document, subject, loaded, flags),
    [
      new Option('--ignore <GLOB>', 'path that may differ, with all below it; may be given several times').argParser(
        (given: string, before: readonly string[] | undefined) => [...(before ?? []), given],
      ),
      new Option('--no-default-ignores', 'compare run-time paths of dir: and tar: too'),
    ],
  );
}
