// Work in parallel with a limit, answers in the order of the work.

/** Runs every piece, at most `limit` at a time. The first failure ends it: no further piece is begun. */
export async function inTurns<T>(work: readonly (() => Promise<T>)[], limit: number): Promise<readonly T[]> {
  const results = Array.from<T>({ length: work.length });
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      const piece = failed ? undefined : work[index];
      if (piece === undefined) return;
      try {
        results[index] = await piece();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, work.length) }, run));
  return results;
}
