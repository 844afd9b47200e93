// The composition of the server: store, accounts, gate and protocol on one listener.
import type { Context } from '@plombe/model';

export interface TlsFiles {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What `plombe serve` was asked for; checked by the command. */
export interface ServeOptions {
  /** Folder with the state; made where there is none. */
  readonly folder: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Absent: plain http. */
  readonly tls?: TlsFiles;
  readonly anonymous: 'none' | 'pull';
}

/** A running server. */
export interface RunningServer {
  /** `http://127.0.0.1:5000`, with the real port. */
  readonly url: string;
  /** Takes no new requests, finishes those that run within some seconds, closes the store. */
  close(): Promise<void>;
}

/**
 * Starts the server and resolves once it accepts requests. Composition, in this order: lock and database (with the migrations of registry, accounts
 * and gate), registry store, authenticator, gate over the store, protocol, listener. Throws `store/unusable` where another server uses the folder.
 */
export declare function startServer(options: ServeOptions, ctx: Context): Promise<RunningServer>;
