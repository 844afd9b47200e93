// Templates of texts that hold a version: a literal to search for, and a pattern for the few bytes around it.

/** What is searched for in a file, compiled from one template. */
export interface Evidence {
  /** The rarest literal of the template. */
  readonly anchor: Buffer;
  /** Matches the text around an anchor, Latin-1; its first group is the version. Every repetition is bounded, so that it takes linear time. */
  readonly pattern: RegExp;
  /** Bytes before the anchor and from it on that the pattern may look at. */
  readonly before: number;
  readonly after: number;
  /** One number stands for three, with two digits each for the second and the third. */
  readonly packed: boolean;
}

/** Two to four numbers, and what marks an alpha, a beta or a release candidate: `1.25.3`, `8.4.0RC1`, `2.1.0-beta3`. */
const version = String.raw`\d{1,10}(?:\.\d{1,10}){1,3}(?:[-.]?(?:alpha|beta|rc|RC)[.-]?\d{1,3})?`;
/** What may stand where `{*}` is: text of the same string. */
const gapBytes = 64;
const versionBytes = 64;

interface Hole {
  readonly source: string;
  readonly bytes: number;
}

const holes: ReadonlyMap<string, Hole> = new Map([
  ['v', { source: `(${version})`, bytes: versionBytes }],
  ['w', { source: String.raw`(\d{1,10}(?:\.\d{1,10}){1,3}[a-z]{0,2}\d{0,3})`, bytes: versionBytes }],
  ['q', { source: String.raw`(\d{1,3}(?:\.\d{1,3}){1,2}p\d{1,3})`, bytes: versionBytes }],
  ['p', { source: String.raw`(\d{1,10}(?:\.\d{1,10}){2}-\d{1,4})`, bytes: versionBytes }],
  ['n', { source: String.raw`(\d{1,6})`, bytes: 6 }],
  ['x', { source: String.raw`(2[01]\d{3})`, bytes: 5 }],
  ['#', { source: String.raw`\d{1,10}`, bytes: 10 }],
  ['d', { source: String.raw` {0,2}(?:FIPS )?\d{1,2} [A-Z][a-z]{2} \d{4}`, bytes: 20 }],
  ['*', { source: String.raw`[^\0\n]{0,${gapBytes}}?`, bytes: gapBytes }],
]);

/**
 * Compiles a template. `{v}` is a version; `{w}` one that may end in letters (`9.2p1`, `1.1.1w`, `3.13.0rc1`); `{q}` one that
 * must end in a patch level (`9.2p1`); `{p}` one with a level behind it (`6.9.11-60`); `{n}` one number; `{x}` libxml2's one number for three, 21504 for 2.15.4; `{v:8}` one that begins with 8. What is no version: `{#}` a number, `{d}` a date (`25 Aug 2026`), `{*}` up to 64 characters of the same text.
 * `{major}` and `{minor}` are a version of three numbers that begins with the one or two numbers in the file's name. Before the begin of a file and
 * behind its end there is a zero byte. Answers undefined where the name holds no such number.
 */
export function compileTemplate(template: string, nameVersion: string): Evidence | undefined {
  const begun = /\{(major|minor)\}/.exec(template)?.[1];
  const start = begun === 'minor' ? /^\d+\.\d+/.exec(nameVersion)?.[0] : /^\d+/.exec(nameVersion)?.[0];
  if (begun !== undefined && start === undefined) return undefined;
  let source = '';
  let offset = 0;
  let anchor = '';
  let anchorAt = 0;
  for (const part of template.split(/(\{[^{} ]{1,5}\})/)) {
    const hole = holeOf(part.slice(1, -1));
    if (hole !== undefined && part.startsWith('{')) {
      source += hole.source;
      offset += hole.bytes;
    } else if (part === '{major}' || part === '{minor}') {
      const more = begun === 'major' ? 2 : 1;
      const literal = `${start ?? ''}.`;
      source += String.raw`(${escaped(literal)}\d{1,10}(?:\.\d{1,10}){${more - 1},2}(?:(?:a|b|rc)\d{1,3})?)`;
      if (literal.length > anchor.length) [anchor, anchorAt] = [literal, offset];
      offset += versionBytes;
    } else {
      const literal = part.replace(/^\0+/, '');
      if (literal.length > anchor.length) [anchor, anchorAt] = [literal, offset + part.length - literal.length];
      source += escaped(part);
      offset += part.length;
    }
  }
  // A version is not the end of a longer one, and not cut at its begin.
  const pattern = new RegExp(source.startsWith('(') ? `(?<![\\w.])${source}` : source);
  return {
    anchor: Buffer.from(anchor, 'latin1'),
    pattern,
    before: anchorAt + 1,
    after: offset - anchorAt + 1,
    packed: template.includes('{x}'),
  };
}

function holeOf(name: string): Hole | undefined {
  const first = /^v:(\d{1,3})$/.exec(name)?.[1];
  return first === undefined
    ? holes.get(name)
    : { source: String.raw`(${first}(?:\.\d{1,10}){1,3})`, bytes: versionBytes };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replaceAll('\0', String.raw`\x00`);
}
