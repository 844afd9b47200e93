// Attempts whose refusals name the permission themselves: what could be read, or why not, and what is missing of it.
import { isPlombeError } from '@plombe/kit';
import type { Known } from '../connector.ts';

/** Codes that say something of the caller's permissions or of the registry's edition; every other error is the operation's own. */
const tellable = ['registry/forbidden', 'registry/unauthorized', 'registry/not-found', 'registry/credentials'] as const;

/** As `attempt`, for preview versions of an API: one that Azure has withdrawn answers 400, which makes one fact unknown and not all. */
export async function attemptPreview<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return await attempt(read);
  } catch (error) {
    if (!isPlombeError(error, 'registry/invalid-answer')) throw error;
    return { kind: 'unknown', reason: error.message };
  }
}

/** Runs a reading; a refusal becomes `unknown` with its message. Cancellation, outages and broken answers are thrown. */
export async function attempt<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { kind: 'known', value: await read() };
  } catch (error) {
    if (!tellable.some((code) => isPlombeError(error, code))) throw error;
    return { kind: 'unknown', reason: isPlombeError(error) ? `${error.message} ${error.remedy}` : '' };
  }
}

/** Returns the value with what is missing of it, where something is. */
export function knownWithout<T>(value: T, incomplete: readonly string[]): Known<T> {
  return { kind: 'known', value, ...(incomplete.length === 0 ? {} : { incomplete }) };
}
