// A place in a text that is read forwards, by words and sticky patterns: for languages of data that are read and never run.

/** Reads a text from its beginning. Patterns are sticky (`y`). */
export class TextCursor {
  readonly #text: string;
  readonly #blank: RegExp;
  #at = 0;

  /** `blank`: what may stand between two words; matches nothing, too. */
  constructor(text: string, blank: RegExp) {
    this.#text = text;
    this.#blank = blank;
  }

  /** The character at the place; undefined at the end. */
  peek(): string | undefined {
    return this.#text[this.#at];
  }

  skipBlank(): void {
    this.match(this.#blank);
  }

  /** Goes behind the word, if it is what comes next but for blanks, which are passed anyway. */
  take(word: string): boolean {
    this.skipBlank();
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** Goes behind what the pattern matches here; null where it does not. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}
