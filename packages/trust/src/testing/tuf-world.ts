// A TUF repository on a server, and a client with a store in memory.
import { refreshTuf, type TufFetch, type TufStore } from '../tuf/refresh.ts';
import { Repository } from './tuf.ts';

/** The moment of the tests. */
export const nowMs = Date.UTC(2026, 5, 1);
/** The target. */
export const trusted = Buffer.from('{"what":"trusted"}');

/** A store that tests look into. */
export class MemoryStore implements TufStore {
  readonly files = new Map<string, Uint8Array>();
  read(name: string): Uint8Array | undefined {
    return this.files.get(name);
  }
  write(name: string, bytes: Uint8Array): void {
    this.files.set(name, Uint8Array.from(bytes));
  }
}

/** Fetches as the engine does: nothing at 404, and no more than is asked for. */
export function fetchFrom(url: string): TufFetch {
  return async (path, maxBytes) => {
    const response = await fetch(`${url}/${path}`);
    if (response.status === 404) return undefined;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) return 'larger';
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
}

/** A repository that is served, and a client of it. */
export interface World {
  readonly repository: Repository;
  readonly store: MemoryStore;
  readonly asked: string[];
  readonly refresh: (changes?: { pinnedRoot?: Uint8Array; nowMs?: number }) => ReturnType<typeof refreshTuf>;
}

/** Makes a sound world. */
export async function world(): Promise<World> {
  const repository = new Repository({ 'trusted_root.json': trusted }, nowMs);
  const { url, asked } = await repository.serve();
  const store = new MemoryStore();
  return {
    repository,
    store,
    asked,
    refresh: (changes = {}) =>
      refreshTuf({
        fetch: fetchFrom(url),
        store,
        pinnedRoot: repository.pinned,
        nowMs,
        targets: [
          { name: 'trusted_root.json', required: true, maxBytes: 1000 },
          { name: 'signing_config.v0.2.json', required: false, maxBytes: 1000 },
        ],
        ...changes,
      }),
  };
}
