// Files that whoever asks does not want to be looked at: never a silent zero, so what was left out is told by pattern.
import { by, inert } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';
import { compileGlobs } from '@plombe/policy';

/** Paths named of each pattern; a monorepo has thousands. */
const maxNamed = 3;
/** Paths kept of each pattern; what is beyond is only counted. */
const maxKept = 1000;

type Kind = 'file' | 'folder';

/** What patterns leave out of one subject. Globs as policies have them; a match covers all that is below it. */
export class Exclusion {
  readonly patterns: readonly string[];
  readonly #globs: readonly ((path: string) => boolean)[];
  /** Folders that were not even entered, by pattern. */
  readonly #folders: readonly Set<string>[];

  constructor(patterns: readonly string[]) {
    this.patterns = patterns;
    this.#globs = patterns.map((pattern) => compileGlobs([pattern.replace(/^(?:\.?\/)+|\/+$/g, '')]));
    this.#folders = patterns.map(() => new Set());
  }

  /** True where the folder is not to be entered; its parents were asked before. It is told. */
  skipsFolder(path: string): boolean {
    const index = this.#globs.findIndex((glob) => glob(path));
    const known = this.#folders[index];
    if (known !== undefined && known.size < maxKept) known.add(path);
    return index >= 0;
  }

  /** For one inventory: the files that catalogers want, and do not get. */
  open(): OpenExclusion {
    return new OpenExclusion(
      this.patterns,
      (path) => this.#indexOf(path),
      this.#folders.map((folders) => [...folders]),
    );
  }

  #indexOf(path: string): number {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end);
      const index = this.#globs.findIndex((glob) => glob(part));
      if (index >= 0 || end < 0) return index;
    }
  }
}

class OpenExclusion {
  readonly #patterns: readonly string[];
  readonly #indexOf: (path: string) => number;
  readonly #folders: readonly (readonly string[])[];
  readonly #files: readonly Set<string>[];
  readonly #known = new Map<string, boolean>();

  constructor(patterns: readonly string[], indexOf: (path: string) => number, folders: readonly (readonly string[])[]) {
    this.#patterns = patterns;
    this.#indexOf = indexOf;
    this.#folders = folders;
    this.#files = patterns.map(() => new Set());
  }

  /** True where the file, which a cataloger wants, is left out. It is told. */
  hides(path: string): boolean {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const index = this.#indexOf(path);
    this.#files[index]?.add(path);
    this.#known.set(path, index >= 0);
    return index >= 0;
  }

  /** True where anything was left out: the inventory is not complete then. */
  get any(): boolean {
    return this.#files.some(({ size }) => size > 0) || this.#folders.some(({ length }) => length > 0);
  }

  /** What each pattern left out, and which left out nothing. */
  diagnostics(): readonly Diagnostic[] {
    return this.#patterns.map((pattern, index): Diagnostic => {
      const folders = this.#folders[index] ?? [];
      const files = [...(this.#files[index] ?? [])];
      const flag = `--exclude ${inert(pattern)}`;
      const code = 'inventory/excluded';
      if (folders.length + files.length === 0) {
        return {
          code,
          level: 'note',
          message: `${flag} left nothing out: no file that packages are read from is there.`,
        };
      }
      const parts = [
        ...(folders.length === 0 ? [] : [named(folders, 'folder')]),
        ...(files.length === 0 ? [] : [`${named(files, 'file')} that packages are read from`]),
      ];
      return {
        code,
        level: 'warning',
        message: `${flag} left out ${parts.join(', and ')}; what is in there was not looked at.`,
      };
    });
  }
}

export type { OpenExclusion };

/** `3 folders (a, b, c)`; of many the first, sorted. */
function named(paths: readonly string[], kind: Kind): string {
  const sorted = [...paths].sort(by((path) => path));
  const shown = sorted.slice(0, maxNamed).map((path) => `/${inert(path)}`);
  const more = sorted.length > maxNamed ? ` and ${sorted.length - maxNamed} more` : '';
  const count = sorted.length >= maxKept ? `${maxKept} or more` : String(sorted.length);
  return `${count} ${kind}${sorted.length === 1 ? '' : 's'} (${shown.join(', ')}${more})`;
}
