// Globs over names and paths: `*` and `?` within a segment, `**` across segments. No pattern takes more than text × pattern. (T18)

/** Tells whether a name matches. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a glob. `a/**` matches everything below `a`, not `a` itself; `**` alone matches everything; `**` within a segment is two stars.
 * Compared by character, upper and lower case apart, without any normalisation: what looks alike is not alike. (T50)
 */
export function compileGlob(pattern: string): Glob {
  if (pattern === '**') return () => true;
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  if (!pattern.includes('/')) {
    const segment = compileSegment(pattern);
    return (text) => segment(text) && !text.includes('/');
  }
  const segments = pattern.split('/').map((segment) => (segment === '**' ? undefined : compileSegment(segment)));
  if (!segments.includes(undefined)) {
    const all = segments as readonly Glob[];
    return (text) => {
      const parts = text.split('/');
      return parts.length === all.length && parts.every((part, index) => (all[index] as Glob)(part));
    };
  }
  return (text) => matchPath(text.split('/'), segments);
}

/** One of several globs matches. */
export function compileGlobs(patterns: readonly string[]): Glob {
  const globs = patterns.map(compileGlob);
  return (text) => globs.some((glob) => glob(text));
}

/** Within a segment: on a mismatch only the last star is tried further, which is enough and keeps it quadratic. */
function compileSegment(pattern: string): Glob {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const beginning = /^([^*?]*)\*$/.exec(pattern)?.[1];
  if (beginning !== undefined) return (text) => text.startsWith(beginning);
  return (text) => {
    let star = -1;
    let resume = 0;
    let p = 0;
    let t = 0;
    while (t < text.length) {
      if (p < pattern.length && pattern[p] === '*') {
        star = p++;
        resume = t;
      } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else return false;
    }
    while (pattern[p] === '*') p++;
    return p === pattern.length;
  };
}

/** The same over segments; `undefined` stands for `**`. A `**` at the end wants at least one segment, elsewhere none. */
function matchPath(parts: readonly string[], segments: readonly (Glob | undefined)[]): boolean {
  const last = segments.length - 1;
  let star = -1;
  let resume = 0;
  let s = 0;
  let t = 0;
  while (t < parts.length) {
    const segment = segments[s];
    if (s <= last && segment === undefined) {
      if (s === last) return true;
      star = s++;
      resume = t;
    } else if (s <= last && segment?.(parts[t] as string) === true) {
      s++;
      t++;
    } else if (star >= 0) {
      s = star + 1;
      t = ++resume;
    } else return false;
  }
  return s > last;
}
