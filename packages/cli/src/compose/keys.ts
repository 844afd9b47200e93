// Where keys and passphrases come from in this process: files, variables of the environment, Azure Key Vault.
import type { KeySources, KeyVault } from '@plombe/engine';

/** `PLOMBE_KEY_PASSWORD`, else `COSIGN_PASSWORD`; an empty one is one. Undefined where neither is set. */
export function keyPassphrase(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment['PLOMBE_KEY_PASSWORD'] ?? environment['COSIGN_PASSWORD'];
}

/** Returns the sources. Without a passphrase the empty one is tried, since nobody is ever asked. */
export function keySources(environment: Readonly<Record<string, string | undefined>>, vault: KeyVault): KeySources {
  return {
    variable: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    passphrase: keyPassphrase(environment) ?? '',
    vault,
  };
}
