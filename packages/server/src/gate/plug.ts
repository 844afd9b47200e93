// The gate as the server's composition takes it: its tables, and how it is opened over the registry's state.
import { join } from 'node:path';
import type { Context } from '@plombe/model';
import type { GateParts, GatePlug } from '../serve.ts';
import { gateMigrations } from './decisions.ts';
import { openGate, type GateOptions, type GateService } from './gate.ts';
import type { PoolOptions } from './scanner/pool.ts';

/** What the command was asked for. */
export interface GatePlugOptions extends Omit<GateOptions, 'store' | 'database' | 'keys' | 'scans' | 'copyOf'> {
  /** Its command gets `--cache DIR` besides. Absent: layers are read at the manifest, in this process. */
  readonly scanner?: PoolOptions;
  /** Layer records of all images; `cache/` in the server's folder unless set. */
  readonly cacheDirectory?: string;
  readonly cacheMaxBytes?: number;
}

/** A plug that remembers the gate it opened. */
export interface OpenedGatePlug extends GatePlug {
  /** Undefined before it was opened. */
  gate(): GateService | undefined;
}

/** Returns the plug for `startServer`. Opening throws as `openGate`. */
export function gatePlug(options: GatePlugOptions): OpenedGatePlug {
  let opened: GateService | undefined;
  return {
    migrations: gateMigrations,
    gate: () => opened,
    open: async ({ store, db, folder, copyOf }: GateParts, ctx: Context) => {
      const { scanner, cacheDirectory = join(folder, 'cache'), cacheMaxBytes } = options;
      opened = await openGate(
        {
          ...options,
          store,
          ...(copyOf === undefined ? {} : { copyOf }),
          database: db,
          keys: join(folder, 'keys'),
          scans: {
            cache: { cacheDirectory, ...(cacheMaxBytes === undefined ? {} : { cacheMaxBytes }) },
            // Blobs that lie elsewhere are read by the server itself.
            blobPath: (digest) =>
              store.blobs.local === undefined && store.blobs.fetch === undefined
                ? undefined
                : join(folder, 'layout', 'blobs', ...digest.split(':', 2)),
            fetchBlobs: async (repository, digests) => (await store.blobs.fetch?.(repository, digests)) === true,
            releaseBlobs: (digests) => store.blobs.release?.(digests),
            ...(scanner === undefined
              ? {}
              : { pool: { ...scanner, command: [...scanner.command, '--cache', cacheDirectory] } }),
          },
        },
        ctx,
      );
      return opened;
    },
  };
}
