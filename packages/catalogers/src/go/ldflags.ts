// A version that a build gave the linker: `-ldflags="-X main.version=1.2.3"`.

/** Linker flags of real builds have under 4 KiB. */
const maxFlagsLength = 65_536;

const symbolPattern = /^(?:.*[./])?(?:app|build|cli|git|main|program|release|tag)?_?(?:version|ver|tag)$/i;
const versionPattern = /^v?\d+(?:\.\d+){1,3}(?:[-+.][0-9A-Za-z.+-]{1,100})?$/;

/**
 * Returns the first value given with `-X SYMBOL=VALUE` that looks like a version, of a symbol called `version` or the like;
 * symbols of the main package before others. Quotes as the go command reads them: single or double, around the whole flag.
 */
export function linkedVersion(flags: string): { readonly version: string; readonly symbol: string } | undefined {
  const words = splitFlags(flags.slice(0, maxFlagsLength));
  let best: { readonly version: string; readonly symbol: string } | undefined;
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1];
    const isValue = previous === '-X' || previous === '--X';
    const text = isValue ? word : /^--?X=(.*)$/s.exec(word)?.[1];
    const equals = text?.indexOf('=') ?? -1;
    if (text === undefined || equals <= 0) continue;
    const symbol = text.slice(0, equals);
    const version = text.slice(equals + 1);
    if (symbol.length > 512 || !symbolPattern.test(symbol) || !versionPattern.test(version)) continue;
    if (symbol.startsWith('main.')) return { version, symbol };
    best ??= { version, symbol };
  }
  return best;
}

function splitFlags(flags: string): readonly string[] {
  return Array.from(
    flags.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}
