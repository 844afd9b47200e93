// The fetch of `db update`: proxies and certificate authorities of the settings and the environment.
import { readFileSync } from 'node:fs';
import { setGlobalProxyFromEnv } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';
import { certificateFiles } from './certificates.ts';

/**
 * Prepares and returns `fetch`: `HTTPS_PROXY` and `NO_PROXY` hold; `--ca-file`, `SSL_CERT_FILE` and the system's authorities are trusted
 * too. Throws `config/invalid` for a file that is no certificate.
 */
export function updateFetch(values: Settings): typeof globalThis.fetch {
  setGlobalProxyFromEnv();
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  for (const path of certificateFiles(values, process.env)) {
    try {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('-----BEGIN ')) throw new Error('it holds no PEM certificate');
      known.push(text);
      setDefaultCACertificates(known);
    } catch (thrown) {
      throw new PlombeError(
        'config/invalid',
        `The certificate file ${inert(path)} cannot be used: ${messageOf(thrown)}`,
        { cause: thrown },
      );
    }
  }
  setDefaultCACertificates(known);
  return globalThis.fetch;
}
