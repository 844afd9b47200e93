// One run of a costly act for all who ask at the time.

/**
 * Returns a function that resolves once `act` has run from beginning to end after the call. Calls while it runs share the run after it, so that
 * each act covers everything done before it was asked for.
 */
export function coalesce(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    next = undefined;
    running = act().finally(() => (running = undefined));
    return running;
  };
  return () => (running === undefined ? start() : (next ??= running.then(start, start)));
}
