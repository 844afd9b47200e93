// The vault behind `azurekms://`, opened only when such a key is named.
import type { KeyVault } from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';

/** A vault that holds its connections until it is closed. */
export interface OpenVault extends KeyVault {
  close(): void;
}

/** Opens it. */
export function openVault(_: Settings, __: Context): OpenVault {
  return {
    open: () => Promise.reject(new PlombeError('config/invalid', 'Keys of Azure Key Vault cannot be used yet.')),
    close: () => undefined,
  };
}
