// The vault behind `azurekms://`, opened only when such a key is named.
import { createKeyVault, type KeyVault } from '@plombe/engine';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { networkOptions, requireNetwork } from './subject-registry.ts';

/** A vault that holds its connections until it is closed. */
export interface OpenVault extends KeyVault {
  close(): void;
}

/** Returns the vaults of this process's Entra identities; nothing is asked, no setting read, before a key is opened. */
export function openVault(values: Settings, ctx: Context): OpenVault {
  let opened: OpenVault | undefined;
  return {
    open: async (vault, key, choose) => {
      requireNetwork(values);
      const network = networkOptions(values);
      opened ??= createKeyVault({ network, entra: network.entra ?? { identity: 'auto' } }, ctx);
      return opened.open(vault, key, choose);
    },
    close: () => opened?.close(),
  };
}
