// Which events were told already: by id, the oldest forgotten first.

/** A day of a busy registry; 64 bytes each. */
const maxIds = 100_000;

export interface SeenEvents {
  /** True the first time an id is given. */
  isNew(id: string): boolean;
}

/** Remembers ids, so that what is sent, polled or replayed twice is told once (T67). */
export function seenEvents(limit = maxIds): SeenEvents {
  const ids = new Set<string>();
  return {
    isNew: (id) => {
      if (ids.has(id)) return false;
      ids.add(id);
      if (ids.size > limit) for (const oldest of ids) return ids.delete(oldest);
      return true;
    },
  };
}
