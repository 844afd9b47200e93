// Small files that a command names: keys, certificates, policies, bundles; read whole, within a limit, or said why not.
import { statSync } from 'node:fs';
import { inert, messageOf, PlombeError, readBounded } from '@plombe/kit';

/**
 * Reads a file of at most `maxBytes`. `what` names it in messages: `The key`. Throws `source/not-found` and `source/unreadable`.
 */
export function readSmallFile(path: string, what: string, maxBytes: number): Buffer {
  const shown = inert(path);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new PlombeError('source/not-found', `${what}: there is no file ${shown}.`);
    if (found.isDirectory()) throw new Error('it is a folder');
    if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return readBounded(path, maxBytes);
  } catch (cause) {
    if (cause instanceof PlombeError) throw cause;
    throw new PlombeError('source/unreadable', `${what} ${shown} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
