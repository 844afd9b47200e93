// Uploads that are under way: found again by their id, also after the server was killed.
import type { Context, Digest } from '@plombe/model';
import { toHex } from '@plombe/kit';
import type { RegistryStore, StagedBlob } from '@plombe/store';
import type { Gate } from './ports.ts';

/** An upload. Whoever works on it takes it first. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  readonly staged: StagedBlob;
  /** False where another request works on it. */
  take(): boolean;
  give(): void;
  /** Tells the gate, once. */
  observe(): Promise<void>;
  /** The upload is over: stored under the digest, or given up. */
  end(digest: Digest | undefined): void;
}

export interface UploadSessions {
  begin(repository: string, algorithm: 'sha256' | 'sha512'): UploadSession;
  /** An upload in one request: nothing of it survives the request. */
  once(repository: string, algorithm: 'sha256' | 'sha512'): UploadSession;
  find(id: string, repository: string): Promise<UploadSession | undefined>;
  /** Forgets uploads that nobody worked on lately; they can be taken up from disk. */
  sweep(): void;
  /** Uploads that are neither stored nor given up nor forgotten. */
  open(): number;
}

/** Ids are secrets of those who began the upload, so they cannot be guessed. */
const idBytes = 16;
const idleMs = 3_600_000;
/** Held in memory, a kilobyte each: whoever begins more has the oldest taken up from disk again. */
const maxHeld = 10_000;

/** Creates the sessions of one server. */
export function createUploadSessions(store: RegistryStore, gate: Gate, ctx: Context, held = maxHeld): UploadSessions {
  const sessions = new Map<string, UploadSession & { readonly usedAtMs: () => number; forget(): void }>();

  const openIds = new Set<string>();

  const open = (id: string, repository: string, staged: StagedBlob, isKept: boolean): UploadSession => {
    let isTaken = false;
    let isObserved = false;
    let usedAtMs = ctx.clock.nowMs();
    const done = Promise.withResolvers<Digest | undefined>();
    openIds.add(id);
    const session = {
      id,
      repository,
      staged,
      usedAtMs: () => (isTaken ? Infinity : usedAtMs),
      take: () => {
        if (isTaken) return false;
        return (isTaken = true);
      },
      give: () => {
        isTaken = false;
        usedAtMs = ctx.clock.nowMs();
      },
      observe: async () => {
        if (isObserved) return;
        isObserved = true;
        await staged.prepare();
        gate.observe({ repository, path: staged.path, done: done.promise, size: () => staged.size() });
      },
      // The gate waits for it no longer; taken up again, it is read when it is stored.
      forget: () => {
        done.resolve(undefined);
        sessions.delete(id);
        openIds.delete(id);
      },
      end: (digest: Digest | undefined) => {
        done.resolve(digest);
        sessions.delete(id);
        openIds.delete(id);
        if (isKept) store.removeUpload(id);
      },
    };
    if (isKept) {
      if (sessions.size >= held)
        sessions
          .values()
          .find((one) => one.usedAtMs() < Infinity)
          ?.forget();
      sessions.set(id, session);
    }
    return session;
  };

  return {
    open: () => openIds.size,
    begin: (repository, algorithm) => {
      const id = toHex(ctx.random(idBytes));
      store.addUpload(id, repository);
      return open(id, repository, store.blobs.stage(id, algorithm), true);
    },
    once: (repository, algorithm) => {
      const id = toHex(ctx.random(idBytes));
      return open(id, repository, store.blobs.stage(id, algorithm), false);
    },
    find: async (id, repository) => {
      const known = sessions.get(id);
      if (known !== undefined) return known.repository === repository ? known : undefined;
      if (store.uploadRepository(id) !== repository) return undefined;
      const staged = (await store.blobs.resume(id)) ?? store.blobs.stage(id, 'sha256');
      return sessions.get(id) ?? open(id, repository, staged, true);
    },
    sweep: () => {
      const before = ctx.clock.nowMs() - idleMs;
      for (const session of sessions.values()) {
        if (session.usedAtMs() < before) session.forget();
      }
    },
  };
}
