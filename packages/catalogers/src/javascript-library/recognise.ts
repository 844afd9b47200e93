// Which library a file is, by the comment at its head or by its name. Plain searches and sticky patterns: linear time whatever the file.
import { libraries, type Library } from './libraries.ts';

/** A library that a file was recognised as. */
export interface Recognised {
  readonly library: Library;
  readonly version: string;
}

/** Three numbers, and a pre-release of a word that is one: what follows a banner may be prose. */
const version = /\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc|pre|dev|next)[0-9A-Za-z.]{0,20})?(?![\w.]*\d)/y;

/** Characters looked at before a banner: a line of a comment begins there, or the comment itself. */
const lineCharacters = 60;
const lineStart = /^[\s*!/|]*(?:@license\s+)?$/;

/** True where nothing but the marks of a comment are between a banner and the begin of its line or comment. */
function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - lineCharacters), at);
  const from = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('/*'), before.lastIndexOf('//'));
  return (from >= 0 || at <= lineCharacters) && lineStart.test(before.slice(Math.max(0, from)));
}

/** A bundle holds many libraries; one with more says nothing more. */
const maxRecognised = 40;

function versionAt(text: string, at: number): string | undefined {
  version.lastIndex = at;
  return version.exec(text)?.[0];
}

interface Banner {
  readonly text: string;
  readonly library: Library;
}

/** Banners by their last two characters: what is right before a version says which may be there. */
const bannersByEnd: ReadonlyMap<string, readonly Banner[]> = Map.groupBy(
  libraries.flatMap((library) => library.banners.map((text): Banner => ({ text, library }))),
  ({ text }) => text.slice(-2),
);
const lastCharacters = [...new Set(Array.from(bannersByEnd.keys(), (end) => end.slice(-1)))].join('');
/** A version behind the last character of a banner. Scripts have few of them, so that one pass answers for nearly all. */
const candidate = new RegExp(`(?<=[${RegExp.escape(lastCharacters)}])\\d{1,4}\\.\\d{1,4}\\.\\d`, 'g');
/** The banners of a bundle are among the first; a list of versions is none. (T18) */
const maxCandidates = 1000;

/** Returns the libraries whose banners are in the head of a file, each once, in the order of the table. */
export function recogniseBanners(text: string): Recognised[] {
  const found = new Map<Library, string>();
  let tries = 0;
  candidate.lastIndex = 0;
  for (
    let match = candidate.exec(text);
    match !== null && tries < maxCandidates;
    match = candidate.exec(text), tries++
  ) {
    for (const banner of bannersByEnd.get(text.slice(Math.max(0, match.index - 2), match.index)) ?? []) {
      if (found.has(banner.library) || !endsWithBanner(text, match.index, banner)) continue;
      const version = versionAt(text, match.index);
      if (version !== undefined) found.set(banner.library, version);
    }
  }
  if (found.size === 0) return [];
  const recognised = libraries.flatMap((library): Recognised[] => {
    const version = found.get(library);
    const counts = version !== undefined && (library.near === undefined || text.includes(library.near));
    return counts ? [{ library, version }] : [];
  });
  return recognised.slice(0, maxRecognised);
}

function endsWithBanner(text: string, at: number, banner: Banner): boolean {
  return text.endsWith(banner.text, at) && beginsLine(text, at - banner.text.length);
}

const byFile: ReadonlyMap<string, Library> = new Map(
  libraries.flatMap((library) => library.files.map((name) => [name, library] as const)),
);

/** Returns the library that a file name says: `jquery-3.4.1.min.js`, `moment.2.29.4.js`; undefined for all others. */
export function recogniseName(name: string): Recognised | undefined {
  for (let at = 1; at < name.length - 1; at++) {
    const mark = name.charCodeAt(at);
    // A hyphen, dot, @ or underscore before the version.
    if (mark !== 0x2d && mark !== 0x2e && mark !== 0x40 && mark !== 0x5f) continue;
    const from = name.charCodeAt(at + 1) === 0x76 ? at + 2 : at + 1;
    const digit = name.charCodeAt(from);
    if (!(digit >= 0x30 && digit <= 0x39)) continue;
    const library = byFile.get(name.slice(0, at));
    if (library === undefined) return undefined;
    const text = versionAt(name, from);
    const rest = text === undefined ? '' : name.slice(from + text.length);
    return text !== undefined &&
      /^(?:[-.](?:min|slim|core|full|prod|all|bundle|umd|production|development)){0,3}\.m?js$/.test(rest)
      ? { library, version: text }
      : undefined;
  }
  return undefined;
}
