// Whom the gate is asked for where the answer is for everybody.
import type { Identity } from '../registry/ports.ts';

/** Sees only what everybody sees. */
export const nobody: Identity = { id: 'anonymous', name: '', kind: 'anonymous', may: () => false, isAdmin: false };
