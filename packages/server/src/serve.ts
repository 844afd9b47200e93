// The composition of the server: store, accounts, gate and protocol on one listener.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import {
  defaultRules,
  lockFolder,
  openDatabase,
  openFolderBlobs,
  openRegistry,
  removeLeftovers,
  registryMigrations,
  rememberBlobs,
  type BlobStore,
  type Database,
  type Migration,
  type RegistryRules,
  type RegistryStore,
} from '@plombe/store';
import { openAccounts, type AccountsOptions } from './accounts/accounts.ts';
import { accountMigrations } from './accounts/tables.ts';
import { metricsEndpoint } from './metrics/endpoint.ts';
import { createServerMetrics, type ServerMetrics } from './metrics/server-metrics.ts';
import { acceptAll } from './registry/accept-all.ts';
import { requireKeyPair, tellOfDates, type KeyPair } from './registry/certificate.ts';
import type { Patience } from './registry/exchange.ts';
import { listen, type ListenOptions } from './registry/listener.ts';
import { startMaintenance } from './registry/maintenance.ts';
import type { Authenticator, Gate } from './registry/ports.ts';
import { createRegistry } from './registry/registry.ts';
import { upstreamMigrations } from './upstream/known.ts';
import { replicationMigrations } from './upstream/replication/queue.ts';
import { openReplication, type ReplicationOptions } from './upstream/replication/replicate.ts';
import { openUpstream, type UpstreamOptions } from './upstream/upstream.ts';

/** What a gate is made of. */
export interface GateParts {
  /** The registry's state, also what is in quarantine. */
  readonly store: RegistryStore;
  readonly db: Database;
  /** Folder of the state; the gate's keys are in `keys/` below it. */
  readonly folder: string;
  /** `REGISTRY/REPOSITORY` that a repository is a copy of; nothing can be pushed to it here. */
  readonly copyOf?: (repository: string) => string | undefined;
}

/** A gate with its tables. */
export interface GatePlug {
  readonly migrations: readonly Migration[];
  open(parts: GateParts, ctx: Context): Promise<Gate & { close?(): Promise<void> | void }>;
}

/** What `plombe serve` was asked for; checked by the command. */
export interface ServeOptions extends ListenOptions {
  /** Folder with the state; made, with mode 0700, where there is none. */
  readonly folder: string;
  readonly anonymous: 'none' | 'pull';
  /** `https://host[:port]` that clients use, where that is not what they send as Host. */
  readonly publicUrl?: string;
  /** Where people log in, and how that is reached. */
  readonly people?: Pick<AccountsOptions, 'oidc' | 'network'>;
  readonly rules?: RegistryRules;
  /** Where the blobs are, where that is not the folder; the database has remembered it. */
  readonly openBlobs?: (folder: string, db: Database) => Promise<BlobStore>;
  /** Absent: everything that is pushed is visible. */
  readonly gate?: GatePlug;
  /** Instead of the accounts in the database, for tests. */
  readonly authenticator?: Authenticator;
  readonly patience?: Partial<Patience>;
  /** Where `GET /metrics` is answered; absent: nowhere. */
  readonly metrics?: ListenOptions;
  /** Registries behind this one; absent: everything lies here. */
  readonly upstream?: UpstreamOptions;
  /** Registries that what can be seen here is copied to. */
  readonly replication?: ReplicationOptions;
}

/** A running server. */
export interface RunningServer {
  /** `http://127.0.0.1:5000`, with the real port. */
  readonly url: string;
  /** Serves a renewed certificate from now on. Throws `config/invalid`, and keeps the one before, where it cannot be used. */
  renewCertificate(pair: KeyPair): void;
  /** Takes no new connections, finishes the requests that run within some seconds, closes the store. */
  close(): Promise<void>;
}

/** Orchestrators kill half a minute after they ask to end. */
const drainMs = 20_000;

/**
 * Starts the server and resolves once it accepts requests. Throws `store/unusable` where another server uses the folder, `config/invalid` where the
 * address or certificate cannot be used.
 */
