// apk's `installed` file (apk-package(5), Alpine wiki "Apk spec"): one letter, a colon and a value in each line.
import { decodePath, kibibyte } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';
import { isOwnable } from '../ownable.ts';

export interface InstalledApk {
  readonly found: FoundPackage;
  /** The ownable paths of its file list. */
  readonly owned: readonly string[];
}

export interface InstalledReading {
  readonly installed: readonly InstalledApk[];
  /** At most `maxProblems`, each naming its line. */
  readonly problems: readonly string[];
}

/** Names, versions and licences have under 1 KiB, paths under 4; dependencies may be longer and are not looked at. */
const maxLineLength = 8 * kibibyte;
const maxProblems = 20;

/** apk-package(5); names of virtual packages, `apk add --virtual`, begin with a dot. */
const namePattern = /^[A-Za-z0-9+._-]{1,256}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;

/** Licences are SPDX expressions since Alpine 3.9, lists of words before. */
type Fields = Partial<Record<'P' | 'V' | 'A' | 'L' | 'o', string>>;

/**
 * Parses the database. CR before LF, a byte order mark and a missing last newline are accepted; a line of another form, a second
 * P, V, A, L or o line, a value with a NUL or of more than 8 KiB is a problem and drops its package. Linear, never throws.
 */
export function parseInstalled(
  content: Uint8Array,
  path: string,
  distributionId: string | undefined,
): InstalledReading {
  const text = decodePath(content);
  const installed: InstalledApk[] = [];
  const problems: string[] = [];
  let fields: Fields = {};
  let owned: string[] = [];
  let folder = '';
  let begun = 0;
  let rejected = false;
  const reject = (line: number, cause: string): void => {
    rejected = true;
    if (problems.length < maxProblems) problems.push(`line ${line} is ${cause}`);
  };
  const close = (): void => {
    if (begun > 0 && !rejected) {
      const found = packageOf(fields, path, distributionId);
      if (found !== undefined) installed.push({ found, owned });
      else reject(begun, 'the start of a package without a valid name or version');
    }
    fields = {};
    owned = [];
    folder = '';
    begun = 0;
    rejected = false;
  };
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    const newline = text.indexOf('\n', at);
    let end = newline < 0 ? text.length : newline;
    const next = end + 1;
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    if (end === at) close();
    else {
      if (begun === 0) begun = line;
      const letter = text[at] as string;
      if (text.charCodeAt(at + 1) !== 0x3a) reject(line, 'neither a field nor empty');
      else if (wanted.has(letter)) {
        const value = end - at > maxLineLength ? '\0' : text.slice(at + 2, end);
        if (value.includes('\0')) reject(line, `a field ${letter} with a NUL or of more than 8 KiB`);
        else if (letter === 'F') folder = value === '' ? '' : `${value}/`;
        else if (letter === 'R') {
          if (isOwnable(folder + value)) owned.push(folder + value);
        } else if (fields[letter as keyof Fields] !== undefined) reject(line, `a second field ${letter}`);
        else fields[letter as keyof Fields] = value;
      }
    }
    at = next;
  }
  close();
  return { installed, problems };
}

const wanted: ReadonlySet<string> = new Set(['P', 'V', 'A', 'L', 'o', 'F', 'R']);

function packageOf(fields: Fields, path: string, distributionId: string | undefined): FoundPackage | undefined {
  const { P: name = '', V: version = '', A: architecture = '', L: licence = '', o: origin = '' } = fields;
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  return {
    type: 'apk',
    namespace: distributionId ?? 'alpine',
    name,
    version,
    ...(architecture === '' ? {} : { architecture }),
    source: { name: namePattern.test(origin) ? origin : name, version },
    licences: licence === '' ? [] : [licence],
    paths: [path],
  };
}
