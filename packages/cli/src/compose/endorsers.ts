// Who vouches for a signature besides its key: exactly the logs, authorities and time stamps that flags name.
import { createServiceClient, obtainTimestamp, readSmallFile, type Endorsers } from '@plombe/engine';
import { inert, isPlombeError, mebibyte, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { NetworkOptions } from '@plombe/oci';
import { parseCertificates, type Certificate } from '@plombe/pki';
import type { Signer } from '@plombe/trust';

/** The services of one command. */
export interface OpenEndorsers {
  /** Returns the signer to use, with a certificate where a token was given, and who vouches for it. Throws `config/invalid`, `service/…`. */
  endorse(named: Signer | undefined): Promise<{ readonly signer: Signer; readonly endorsers: Endorsers }>;
  close(): void;
}

type Flags = Readonly<Record<string, unknown>>;

/** A chain has three certificates of 2 KiB; a file with all public roots 220 KiB. */
const maxCertificateFileBytes = mebibyte;

/** Reads the flags; no service is asked before a signature is made. Throws `config/invalid`, `source/…`. */
export function openEndorsers(flags: Flags, network: NetworkOptions, ctx: Context): OpenEndorsers {
  const url = flags['timestampUrl'];
  const root = flags['timestampRoot'];
  if ((typeof url === 'string') !== (typeof root === 'string')) {
    throw new PlombeError('config/invalid', '--timestamp-url and --timestamp-root belong together.');
  }
  const authority =
    typeof url === 'string' && typeof root === 'string' ? { url, roots: readCertificates(root) } : undefined;
  const client = createServiceClient(network, ctx);
  return {
    close: () => client.close(),
    endorse: async (named) => {
      if (named === undefined) {
        throw new PlombeError('config/invalid', 'There is no key to sign with.', { remedy: 'Give it with --key.' });
      }
      if (authority === undefined) return { signer: named, endorsers: {} };
      return {
        signer: named,
        endorsers: {
          stamp: async (signature, hash) => [await obtainTimestamp(authority, signature, hash, client, ctx)],
        },
      };
    },
  };
}

/** Reads certificates in PEM. Throws `source/…`, `config/invalid` where there are none. */
export function readCertificates(path: string): readonly Certificate[] {
  const text = readSmallFile(path, 'The certificates', maxCertificateFileBytes).toString('latin1');
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('config/invalid', `${inert(path)} ${reason}`, { cause, remedy: 'Give certificates in PEM.' });
  try {
    const certificates = parseCertificates(text);
    if (certificates.length > 0) return certificates;
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    throw fail(`cannot be used: ${error.message}`, error);
  }
  throw fail('holds no certificate.');
}