export async function startServer(options: ServeOptions, ctx: Context): Promise<RunningServer> {
  if (options.openBlobs !== undefined && options.upstream !== undefined) {
    throw new PlombeError('config/invalid', '--blobs does not go with --upstream or a cache.', {
      remedy: 'In front of another registry blobs lie there, and only a spool in the folder.',
    });
  }
  const { folder, rules = defaultRules, gate: plug, patience = {} } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    if (options.tls !== undefined) {
      requireKeyPair(options.tls);
      tellOfDates(options.tls, ctx);
    }
    prepareFolder(folder);
    const lock = lockFolder(join(folder, 'lock.db'));
    closers.push(() => lock.release());
    const migrations = [
      ...registryMigrations,
      ...accountMigrations,
      ...upstreamMigrations,
      ...replicationMigrations,
      ...(plug?.migrations ?? []),
    ];
    const db = openDatabase(join(folder, 'state.db'), migrations);
    closers.push(() => db.close());
    const blobs = await (options.openBlobs ?? openOwnBlobs)(folder, db);
    const behind =
      options.upstream === undefined ? undefined : openUpstream(options.upstream, { db, local: blobs, rules }, ctx);
    closers.push(() => behind?.close());
    // It would name blobs that lie elsewhere.
    const keepsLayout = options.upstream?.links.every(({ prefix }) => prefix !== undefined) ?? true;
    const own = await openRegistry({ db, blobs: behind?.blobs ?? blobs, folder, rules, clock: ctx.clock, keepsLayout });
    closers.push(() => own.close());
    const front = behind?.front(own) ?? own;
    const replication = options.replication === undefined ? undefined : openReplication(options.replication, db, ctx);
    const store = replication?.watch(front) ?? front;
    await removeLeftovers(db, blobs);
    const metrics = createServerMetrics();
    const accounts = options.authenticator ?? openServerAccounts(options, db, ctx, closers);
    const authenticator = metrics.watchAuthenticator(accounts);
    const gate = metrics.watchGate(
      plug === undefined
        ? acceptAll
        : await openGate(
            plug,
            { store, db, folder, ...(behind === undefined ? {} : { copyOf: behind.copyOf }) },
            ctx,
            closers,
          ),
    );
    const judging = behind?.port(gate, plug !== undefined) ?? { gate };
    replication?.start(store, gate);
    closers.push(() => replication?.close());
    const registry = createRegistry({ store, authenticator, rules, patience, ...judging }, ctx);
    const maintenance = startMaintenance({ db, blobs, store: own, rules, uploads: registry.uploads }, ctx);
    closers.push(() => maintenance.stop());
    metrics.watch({ gate, uploads: registry.uploads });
    if (options.metrics !== undefined) closers.push(await openMetrics(metrics, options.metrics, ctx));
    const listener = await listen(metrics.watchRequests(registry.listener), options, metrics);
    closers.push(() => listener.close(drainMs));
    return {
      url: listener.url,
      renewCertificate: (pair) => {
        listener.renew(pair);
        tellOfDates(pair, ctx);
      },
      close: () => {
        registry.drain();
        return closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function openOwnBlobs(folder: string, db: Database): Promise<BlobStore> {
  rememberBlobs(db, undefined);
  return Promise.resolve(openFolderBlobs(folder));
}

type Closers = (() => Promise<void> | void)[];

async function openGate(plug: GatePlug, parts: GateParts, ctx: Context, closers: Closers): Promise<Gate> {
  const gate = await plug.open(parts, ctx);
  closers.push(() => gate.close?.());
  return gate;
}

async function openMetrics(
  metrics: ServerMetrics,
  where: ListenOptions,
  { log }: Context,
): Promise<() => Promise<void>> {
  const endpoint = await listen(metricsEndpoint(metrics), where);
  log.info('metrics.listening', { url: `${endpoint.url}/metrics` });
  return () => endpoint.close(0);
}

function openServerAccounts(
  { folder, anonymous, publicUrl, people }: ServeOptions,
  database: Database,
  ctx: Context,
  closers: Closers,
): Authenticator {
  const accounts = openAccounts(
    { data: folder, database, anonymous, ...people, ...(publicUrl === undefined ? {} : { publicUrl }) },
    ctx,
  );
  closers.push(() => accounts.close());
  return accounts;
}

function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    // Keys, accounts and images of all repositories are nobody else's to read.
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw new PlombeError('store/unusable', `The folder of the server cannot be made: ${messageOf(cause)}`, { cause });
  }
}
