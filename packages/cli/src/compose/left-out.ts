// Which findings the caller does not want to count, out of flags and a file.
import { parseIgnoreFile, type LeaveOut } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';

/** Half a million ids would be fewer bytes. */
const maxIgnoreBytes = 16 * mebibyte;

/** Reads the file that `--ignore-file` names, each time. Throws `config/invalid` for one that cannot be read, or a line that is not understood. */
export function leftOut({ severity, ignoreUnfixed, ignoreStatus, ignoreFile }: Settings): LeaveOut {
  return {
    ...(severity === undefined ? {} : { severities: severity }),
    ...(ignoreUnfixed === undefined ? {} : { unfixed: ignoreUnfixed }),
    ...(ignoreStatus === undefined ? {} : { statuses: ignoreStatus }),
    ...(ignoreFile === undefined ? {} : { ignored: parseIgnoreFile(readIgnoreFile(ignoreFile), ignoreFile) }),
  };
}

/** Refuses flags that leave findings out of what is signed or kept: a statement must say all. Throws `config/invalid`. */
export function requireAll({ exclude, severity, ignoreUnfixed, ignoreStatus, ignoreFile }: Settings): void {
  const given = {
    '--exclude': exclude,
    '--severity': severity,
    '--ignore-unfixed': ignoreUnfixed || undefined,
    '--ignore-status': ignoreStatus,
    '--ignore-file': ignoreFile,
  };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  const message = `What is attested or recorded is said of all findings: ${flag} leaves some out.`;
  throw new PlombeError('config/invalid', message, {
    remedy: `Attest and record without ${flag}; reports can leave out more.`,
  });
}

function readIgnoreFile(path: string): string {
  try {
    return readBounded(path, maxIgnoreBytes).toString('utf8');
  } catch (thrown) {
    throw new PlombeError('config/invalid', `The list ${inert(path)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
