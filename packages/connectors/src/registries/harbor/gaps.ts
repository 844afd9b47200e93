// What could not be read while the rest was: each gap a sentence, so that a part is never taken for the whole.
import type { Known } from '../connector.ts';
import { attempt } from '../known.ts';

export interface Gaps {
  note(reason: string): void;
  /** Runs a reading; where it is refused the reason is noted and `fallback` answered. Throws where the network or the server fails. */
  read<T>(needs: string, fallback: T, run: () => Promise<T>): Promise<T>;
  /** The value with the gaps so far. */
  known<T>(value: T): Known<T>;
}

/** Begins with what is missing already. */
export function openGaps(before: readonly string[] = []): Gaps {
  const reasons = new Set(before);
  return {
    note: (reason) => void reasons.add(reason),
    read: async (needs, fallback, run) => {
      const answer = await attempt(needs, run);
      if (answer.kind === 'known') return answer.value;
      reasons.add(answer.reason);
      return fallback;
    },
    known: (value) => ({ kind: 'known', value, ...(reasons.size === 0 ? {} : { incomplete: [...reasons] }) }),
  };
}
