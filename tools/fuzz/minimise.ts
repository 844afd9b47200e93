// A smaller input with the same fault: parts left out, then pieces of the bytes, halves first.
import type { FuzzInput } from './input.ts';

/** Returns the smallest input found for which `fails`, asked at most `maxTrials` times. */
export async function minimise(
  input: FuzzInput,
  fails: (input: FuzzInput) => Promise<boolean>,
  maxTrials: number,
): Promise<FuzzInput> {
  let trials = 0;
  const holds = async (candidate: FuzzInput): Promise<boolean> => ++trials <= maxTrials && (await fails(candidate));
  let best = input;
  for (let at = best.length - 1; at >= 0 && best.length > 1; at--) {
    const fewer = best.filter((_, index) => index !== at);
    if (await holds(fewer)) best = fewer;
  }
  for (let at = 0; at < best.length; at++) {
    let pieceBytes = Math.ceil((best[at]?.bytes.length ?? 0) / 2);
    while (pieceBytes >= 1 && trials < maxTrials) {
      for (let from = 0; from < (best[at]?.bytes.length ?? 0) && trials < maxTrials;) {
        const { bytes } = best[at] as FuzzInput[number];
        const shorter = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + pieceBytes)]);
        const candidate = best.map((part, index) => (index === at ? { ...part, bytes: shorter } : part));
        if (await holds(candidate)) best = candidate;
        else from += pieceBytes;
      }
      pieceBytes = pieceBytes === 1 ? 0 : Math.ceil(pieceBytes / 4);
    }
  }
  return best;
}
