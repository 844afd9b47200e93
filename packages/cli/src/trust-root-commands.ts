// The commands about trusted roots: their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

/** Adds `trust-root`. */
export function addTrustRootCommands(program: Command, define: Define): void {
  const trustRoot = program.command('trust-root').description("Sigstore's trusted roots");
  define(
    trustRoot,
    'update',
    'fetch the trusted root over TUF, and write it for --trusted-root',
    ['output', 'offline', 'timeoutSeconds', 'caFile', 'quiet'],
    async (loaded, _, flags) => (await import('./commands/trust-root.ts')).updateTrustRoot(loaded, flags),
    [
      new Option('--mirror <URL>', "TUF repository; default: Sigstore's public-good instance"),
      new Option('--root <FILE>', 'root.json that is trusted beforehand; needed with --mirror'),
      new Option('--out <FILE>', 'where to write trusted_root.json'),
      new Option('--signing-config <FILE>', 'where to write signing_config.json; a repository without one is refused'),
    ],
  );
  define(
    trustRoot,
    'show [file]',
    'the logs and authorities of a trusted root, with their validity',
    ['output'],
    async (loaded, [file]) => (await import('./commands/trust-root.ts')).showTrustRoot(loaded, file),
  );
}
