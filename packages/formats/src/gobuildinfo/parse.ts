// The text of Go's build info: which modules a program was built from (runtime/debug.BuildInfo in Go's standard library).
import { decodeText } from '@plombe/kit';

/** A module as the list names it. `version` is `(devel)` for one built from a working copy, empty where there is none. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  readonly sum?: string;
  /** What was built in its place; a path that begins with `.` or `/` is a directory of the build machine. */
  readonly replacement?: GoModule;
}

export interface GoBuildInfo {
  /** `go1.22.3`, with experiments and vendor suffixes as they stand; empty where it could not be reached. */
  readonly toolchain: string;
  /** Import path of the main package. */
  readonly mainPackage?: string;
  readonly main?: GoModule;
  readonly dependencies: readonly GoModule[];
  /** Build settings: `GOARCH`, `vcs.revision`, `-ldflags` … */
  readonly settings: ReadonlyMap<string, string>;
}

/** The largest program we know of has 1,100 modules. */
const maxModules = 65_536;

/** Parses what `GoBuildInfoReader` answers; undefined where it is not of that form. Unknown lines are skipped. */
export function parseGoBuildInfo(content: Uint8Array): GoBuildInfo | undefined {
  const text = decodeText(content);
  const newline = text.indexOf('\n');
  if (newline < 0) return undefined;
  const toolchain = text.slice(0, newline);
  let mainPackage: string | undefined;
  let main: GoModule | undefined;
  const dependencies: GoModule[] = [];
  const settings = new Map<string, string>();
  let last: 'main' | 'dependency' | undefined;
  for (const line of text.slice(newline + 1).split('\n')) {
    const [key, first, ...rest] = line.split('\t');
    if (first === undefined) continue;
    if (key === 'path') mainPackage = first;
    else if (key === 'build') setting(settings, line.slice(6));
    else if (key === 'mod') {
      main = module(first, rest);
      last = 'main';
    } else if (key === 'dep' && dependencies.length < maxModules) {
      dependencies.push(module(first, rest));
      last = 'dependency';
    } else if (key === '=>') {
      const replacement = module(first, rest);
      if (last === 'main' && main !== undefined) main = { ...main, replacement };
      const replaced = last === 'dependency' ? dependencies.pop() : undefined;
      if (replaced !== undefined) dependencies.push({ ...replaced, replacement });
      last = undefined;
    }
  }
  return {
    toolchain,
    ...(mainPackage === undefined ? {} : { mainPackage }),
    ...(main === undefined ? {} : { main }),
    dependencies,
    settings,
  };
}

function module(path: string, [version, sum]: readonly string[]): GoModule {
  return { path, version: version ?? '', ...(sum ? { sum } : {}) };
}

/** `key=value`, either of them quoted as a Go string where it holds other than plain characters. */
function setting(settings: Map<string, string>, text: string): void {
  const keyEnd = text.startsWith('"') ? quotedEnd(text) : text.indexOf('=');
  if (keyEnd <= 0 || text[keyEnd] !== '=') return;
  settings.set(unquote(text.slice(0, keyEnd)), unquote(text.slice(keyEnd + 1)));
}

function quotedEnd(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' };

/** Undoes strconv.Quote, or answers the text as it is; backquoted text has no escapes. */
function unquote(text: string): string {
  const quote = text[0];
  if (text.length < 2 || text.at(-1) !== quote) return text;
  if (quote === '`') return text.slice(1, -1);
  if (quote !== '"') return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (whole, x, u, U, one) => {
      const hex = (x ?? u ?? U) as string | undefined;
      if (hex === undefined) return escapes[one as string] ?? (one as string);
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : (whole as string);
    });
}
