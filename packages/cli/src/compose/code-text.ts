// What an error or diagnostic code means and what to do: the words of docs/errors.md, without the page.
import { errorCodes, type ErrorCode } from '@plombe/kit';
import { exitCodeOf } from '../terminal/failure.ts';

/** True for a code that errors and diagnostics carry: `archive/limit`. */
export function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/** Returns the text for a terminal. */
export function describeCode(code: ErrorCode): string {
  const { meaning, remedy } = errorCodes[code];
  return `${code}\n\n  ${meaning}\n\n  What to do: ${remedy}\n  As the end of a command: exit code ${exitCodeOf(code)}.\n`;
}
