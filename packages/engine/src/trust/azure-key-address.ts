// Where a key of Azure Key Vault is: the only hosts that ever get a token for vaults (T31).
import { PlombeError, inert } from '@plombe/kit';

export interface KeyAddress {
  readonly host: string;
  /** Whom a token must be for: each cloud has one. */
  readonly audience: string;
  readonly name: string;
  /** `/keys/NAME`, or `/keys/NAME/VERSION`. */
  readonly path: string;
}

/** Vaults have 3 to 24 letters, digits and hyphens; clouds: public, US government, China. */
const vaultHost =
  /^([a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,22}[a-z0-9])(?:\.vault\.(azure\.net|usgovcloudapi\.net|azure\.cn))?$/;

/**
 * Reads the parts of `azurekms://VAULT/KEY[/VERSION]`; VAULT is a name of the public cloud or a whole host name. Throws
 * `config/invalid` for every other host, so that no token leaves for it.
 */
export function keyAddress(vault: string, key: string): KeyAddress {
  const [, name, cloud = 'azure.net'] = vaultHost.exec(vault.toLowerCase()) ?? [];
  const [, keyName, version] = /^([A-Za-z0-9-]{1,127})(?:\/([0-9a-f]{32}))?$/.exec(key) ?? [];
  if (name === undefined || keyName === undefined) {
    throw new PlombeError(
      'config/invalid',
      `azurekms://${inert(vault)}/${inert(key)} names no key of an Azure Key Vault.`,
      {
        remedy: 'Write azurekms://VAULT/KEY with the name of the vault or its host name VAULT.vault.azure.net.',
      },
    );
  }
  return {
    host: `${name}.vault.${cloud}`,
    audience: `https://vault.${cloud}`,
    name: keyName,
    path: `/keys/${keyName}${version === undefined ? '' : `/${version}`}`,
  };
}
