// The lists of DSAs and DLAs: date, id and package in the first line, then the vulnerabilities, then the fix in each release.
import { findCves, parseId } from '../../normal/ids.ts';
import type { Row } from './row.ts';
import { rowOf } from './cve-list.ts';

/** One DSA or DLA. */
export interface ListedAdvisory {
  readonly id: string;
  /** ISO day. */
  readonly date?: string;
  readonly title: string;
  /** A regression update repairs an earlier fix: its versions fix no vulnerability that was not fixed before. */
  readonly regression: boolean;
  readonly vulnerabilities: string[];
  readonly fixes: { readonly name: string; readonly row: Row }[];
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function isoDay(text: string): string | undefined {
  const [, day, month, year] = /^(\d{1,2}) ([A-Z][a-z]{2})[a-z]* (\d{4})$/.exec(text) ?? [];
  const index = months.indexOf(month ?? '');
  if (day === undefined || index < 0) return undefined;
  return `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** Reads a list line by line. */
export class AdvisoryListReader {
  #current: ListedAdvisory | undefined;
  readonly #complete: ListedAdvisory[] = [];
  readonly #bad: string[] = [];

  line(text: string): void {
    if (text.startsWith('[')) this.#open(text);
    else if (this.#current === undefined || text.trim() === '') return;
    else if (/^\s+\{/.test(text)) this.#current.vulnerabilities.push(...findCves(text));
    else if (/^\s+\[/.test(text)) this.#fix(this.#current, text);
  }

  /** Returns the complete advisories and the lines that could not be read; with `last`, the open one too. */
  take(last: boolean): { advisories: ListedAdvisory[]; bad: string[] } {
    if (last && this.#current !== undefined) {
      this.#complete.push(this.#current);
      this.#current = undefined;
    }
    return { advisories: this.#complete.splice(0), bad: this.#bad.splice(0) };
  }

  #open(text: string): void {
    if (this.#current !== undefined) this.#complete.push(this.#current);
    this.#current = undefined;
    const [, day, key, title] = /^\[([^\]]*)\]\s+(\S+)\s*(.*)$/.exec(text) ?? [];
    const id = parseId(key);
    if (id === undefined || day === undefined) {
      this.#bad.push(text.slice(0, 80));
      return;
    }
    const date = isoDay(day);
    this.#current = {
      id,
      ...(date === undefined ? {} : { date }),
      title: title ?? '',
      regression: /\bregression\b/i.test(title ?? ''),
      vulnerabilities: [],
      fixes: [],
    };
  }

  #fix(advisory: ListedAdvisory, text: string): void {
    const [, release, name, what, remark] = /^\s+\[([a-z]+)\]\s+-\s+(\S+)\s+(\S+)(?:\s+\((.*)\))?/.exec(text) ?? [];
    const row = release === undefined || what === undefined ? undefined : rowOf(release, what, remark);
    if (row === undefined || name === undefined) this.#bad.push(`${advisory.id}: ${text.trim().slice(0, 80)}`);
    else advisory.fixes.push({ name, row });
  }
}
