// Where keys and passphrases come from in this process: files, variables of the environment, Azure Key Vault.
import type { KeySources, KeyVault } from '@plombe/engine';

/** Returns the sources. `PLOMBE_KEY_PASSWORD` comes before `COSIGN_PASSWORD`; an empty one is a passphrase too. */
export function keySources(environment: Readonly<Record<string, string | undefined>>, vault: KeyVault): KeySources {
  return {
    variable: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    passphrase: environment['PLOMBE_KEY_PASSWORD'] ?? environment['COSIGN_PASSWORD'],
    vault,
  };
}
