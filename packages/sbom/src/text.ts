// Text for documents: hostile characters made visible, distinct texts kept distinct.
import { inert } from '@plombe/kit';

/** Makes text inert as kit's `inert` does; a lone surrogate becomes a visible escape, so that distinct paths stay distinct (T21). */
export function visible(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return inert(
    text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`),
  );
}

/** Returns the instant as `YYYY-MM-DDThh:mm:ssZ`, undefined where it is none. */
export function instant(text: string | undefined): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const date = new Date(match[2] === undefined ? `${match[1]}T00:00:00Z` : `${match[1]}T${match[2]}${match[3]}`);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999
    ? undefined
    : `${date.toISOString().slice(0, 19)}Z`;
}

/** Returns the text as an http or https URL in ASCII, undefined where it is none. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 4096 || !/^https?:\/\//i.test(text)) return undefined;
  const url = URL.parse(text.toWellFormed());
  return url === null ? undefined : url.href.replace(/[|\\^`{}<>"]/g, (c) => encodeURIComponent(c));
}
