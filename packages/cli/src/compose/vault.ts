// The vault behind `azurekms://`, opened only when such a key is named.
import { createKeyVault, type KeyVault } from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { registryOptions } from './registry.ts';

/** A vault that holds its connections until it is closed. */
export interface OpenVault extends KeyVault {
  close(): void;
}

/** Opens it with the identities and the network of registries; with `--offline` it refuses without a request. */
export function openVault(values: Settings, ctx: Context): OpenVault {
  let vault: OpenVault | undefined;
  return {
    open(name, key, choose) {
      if (values.offline === true) {
        const message = 'The network is off (--offline), so no key vault was asked.';
        return Promise.reject(new PlombeError('registry/unreachable', message, { remedy: 'Leave out --offline.' }));
      }
      if (vault === undefined) {
        const { entra, ...network } = registryOptions(values, process.env);
        vault = createKeyVault({ network, entra: entra ?? { identity: 'auto' } }, ctx);
      }
      return vault.open(name, key, choose);
    },
    close: () => vault?.close(),
  };
}
