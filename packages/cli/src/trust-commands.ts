// The commands about signatures: their flags, and which module runs them.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LoadedSettings } from './settings/load.ts';
import type { SettingKey } from './settings/settings.ts';

/** How a command is added to the program; see `program.ts`. */
export type Define = (
  parent: Command,
  name: string,
  about: string,
  keys: readonly SettingKey[],
  action: (loaded: LoadedSettings, args: string[], flags: Record<string, unknown>) => Promise<number>,
  own?: readonly Option[],
) => Command;

const shared = ['output', 'timeoutSeconds', 'caFile', 'authFile', 'realmAllow', 'quiet'] as const;

/** The bare form: the subject's own registry. Commands that ask several registries have `--plain-http HOST`. */
const plainHttp = (): Option => new Option('--plain-http', "speak plain http with the subject's registry");
const key = (): Option => new Option('--key <KEY>', 'private key: a PEM file, env://NAME or azurekms://VAULT/KEY');
const pluginConfig = (): Option =>
  repeated('--plugin-config <K=V>', 'setting for plugins of notation; may be given several times');
const annotation = (about: string): Option => repeated('-a, --annotation <K=V>', about);

const endorsers = (): readonly Option[] => [
  new Option('--signing-config <FILE>', 'Sigstore signing configuration: which logs and authorities to use'),
  new Option('--trusted-root <FILE>', 'Sigstore trusted root that their answers are checked with'),
  new Option('--identity-token <FILE>', 'OpenID token to get a certificate for; needs a signing configuration'),
  new Option('--timestamp-url <URL>', 'RFC 3161 authority to ask for a time stamp'),
  new Option('--timestamp-root <PEM>', 'certificates that its time stamps are checked with'),
];

/** The flags of `scan` that make inventory and result signed statements and custody records. */
export const scanRecording = (): readonly Option[] => [
  new Option('--attest', 'sign inventory and result as attestations beside the image; needs --key'),
  key(),
  new Option('--format <FORMAT>', 'where and how attestations are kept').choices(['bundle', 'tag']),
  ...endorsers(),
  new Option('--record', 'add inventory and scan to the chain of custody; needs --ledger'),
  new Option('--ledger <DIR>', 'folder of the ledger'),
];

/** The flags of `policy check` that make its decision signed statements. */
export const decisionAttesting = (): readonly Option[] => [
  new Option('--attest', 'sign the decision as attestations beside the image; needs --key'),
  key(),
  new Option('--format <FORMAT>', 'where and how attestations are kept').choices(['bundle', 'tag']),
  ...endorsers(),
];

const requirements = (): readonly Option[] => [
  repeated('--key <PUB>', 'public key that must have signed; may be given several times, any of them counts'),
  new Option('--certificate-identity <X>', 'email address or URI that the certificate must name'),
  new Option('--certificate-identity-regexp <RE>', 'pattern that it must match as a whole'),
  new Option('--certificate-oidc-issuer <Y>', 'issuer that the certificate must name'),
  new Option('--trusted-root <FILE>', 'Sigstore trusted root: authorities, logs, time stamps'),
  new Option('--trust-policy <FILE>', "Notation's trustpolicy.json"),
  new Option('--trust-store <DIR>', "Notation's folder that holds x509"),
  new Option('--policy <FILE>', 'Plombe policy whose signature and attestation rules must hold'),
  annotation('annotation that must be signed; may be given several times'),
  new Option('--threshold <N>', 'distinct signers that must have signed').argParser(countOf),
  new Option('--require-log', 'a trusted log must hold the signature'),
  new Option('--require-timestamp', 'a trusted authority must have stamped the signature'),
  plainHttp(),
];

/** Adds `keys`, `sign`, `attest`, `verify`, `verify-attestation`. */
export function addTrustCommands(program: Command, define: Define): void {
  const keys = program.command('keys').description('key pairs to sign with');
  define(
    keys,
    'generate',
    "make a key pair in cosign's format",
    ['quiet'],
    async (loaded, _, flags) => (await import('./commands/keys.ts')).generateKeys(loaded.values, flags),
    [
      new Option('--type <TYPE>', 'ecdsa-p256, ecdsa-p384, ed25519 or rsa-3072').default('ecdsa-p256'),
      new Option('--out <PREFIX>', 'writes PREFIX.key and PREFIX.pub').makeOptionMandatory(),
    ],
  );
  define(
    keys,
    'public',
    'print the public key',
    ['timeoutSeconds', 'caFile', 'quiet'],
    async (loaded, _, flags) => (await import('./commands/keys.ts')).printPublicKey(loaded.values, flags),
    [key().makeOptionMandatory()],
  );
  define(
    program,
    'sign <subject>',
    'sign the digest of an image, beside it in its registry',
    shared,
    async (loaded, [subject = ''], flags) => (await import('./commands/sign.ts')).signCommand(subject, loaded, flags),
    [
      new Option(
        '--key <KEY>',
        'private key: a PEM file, env://NAME, azurekms://VAULT/KEY; for jws and cose plugin://NAME/KEYID',
      ),
      pluginConfig(),
      new Option('--format <FORMAT>', 'where and how').choices(['bundle', 'tag', 'jws', 'cose']).default('bundle'),
      annotation('annotation to sign with the digest; may be given several times'),
      new Option('--cert-chain <PEM>', 'certificate chain of the key, leaf first, for jws and cose'),
      new Option('--expires-in <TIME>', 'time until the signature is void, for jws and cose: 30m, 24h, 90d'),
      ...endorsers(),
      plainHttp(),
    ],
  );
  define(
    program,
    'attest <subject>',
    'sign a statement about an image',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/attest.ts')).attestCommand(subject, loaded, flags),
    [
      key(),
      new Option('--type <TYPE>', 'slsaprovenance1, spdxjson, cyclonedx, vuln, custom or a URI').makeOptionMandatory(),
      new Option('--predicate <FILE>', 'the predicate as JSON').makeOptionMandatory(),
      new Option('--format <FORMAT>', 'where and how').choices(['bundle', 'tag']).default('bundle'),
      ...endorsers(),
      plainHttp(),
    ],
  );
  define(
    program,
    'verify <subject...>',
    'is it signed by whom it must be',
    shared,
    async (loaded, subjects, flags) => (await import('./commands/verify.ts')).verifyCommand(subjects, loaded, flags),
    [
      ...requirements(),
      pluginConfig(),
      new Option('--bundle <FILE>', 'a Sigstore bundle over the files or sha256:HEX named, without any registry'),
    ],
  );
  define(
    program,
    'verify-attestation <subject>',
    'is there a statement of this type by whom it must be',
    shared,
    async (loaded, [subject = ''], flags) =>
      (await import('./commands/verify-attestation.ts')).verifyAttestationCommand(subject, loaded, flags),
    [
      ...requirements(),
      new Option('--type <TYPE>', 'slsaprovenance1, spdxjson, cyclonedx, vuln, custom or a URI').makeOptionMandatory(),
    ],
  );
}

function repeated(flags: string, about: string): Option {
  return new Option(flags, about).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    given,
  ]);
}

function countOf(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number from 1.');
}
