// Cells of a CSV file that no spreadsheet takes for a formula.
import { inert } from '@plombe/kit';

/**
 * What spreadsheets take for the beginning of a formula, also in its full-width form: at the beginning of the cell, or after what a program that
 * reads the file by another separator takes for one. An apostrophe before it makes it text.
 */
const formula = /(^|[;,|"])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** A cell by RFC 4180, quoted where it must be; text that would be a formula gets an apostrophe before it. */
export function csvCell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : inert(value).replace(formula, "$1$2'");
  return /[",;\r\n\t |]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
