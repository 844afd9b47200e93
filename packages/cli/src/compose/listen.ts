// Where a server listens and how: the flags `--listen`, `--plain-http`, `--tls-cert` and `--tls-key`, checked.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { inert, messageOf, PlombeError } from '@plombe/kit';

type Flags = Readonly<Record<string, unknown>>;

/** Address, and certificate with key where TLS is spoken. */
export interface ListenFlags {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
}

/** Reads the flags; `flag` is what `listen` was written as. Throws `config/invalid`: plain http is for loopback addresses, unless `--allow-remote-plain-http` says otherwise. */
export function listenOptions(flags: Flags, flag = '--listen'): ListenFlags {
  const { host, port } = listenAddress(String(flags['listen']), flag);
  const tls = tlsOf(flags);
  if (tls === undefined && !isLoopback(host) && flags['allowRemotePlainHttp'] !== true) {
    throw invalid(
      `--plain-http is for loopback addresses, and ${inert(host)} is none.`,
      'Serve TLS, or add --allow-remote-plain-http behind a proxy that does.',
    );
  }
  return { host, port, ...(tls === undefined ? {} : { tls }) };
}

/** `127.0.0.1:5000`, `[::1]:5000`, `localhost:0`. */
function listenAddress(text: string, flag: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535 && (bracketed === undefined || isIP(bracketed) === 6)) return { host, port };
  throw invalid(`${flag} ${inert(text)} is no ADDRESS:PORT.`, 'Write 127.0.0.1:5000, [::1]:5000 or 0.0.0.0:443.');
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Reads certificate and key of `--tls-cert` and `--tls-key`; undefined with `--plain-http`. Throws `config/invalid`. */
export function tlsOf(flags: Flags): ListenFlags['tls'] {
  const { tlsCert: cert, tlsKey: key } = flags;
  if (flags['plainHttp'] === true) {
    if (cert === undefined && key === undefined) return undefined;
    throw invalid('--plain-http and --tls-cert exclude each other.', 'Give one of them.');
  }
  if (typeof cert !== 'string' || typeof key !== 'string') {
    throw invalid(
      'The server needs --tls-cert and --tls-key, or --plain-http.',
      'Give both files, or --plain-http on a loopback address.',
    );
  }
  return { certPem: readPem(cert, '--tls-cert'), keyPem: readPem(key, '--tls-key') };
}

function readPem(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(`${flag} ${inert(path)} cannot be read: ${messageOf(cause)}`, 'Check path and permissions.');
  }
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}
