// From a file's name to what is looked for in it, without the version in the name and without work for the millions of other files.

/** A file's name without its version: `python3.11` is `python` with 3.11, `libssl-8bd944e8.so.3` is `libssl.so`. */
export interface NameParts {
  readonly key: string;
  /** The first version in the name; empty where there is none. */
  readonly version: string;
}

const dot = 0x2e;
const nine = 0x39;
const zero = 0x30;

/** Names of programs that are longer are none that we know. */
const maxNameLength = 64;

/** Endings of programs and libraries; other names with a dot before a letter are no programs that we know, but for a few (`busybox.suid`). */
const endings: ReadonlySet<string> = new Set(['so', 'exe', 'dll', 'dylib', 'bfd', 'gold', 'suid', 'nosuid']);

/** Returns the name at the end of a path where a program may be called so, by its last characters alone; undefined for all others. */
export function programName(path: string): string | undefined {
  const start = path.lastIndexOf('/') + 1;
  const length = path.length - start;
  if (length === 0 || length > maxNameLength) return undefined;
  let at = path.length - 1;
  for (; at >= start; at--) if (path.charCodeAt(at) === dot) break;
  if (at < start) return path.slice(start);
  if (at + 1 === path.length) return undefined;
  const first = path.charCodeAt(at + 1);
  if (first >= zero && first <= nine) return path.slice(start);
  return path.length - at <= 7 && endings.has(path.slice(at + 1)) ? path.slice(start) : undefined;
}

/** Takes the version out of a name. Pure in the name; the key of an example of the table is that of every file called alike. */
export function nameParts(name: string): NameParts {
  const library = name.indexOf('.so');
  const isLibrary = library > 0 && (library + 3 === name.length || name.charCodeAt(library + 3) === dot);
  const plain = name.replace(/\.(?:exe|dll|dylib)$/, '');
  const kind = isLibrary || /\.(?:dll|dylib)$/.test(name) ? '.so' : '';
  let stem = isLibrary ? name.slice(0, library) : plain;
  // auditwheel and delocate put a hash behind the name of a library they copy.
  if (kind !== '') stem = stem.replace(/-[0-9a-f]{8}$/, '');
  else
    stem = stem.replace(
      /^[a-z0-9_]+(?:-[a-z0-9_]+)?-(?:linux|apple|w64)-(?:gnu|musl|darwin|mingw32)[a-z0-9]{0,8}-/,
      '',
    );
  const digit = stem.slice(1).search(/\d/) + 1;
  if (digit === 0) return { key: stem + kind, version: '' };
  const version = /^\d+(?:\.\d+)*/.exec(stem.slice(digit))?.[0] ?? '';
  return { key: stem.slice(0, digit).replace(/[-._v]+$/, '') + kind, version };
}
