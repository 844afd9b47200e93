// The gate of a registry without policies: everything is visible at once.
import type { Gate } from './ports.ts';

/** Accepts every push and every pull. */
export const acceptAll: Gate = {
  observe: () => undefined,
  judge: () => Promise.resolve({ kind: 'accept' }),
  stored: () => Promise.resolve(),
  deleted: () => Promise.resolve(),
  pull: () => undefined,
  withholds: () => false,
};
