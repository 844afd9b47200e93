// Scanners of Harbor: Plombe as one of them, and others asked by Plombe. Their flags, and which module runs them.
import { Option, type Command } from 'commander';
import type { Define } from './trust-commands.ts';

const serving = (): readonly Option[] => [
  new Option('--listen <ADDRESS:PORT>', 'where to listen; port 0 takes a free one').makeOptionMandatory(),
  new Option(
    '--registry <URL...>',
    'registries that may be asked, as Harbor names them; no other is',
  ).makeOptionMandatory(),
  new Option('--plain-http', 'serve http; on loopback addresses only'),
  new Option('--allow-remote-plain-http', 'with --plain-http: on any address, behind a proxy that speaks TLS'),
  new Option('--tls-cert <PEM>', 'certificate chain, leaf first'),
  new Option('--tls-key <PEM>', 'private key of the certificate'),
  new Option(
    '--token-file <FILE>',
    'tokens that let Harbor in, one in a line; needed where not only this machine can call',
  ),
  new Option('--parallel <N>', 'scans at the same time; 2'),
];

const asking = (): readonly Option[] => [
  new Option('--plain-http', "speak plain http with the subject's registry; the scanner is told so too"),
  new Option('--token-file <FILE>', 'login at the scanner, as --auth says'),
  new Option('--auth <KIND>', 'how: bearer, basic (the file holds USER:PASSWORD), api-key')
    .choices(['bearer', 'basic', 'api-key'])
    .default('bearer'),
  new Option('--registry-url <URL>', 'address of the registry as the scanner reaches it, where that is another'),
  new Option(
    '--registry-authorization-file <FILE>',
    'value of Authorization that the scanner gets for the registry; it leaves this machine',
  ),
];

/** Adds `scanner-adapter`, and `scan-with` to `registry`. */
export function addScannerCommands(program: Command, define: Define): void {
  define(
    program,
    'scanner-adapter',
    'a scanner for Harbor: the scanner adapter API 1.2',
    ['db', 'cache', 'maxAgeDays', 'caFile', 'realmAllow'],
    async (loaded, _, flags) =>
      (await import('./commands/scanner-adapter.ts')).scannerAdapterCommand(loaded.values, flags),
    serving(),
  );
  const registry =
    program.commands.find((command) => command.name() === 'registry') ??
    program.command('registry').description('registries: this one, and others');
  define(
    registry,
    'scan-with <url> <subject>',
    'ask a scanner of Harbor about an image; what it says stays its own',
    ['output', 'failOn', 'allow', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow'],
    async (loaded, [url = '', subject = ''], flags) =>
      (await import('./commands/scan-with.ts')).scanWithCommand(url, subject, loaded, flags),
    asking(),
  );
}
