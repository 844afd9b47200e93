// apk's `installed` file (apk-package(5), Alpine wiki "Apk spec"): one letter, a colon and a value in each line.
import { decodePath, kibibyte, spacedLicences } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';
import { isOwnable } from '../ownable.ts';

export interface InstalledApk {
  readonly found: FoundPackage;
  /** The ownable paths of its file list. */
  readonly owned: readonly string[];
}

export interface InstalledReading {
  readonly installed: readonly InstalledApk[];
  /** At most `maxProblems` that name their line, and whether the end is missing. */
  readonly problems: readonly string[];
}

/** Names, versions and licences have under 1 KiB, paths under 4; dependencies may be longer and are not looked at. */
const maxLineLength = 8 * kibibyte;
const maxProblems = 20;
/** Alpine has 20,000 packages in all; each takes about a kibibyte of memory. */
const maxPackages = 50_000;

/** The checksum that apk itself writes for each package: Q1 and 20 bytes in base64. Lists made by hand go without. */
const checksumLine = /^C:Q1[A-Za-z0-9+/]{27}=/m;

/** apk-package(5); names of virtual packages, `apk add --virtual`, begin with a dot. */
const namePattern = /^[A-Za-z0-9+._-]{1,256}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;

/** Licences are SPDX expressions since Alpine 3.9, lists of words before. */
type Fields = Partial<Record<'P' | 'V' | 'A' | 'L' | 'o', string>>;

/**
 * Parses the database. CR before LF, a byte order mark and a missing last newline (but see `checksumLine`) are accepted; a line of another form, a second
 * P, V, A, L or o line, a value with a NUL or of more than 8 KiB is a problem and drops its package. Linear, never throws.
 */
export function parseInstalled(
  content: Uint8Array,
  path: string,
  distributionId: string | undefined,
): InstalledReading {
  const text = decodePath(content);
  const entries = new Entries(path, distributionId);
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    if (entries.installed.length >= maxPackages) {
      entries.problems.push(`line ${line} is the end of ${maxPackages} packages, where reading stops`);
      break;
    }
    const newline = text.indexOf('\n', at);
    let end = newline < 0 ? text.length : newline;
    const next = end + 1;
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    if (end === at) entries.close();
    else if (text.charCodeAt(at + 1) !== 0x3a) entries.reject(line, 'neither a field nor empty');
    else if (wanted.has(text[at] as string)) entries.field(text, at, end, line);
    else entries.begin(line);
    at = next;
  }
  entries.close();
  // apk ends each line; a list of its own that ends within one was cut, and packages may have followed.
  const isCut = text !== '' && !text.endsWith('\n') && checksumLine.test(text);
  const problems = isCut ? [...entries.problems, 'it ends within a line'] : entries.problems;
  return { installed: entries.installed, problems };
}

const wanted: ReadonlySet<string> = new Set(['P', 'V', 'A', 'L', 'o', 'F', 'R']);

/** Gathers the lines of one package until an empty line closes it. */
class Entries {
  readonly installed: InstalledApk[] = [];
  readonly problems: string[] = [];
  readonly #path: string;
  readonly #distributionId: string | undefined;
  #fields: Fields = {};
  #owned: string[] = [];
  #folder = '';
  #firstLine = 0;
  #rejected = false;

  constructor(path: string, distributionId: string | undefined) {
    this.#path = path;
    this.#distributionId = distributionId;
  }

  begin(line: number): void {
    if (this.#firstLine === 0) this.#firstLine = line;
  }

  field(text: string, start: number, end: number, line: number): void {
    this.begin(line);
    const letter = text[start] as keyof Fields | 'F' | 'R';
    const value = end - start > maxLineLength ? '\0' : text.slice(start + 2, end);
    if (value.includes('\0')) this.reject(line, `a field ${letter} with a NUL or of more than 8 KiB`);
    else if (letter === 'F') this.#folder = value === '' ? '' : `${value}/`;
    else if (letter === 'R') this.#own(this.#folder + value);
    else if (this.#fields[letter] !== undefined) this.reject(line, `a second field ${letter}`);
    else this.#fields[letter] = value;
  }

  #own(path: string): void {
    if (isOwnable(path)) this.#owned.push(path);
  }

  reject(line: number, cause: string): void {
    this.begin(line);
    this.#rejected = true;
    if (this.problems.length < maxProblems) this.problems.push(`line ${line} is ${cause}`);
  }

  close(): void {
    if (this.#firstLine > 0 && !this.#rejected) {
      const found = packageOf(this.#fields, this.#path, this.#distributionId);
      if (found !== undefined) this.installed.push({ found, owned: this.#owned });
      else this.reject(this.#firstLine, 'the start of a package without a valid name or version');
    }
    this.#fields = {};
    this.#owned = [];
    this.#folder = '';
    this.#firstLine = 0;
    this.#rejected = false;
  }
}

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
    licences: licence === '' ? [] : spacedLicences(licence),
    paths: [path],
  };
}
