// Which findings the caller does not want to count, out of flags and a file.
import { parseVex } from '@plombe/advisories';
import { parseIgnoreFile, type LeaveOut } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import type { Settings } from '../settings/settings.ts';

/** Half a million ids would be fewer bytes. */
const maxIgnoreBytes = 16 * mebibyte;
/** The largest in use, a kernel's of Red Hat, has about 30 MiB. */
const maxVexBytes = 64 * mebibyte;

/** Read once: a VEX document may have megabytes, and the same settings are asked before the work and for each image. */
const known = new WeakMap<Settings, LeaveOut>();

/** Reads the files that `--ignore-file` and `--vex` name. Throws `config/invalid` for one that cannot be read or is not understood. */
export function leftOut(values: Settings): LeaveOut {
  const before = known.get(values);
  if (before !== undefined) return before;
  const read = readLeftOut(values);
  known.set(values, read);
  return read;
}

function readLeftOut({ severity, ignoreUnfixed, ignoreStatus, ignoreFile, vex }: Settings): LeaveOut {
  return {
    ...(severity === undefined ? {} : { severities: severity }),
    ...(ignoreUnfixed === undefined ? {} : { unfixed: ignoreUnfixed }),
    ...(ignoreStatus === undefined ? {} : { statuses: ignoreStatus }),
    ...(ignoreFile === undefined ? {} : { ignored: parseIgnoreFile(readList(ignoreFile), ignoreFile) }),
    ...(vex === undefined ? {} : { vex: vex.map((path) => parseVex(readVex(path), path)) }),
  };
}

/** Refuses flags that leave findings out of what is signed or kept: a statement must say all. Throws `config/invalid`. */
export function requireAll({ exclude, severity, ignoreUnfixed, ignoreStatus, ignoreFile, vex }: Settings): void {
  const given = {
    '--exclude': exclude,
    '--severity': severity,
    '--ignore-unfixed': ignoreUnfixed || undefined,
    '--ignore-status': ignoreStatus,
    '--ignore-file': ignoreFile,
    '--vex': vex,
  };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  const message = `What is attested or recorded is said of all findings: ${flag} leaves some out.`;
  throw new PlombeError('config/invalid', message, {
    remedy: `Attest and record without ${flag}; reports can leave out more.`,
  });
}

function readList(path: string): string {
  try {
    return readBounded(path, maxIgnoreBytes).toString('utf8');
  } catch (thrown) {
    throw new PlombeError('config/invalid', `The list ${inert(path)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

function readVex(path: string): string {
  try {
    return readBounded(path, maxVexBytes).toString('utf8');
  } catch (thrown) {
    throw new PlombeError('config/invalid', `The VEX document ${inert(path)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
