// Which certificate authorities are trusted: Node's own list, the system's, and the files that the user names.
import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { PlombeError, inert, mebibyte } from '@plombe/kit';

/** A bundle of every public authority has 0.3 MiB. */
const maxFileBytes = 16 * mebibyte;

/** Builds the trust for TLS. Throws `config/invalid` where a file cannot be read or holds no certificate. */
export async function loadTrust(caFiles: readonly string[]): Promise<SecureContext> {
  const extra: string[] = [];
  for (const path of caFiles) {
    const fail = (reason: string, cause?: unknown): PlombeError =>
      new PlombeError('config/invalid', `The certificate file ${inert(path)} ${reason}.`, { cause });
    let text: string;
    try {
      text = await readFile(path, 'latin1');
    } catch (cause) {
      throw fail('cannot be read', cause);
    }
    if (text.length > maxFileBytes) throw fail('is larger than 16 MiB');
    const found = text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g);
    if (found === null) throw fail('holds no PEM certificate');
    extra.push(...found);
  }
  const known = [...getCACertificates('bundled'), ...getCACertificates('system')];
  try {
    return createSecureContext({ ca: [...new Set([...known, ...extra])], minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new PlombeError('config/invalid', 'A certificate of the files given cannot be read.', { cause });
  }
}
