// The registries behind this one: which repository lies where, under which name, and how it is asked.
import {
  createRegistryClient,
  openTransport,
  type RegistryClient,
  type RegistryOptions,
  type Transport,
} from '@plombe/oci';
import type { Context } from '@plombe/model';
import { messageOf } from '@plombe/kit';
import { isLoginRefused, refusalOf, type Attempt } from './answers.ts';
import { createBreaker } from './breaker.ts';

/** One registry behind this one. */
export interface LinkOptions {
  /** `http` only on loopback addresses; the command checks that. */
  readonly origin: URL;
  /** Repositories below it lie there under the rest of their name; absent: all repositories that no other link has. */
  readonly prefix?: string;
  /** True: nothing is written there. */
  readonly isCache: boolean;
  /** For so long it is believed where a tag points to. */
  readonly tagTtlMs: number;
  /** True where digests with a valid decision are served also while the registry cannot be asked. */
  offline(repository: string): boolean;
  /** An answer waits so long for the first judgement of an image. */
  readonly waitMs: number;
}

/** A name in a registry behind this one. */
export interface FarPlace {
  readonly registry: string;
  readonly repository: string;
}

export interface Link extends LinkOptions {
  readonly registry: string;
  readonly client: RegistryClient;
  readonly transport: Transport;
  place(repository: string): FarPlace;
  /** Asks; failures are thrown as what the client is told, and at once while the registry is left alone. */
  call<T>(attempt: Attempt, work: () => Promise<T>): Promise<T>;
  /** As `call`, with failures as they are. */
  plainCall<T>(work: () => Promise<T>): Promise<T>;
  /** Milliseconds for which the registry is left alone yet. */
  restMs(): number;
}

export interface Links {
  /** Undefined: the repository lies here alone. */
  of(repository: string): Link | undefined;
  readonly all: readonly Link[];
  close(): void;
}

/** One more try for a connection that broke; everything else is the client's to try again, or a storm grows by each of us. */
const retry = { attempts: 2, baseMs: 250, maxWaitMs: 1000 } as const;
/** Somebody waits for the answer. */
const timeouts = { connectMs: 5000, headersMs: 60_000, idleMs: 30_000 } as const;
/** Several images are read at once. */
const connectionsPerHost = 16;
/** Docker's registry refuses also what it does not have, so this may happen with every request. */
const tellEveryMs = 60_000;

/** Opens links; the longest prefix wins. Credentials are those of `network`, never a client's. */
export function openLinks(options: readonly LinkOptions[], network: RegistryOptions, ctx: Context): Links {
  const closers: (() => void)[] = [];
  const all = options
    .toSorted((a, b) => (b.prefix ?? '').length - (a.prefix ?? '').length)
    .map((link) => openLink(link, network, ctx, closers));
  return {
    all,
    of: (repository) => all.find(({ prefix }) => prefix === undefined || repository.startsWith(`${prefix}/`)),
    close: () => {
      for (const close of closers) close();
    },
  };
}

function openLink(options: LinkOptions, network: RegistryOptions, ctx: Context, closers: (() => void)[]): Link {
  const { origin, prefix } = options;
  const registry = origin.host;
  const settings: RegistryOptions = {
    ...network,
    plainHttp: origin.protocol === 'http:' ? [registry] : [],
    retry,
    timeouts,
    connectionsPerHost,
  };
  const client = createRegistryClient(settings, ctx);
  const transport = openTransport(settings, ctx);
  closers.push(
    () => client.close(),
    () => transport.close(),
  );
  const breaker = createBreaker(ctx.clock);
  let toldMs = -Infinity;
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await breaker.run(work);
    } catch (error) {
      const nowMs = ctx.clock.nowMs();
      if (isLoginRefused(error) && Math.abs(nowMs - toldMs) >= tellEveryMs) {
        toldMs = nowMs;
        ctx.log.warn('upstream.login-refused', { registry, cause: messageOf(error) });
      }
      throw error;
    }
  };
  return {
    ...options,
    registry,
    client,
    transport,
    restMs: () => breaker.restMs(),
    place: (repository) => ({
      registry,
      repository: prefix === undefined ? repository : repository.slice(prefix.length + 1),
    }),
    plainCall: asked,
    call: async (attempt, work) => {
      try {
        return await asked(work);
      } catch (error) {
        throw refusalOf(error, attempt);
      }
    },
  };
}
