// The fetch of `db update`: proxies and certificate authorities of the settings and the environment.
import { readFileSync } from 'node:fs';
import { setGlobalProxyFromEnv } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';

/** Prepares and returns `fetch`: `HTTPS_PROXY` and `NO_PROXY` hold, `--ca-file` and the system's authorities are trusted too. */
export function updateFetch(values: Settings): typeof globalThis.fetch {
  setGlobalProxyFromEnv();
  const more = (values.caFile ?? []).map((path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (thrown) {
      throw new PlombeError(
        'config/invalid',
        `The certificate file ${inert(path)} cannot be read: ${messageOf(thrown)}`,
      );
    }
  });
  setDefaultCACertificates([...getCACertificates('default'), ...getCACertificates('system'), ...more]);
  return globalThis.fetch;
}
