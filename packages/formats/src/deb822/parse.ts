// deb822 control files (deb822(5), Debian Policy 5.1): paragraphs of fields, of which only the wanted ones are kept.
import { decodeText, kibibyte } from '@plombe/kit';

/** A paragraph with its wanted fields, names in lower case. Lines of a folded value are joined by `\n`, without their indent. */
export interface Paragraph {
  readonly fields: ReadonlyMap<string, string>;
  /** Line of its first field, 1 = first. */
  readonly line: number;
}

/** What is wrong at a line; the paragraph it is in is left out where the value cannot be told exactly. */
export interface Deb822Problem {
  readonly line: number;
  readonly cause: string;
}

export interface Deb822 {
  readonly paragraphs: readonly Paragraph[];
  /** At most `maxProblems` of them. */
  readonly problems: readonly Deb822Problem[];
}

/** A wanted field is a name, version or status: the longest in Debian 12 has 1.1 KiB (a Source field under 100 bytes). */
const maxFieldLength = 64 * kibibyte;

/** A broken file repeats one fault in every line; twenty show where it begins. */
const maxProblems = 20;

/** Debian 12 has 64,000 packages in all, a workstation 5,000; each paragraph kept takes about a kibibyte of memory. */
const maxParagraphs = 100_000;

/**
 * Parses control paragraphs; `wanted` are field names in lower case. A leading byte order mark, CR before LF, comment lines and
 * a missing last newline are accepted; a line without colon, a NUL in or a second copy of a wanted field, or one over 64 KiB is
 * a problem and drops its paragraph. Stops after 100,000 paragraphs with a problem. Linear, never throws.
 */
export function parseDeb822(content: Uint8Array, wanted: ReadonlySet<string>): Deb822 {
  const text = decodeText(content);
  const state = new Paragraphs(wanted);
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; at < text.length; line++) {
    if (state.paragraphs.length >= maxParagraphs) {
      state.problems.push({ line, cause: `the end of ${maxParagraphs} paragraphs, where reading stops` });
      break;
    }
    const newline = text.indexOf('\n', at);
    let end = newline < 0 ? text.length : newline;
    const next = end + 1;
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    state.line(text, at, end, line);
    at = next;
  }
  state.close();
  return { paragraphs: state.paragraphs, problems: state.problems };
}

class Paragraphs {
  readonly paragraphs: Paragraph[] = [];
  readonly problems: Deb822Problem[] = [];
  readonly #wanted: ReadonlySet<string>;
  #fields = new Map<string, string>();
  #firstLine = 0;
  #rejected = false;
  /** Name of the field whose value goes on; empty for one that is not wanted. */
  #open: string | undefined;

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  line(text: string, start: number, end: number, line: number): void {
    const first = text.charCodeAt(start);
    if (start === end || isBlank(text, start, end)) this.close();
    else if (first === 0x20 || first === 0x09) this.#fold(text, start, end, line);
    else if (first !== 0x23) this.#field(text, start, end, line);
  }

  close(): void {
    if (this.#fields.size > 0 && !this.#rejected) {
      this.paragraphs.push({ fields: this.#fields, line: this.#firstLine });
    }
    this.#fields = new Map();
    this.#firstLine = 0;
    this.#rejected = false;
    this.#open = undefined;
  }

  #field(text: string, start: number, end: number, line: number): void {
    if (this.#firstLine === 0) this.#firstLine = line;
    const colon = start + text.slice(start, end).indexOf(':');
    if (colon <= start) {
      this.#open = undefined;
      this.#reject(line, 'neither a field nor the continuation of one');
      return;
    }
    const name = colon - start > 64 ? '' : text.slice(start, colon).toLowerCase();
    this.#open = '';
    if (!this.#wanted.has(name)) return;
    if (this.#fields.has(name)) return this.#reject(line, `a second ${name} field`);
    this.#open = name;
    this.#keep(name, '', text.slice(colon + 1, end).trim(), line);
  }

  #fold(text: string, start: number, end: number, line: number): void {
    if (this.#open === undefined) return this.#reject(line, 'the continuation of no field');
    if (this.#open === '') return;
    const before = this.#fields.get(this.#open) ?? '';
    this.#keep(this.#open, before, `\n${text.slice(start + 1, end).trimEnd()}`, line);
  }

  /** Looks at what is added only, so that a field of many lines takes linear time. */
  #keep(name: string, before: string, added: string, line: number): void {
    if (before.length + added.length > maxFieldLength) this.#reject(line, `a ${name} field over 64 KiB`);
    else if (added.includes('\0')) this.#reject(line, `a NUL in field ${name}`);
    else this.#fields.set(name, before + added);
  }

  #reject(line: number, cause: string): void {
    this.#rejected = true;
    if (this.problems.length < maxProblems) this.problems.push({ line, cause });
  }
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09) return false;
  }
  return true;
}
