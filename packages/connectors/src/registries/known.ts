// What an account may not read is unknown, with the permission that is missing; what broke is an error.
import { isPlombeError, type ErrorCode } from '@plombe/kit';
import type { Known } from './connector.ts';
import { known, unknown } from '../posture/facts.ts';

const missing: readonly ErrorCode[] = [
  'registry/unauthorized',
  'registry/forbidden',
  'registry/not-found',
  'registry/invalid-answer',
];

/** Runs the reading. `needs`: who could, for the reason where it is refused. Throws where the network or the server fails. */
export async function attempt<T>(needs: string, read: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await read());
  } catch (thrown) {
    if (!isPlombeError(thrown) || !missing.includes(thrown.code)) throw thrown;
    return unknown(`${thrown.message} Needs ${needs}.`);
  }
}
