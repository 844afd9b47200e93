// Keys that `db update` has with publishers: from the environment, or from a file that a setting names; never from the command line.
import { PlombeError } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';
import { readSecret } from './secret-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the keys by the id of their feed: NVD's from `PLOMBE_NVD_API_KEY`, else from the file of `nvdApiKeyFile`. Throws `config/invalid`, without the
 * key, where it is none that can be sent.
 */
export function updateSecrets(values: Settings, environment: Environment): Readonly<Record<string, string>> {
  const given = environment['PLOMBE_NVD_API_KEY']?.trim() ?? '';
  if (given === '')
    return values.nvdApiKeyFile === undefined ? {} : { nvd: readSecret(values.nvdApiKeyFile, 'nvdApiKeyFile') };
  if (/^[\x21-\x7e]{1,200}$/.test(given)) return { nvd: given };
  throw new PlombeError('config/invalid', 'PLOMBE_NVD_API_KEY holds no key that can be sent.', {
    remedy: 'NVD gives keys at https://nvd.nist.gov/developers/request-an-api-key.',
  });
}
