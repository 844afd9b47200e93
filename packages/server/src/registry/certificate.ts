// Certificate and key of a listener, looked at before it starts: clients would tell of a mistake in them, and nobody else.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';

/** Files in PEM; the certificate's chain is leaf first. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Throws `config/invalid` where one of them cannot be read, or they do not belong together. */
export function requireKeyPair({ certPem, keyPem }: KeyPair): void {
  const leaf = parsed('certificate (--tls-cert)', 'PEM with the leaf first, then its chain.', () => {
    return new X509Certificate(certPem);
  });
  const key = parsed('key (--tls-key)', 'PEM without a passphrase: openssl pkey -in KEY -out PLAIN.', () => {
    return createPrivateKey(keyPem);
  });
  if (leaf.checkPrivateKey(key)) return;
  throw new PlombeError('config/invalid', 'The key (--tls-key) is not that of the first certificate (--tls-cert).', {
    remedy: 'Give the key that the certificate was made for, and a chain that begins with the leaf.',
  });
}

function parsed<T>(what: string, remedy: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new PlombeError('config/invalid', `The ${what} cannot be used: ${messageOf(cause)}`, {
      cause,
      remedy: `It must be ${remedy}`,
    });
  }
}

/** Tells the log where no client will believe the certificate by its dates. It is served all the same: who renews it must be able to reach the server. */
export function tellOfDates({ certPem }: KeyPair, { clock, log }: Pick<Context, 'clock' | 'log'>): void {
  const { validFromDate, validToDate } = new X509Certificate(certPem);
  const nowMs = clock.nowMs();
  const dates = { from: validFromDate.toISOString(), to: validToDate.toISOString() };
  if (nowMs > validToDate.getTime()) log.warn('tls.certificate-expired', dates);
  else if (nowMs < validFromDate.getTime()) log.warn('tls.certificate-not-yet-valid', dates);
}
