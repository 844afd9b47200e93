// One temporary folder for a whole run of the tests, which goes away with it: what a test leaves behind does not stay on the machine.
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes the folder before the first worker starts, and returns what removes it after the last. */
export function setup(): () => void {
  // Short, for sockets lie below it, and a socket's path has 108 bytes at most.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'pl-'));
  // As the machine's own: mmdebstrap and databases go on as other users.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
