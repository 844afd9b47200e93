// Which library a file is or holds: by comments, by what is around a version in the code, or by the file's name. Plain searches and bounded patterns: linear time whatever the file.
import { libraries, type Library } from './libraries.ts';
import { markCharacters, marks, type Mark } from './marks.ts';

/** A library that a file was recognised as. */
export interface Recognised {
  readonly library: Library;
  readonly version: string;
}

/** Three numbers, and a pre-release of a word that is one: what follows a banner may be prose. */
const version = /\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc|pre|dev|next)[0-9A-Za-z.]{0,20})?(?![\w.]*\d)/y;

/** Characters looked at before a banner: a line of a comment begins there, or the comment itself. */
const lineCharacters = 60;
/** esbuild writes the comments of a bundle into one at its end, where theirs begin with `(*`. */
const lineStart = /^[\s*!/|(]*(?:@license\s+)?$/;
/** A line that is part of a text, as in bundles for development: a backslash and an `n`. */
const escapedLine = String.raw`\n`;

/** True where nothing but the marks of a comment are between a banner and the begin of its line or comment. */
function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - lineCharacters), at);
  const escaped = before.lastIndexOf(escapedLine);
  const from = Math.max(
    before.lastIndexOf('\n'),
    before.lastIndexOf('/*'),
    before.lastIndexOf('//'),
    escaped < 0 ? -1 : escaped + escapedLine.length,
  );
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
  /** True where the begin of the comment is part of it: what is before is code. */
  readonly beginsComment: boolean;
  readonly library: Library;
}

/** Banners by their last two characters: what is right before a version says which may be there. */
const bannersByEnd: ReadonlyMap<string, readonly Banner[]> = Map.groupBy(
  libraries.flatMap((library) =>
    library.banners
      .flatMap((text) => (text.startsWith('/*') ? [text, text.replace('/*', '(*')] : [text]))
      .map((text): Banner => ({ text, beginsComment: /^(?:\/[/*]|\(\*)/.test(text), library })),
  ),
  ({ text }) => text.slice(-2),
);
const byNpmName: ReadonlyMap<string, Library> = new Map(
  libraries.flatMap((library) => (library.npm === undefined ? [] : [[library.npm, library] as const])),
);

/** A version behind a quote or the last character of a banner. Scripts have few of them, so that one pass answers for nearly all. */
const candidate = /["'` v]\d{1,4}\.\d{1,4}\.\d/g;
const minor = 'minorVersion';
/** The largest bundles known to us have 2,000. (T18) */
const maxCandidates = 20_000;
/** Characters before a version that are looked at. */
const before = 340;
/** Characters behind a version that are looked at: those near a banner, and a mark's. */
const behind = 340;
/** Characters, on each side of a banner, in which `near` is looked for. */
const nearCharacters = 250;

/** Finds libraries in a text that comes in pieces, each version of each once. */
export class LibrarySearch {
  readonly #found = new Map<string, Recognised>();
  #rest = '';
  #tries = 0;

  /** Answers false when no more is looked at. */
  add(text: string): boolean {
    const whole = this.#rest + text;
    if (whole.length <= before + behind) {
      this.#rest = whole;
      return true;
    }
    this.#search(whole, whole.length - behind);
    this.#rest = whole.slice(-(before + behind));
    return this.#tries < maxCandidates && this.#found.size < maxRecognised;
  }

  finish(): readonly Recognised[] {
    this.#search(this.#rest, this.#rest.length);
    this.#rest = '';
    return [...this.#found.values()].slice(0, maxRecognised);
  }

  /** What is behind `end` is seen again with the next piece. */
  #search(text: string, end: number): void {
    this.#searchSplit(text, end);
    candidate.lastIndex = 0;
    for (
      let match = candidate.exec(text);
      match !== null && this.#tries < maxCandidates;
      match = candidate.exec(text)
    ) {
      const at = match.index + 1;
      if (at >= end) return;
      this.#tries++;
      const quote = text.charCodeAt(match.index);
      if (quote === 0x20 || quote === 0x76) this.#tryBanners(text, at);
      else this.#tryMarks(text, at, String.fromCharCode(quote));
    }
  }

  /** TinyMCE has its version in two: `majorVersion:"5",minorVersion:"2.0",releaseDate:"…"`. */
  #searchSplit(text: string, end: number): void {
    let at = text.indexOf(minor);
    for (; at >= 0 && at < end && this.#tries < maxCandidates; at = text.indexOf(minor, at + minor.length)) {
      this.#tries++;
      const [, major] = /majorVersion:\s*["'`](\d{1,2})["'`],\s*$/.exec(text.slice(Math.max(0, at - 60), at)) ?? [];
      const [, rest] =
        /^:\s*["'`](\d{1,3}\.\d{1,3})["'`],\s*releaseDate:/.exec(text.slice(at + minor.length, at + 100)) ?? [];
      if (major !== undefined && rest !== undefined) this.#take(byNpmName.get('tinymce'), `${major}.${rest}`);
    }
  }

  #tryBanners(text: string, at: number): void {
    for (const banner of bannersByEnd.get(text.slice(Math.max(0, at - 2), at)) ?? []) {
      if (!text.endsWith(banner.text, at)) continue;
      if (!banner.beginsComment && !beginsLine(text, at - banner.text.length)) continue;
      const { near } = banner.library;
      if (near !== undefined && !text.slice(Math.max(0, at - nearCharacters), at + nearCharacters).includes(near))
        continue;
      this.#take(banner.library, versionAt(text, at));
      return;
    }
  }

  #tryMarks(text: string, at: number, quote: string): void {
    const found = versionAt(text, at);
    if (found === undefined || text[at + found.length] !== quote) return;
    const left = text.slice(Math.max(0, at - 1 - markCharacters), at - 1);
    const right = text.slice(at + found.length + 1, at + found.length + 1 + markCharacters);
    for (const mark of marks) if (isAround(mark, left, right)) this.#take(byNpmName.get(mark.npm), found);
  }

  #take(library: Library | undefined, version: string | undefined): void {
    if (library === undefined || version === undefined) return;
    this.#found.set(`${keyOf(library)}@${version}`, { library, version });
  }
}

function isAround({ before, after }: Mark, left: string, right: string): boolean {
  return (after === undefined || after.test(right)) && (before === undefined || before.test(left));
}

/** The name of a library as it is kept: `jquery`, `generic:prototypejs`. */
export function keyOf({ npm, generic }: Library): string {
  return npm ?? `generic:${generic}`;
}

const byKey: ReadonlyMap<string, Library> = new Map(libraries.map((library) => [keyOf(library), library]));

/** Returns the library that is kept under this name. */
export function libraryOf(key: string): Library | undefined {
  return byKey.get(key);
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
