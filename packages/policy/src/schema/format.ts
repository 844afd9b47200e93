// What a text must look like where its schema names a format.
import type { TextFormat } from './schema.ts';

/** 4,096: Linux's longest path; a name or a glob is far shorter. */
const maxTextLength = 4096;
/** 32 KiB: what the expression language reads. */
const maxExpressionLength = 32 * 1024;

const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/;
const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d))?$/;

/** Returns what is wrong with the text, or undefined. */
export function formatProblem(text: string, format: TextFormat | undefined): string | undefined {
  const most = format === undefined || format === 'expression' ? maxExpressionLength : maxTextLength;
  if (text.length > most) return `is longer than ${most} characters`;
  if (format === undefined) return undefined;
  if (text === '') return 'must not be empty';
  if (format === 'name' && !name.test(text)) return 'must be letters, digits, ".", "_" and "-"';
  if (format === 'instant' && instantMs(text) === undefined)
    return 'must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z';
  if (format !== 'expression' && /[\u0000-\u001f\u007f]/.test(text)) return 'must have no control characters';
  return undefined;
}

/** Milliseconds since 1970 of a date (its first instant in UTC) or RFC 3339 time, or undefined where it is neither. */
export function instantMs(text: string): number | undefined {
  const ms = instant.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text) : Number.NaN;
  // `Date.parse` moves 2026-02-30 on to March; only a day that exists counts.
  const isDay =
    !Number.isNaN(ms) && new Date(`${text.slice(0, 10)}T00:00:00Z`).toISOString().startsWith(text.slice(0, 10));
  return isDay ? ms : undefined;
}
