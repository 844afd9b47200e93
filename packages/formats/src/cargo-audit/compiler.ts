// What compiler made a Rust program: its version, or the commit it was built of.

/** In `.comment`, which linkers write behind what is loaded; stripped programs have none. */
const versionMark = Buffer.from('rustc version ');
const version = /^rustc version (\d[0-9A-Za-z.+-]{1,60})/;
/** In the paths of the standard library's panics: the commit of the compiler, or its version where a distribution built it. */
const sourceMark = Buffer.from('/rustc');
const sourcePath = /^\/rustc(?:\/([0-9a-f]{40})|-(\d{1,4}\.\d{1,4}\.\d{1,4})[^/\\]{0,20})[/\\]library[/\\]/;
/** Bytes from a mark on that its expression looks at. */
const nameBytes = 96;

/**
 * Returns `rustc 1.75.0`, or `rustc` and a commit: what the first name says that begins at a position from `from` to `last`, both included, of the bytes.
 * Needs 96 bytes behind `last`, so that the pieces a program comes in do not matter.
 */
export function findCompiler(bytes: Buffer, from: number, last: number): string | undefined {
  const stated = firstName(bytes, from, last, versionMark, version);
  const path = firstName(bytes, from, stated === undefined ? last : stated.at, sourceMark, sourcePath);
  return (path ?? stated)?.name;
}

function firstName(
  bytes: Buffer,
  from: number,
  last: number,
  mark: Buffer,
  pattern: RegExp,
): { readonly at: number; readonly name: string } | undefined {
  const within = bytes.subarray(0, last + mark.length);
  for (let at = within.indexOf(mark, from); at >= 0; at = within.indexOf(mark, at + 1)) {
    const [, first, second] = pattern.exec(bytes.toString('latin1', at, at + nameBytes)) ?? [];
    const found = first ?? second;
    if (found !== undefined) return { at, name: `rustc ${found}` };
  }
  return undefined;
}
