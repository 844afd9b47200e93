// What an error or diagnostic code means and what to do: the words of docs/errors.md, without the page.
import { errorCodes, type ErrorCode } from '@plombe/kit';
import { exitCodeOf, exitCodes } from '../terminal/failure.ts';

/** True for a code that errors and diagnostics carry: `archive/limit`. */
export function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/** What a result may have instead of an end: diagnostics and causes of a state. Codes of other domains are errors only. */
const domainsOfResults: ReadonlySet<string> = new Set([
  'archive',
  'distribution',
  'feed',
  'inventory',
  'package',
  'sbom',
  'version',
]);

/** Returns the text for a terminal. */
export function describeCode(code: ErrorCode): string {
  const { meaning, remedy } = errorCodes[code];
  const end = `Where a command ends by it: exit code ${exitCodeOf(code)}.`;
  const [domain = ''] = code.split('/');
  const cause = `Where a result is NOT FULLY ASSESSED because of it: exit code ${exitCodes.notAssessed}, unless --allow names the state.`;
  const note = 'As a note it changes nothing.';
  const exits = domainsOfResults.has(domain) ? [cause, note, end] : [end];
  return `${code}\n\n  ${meaning}\n\n  What to do: ${remedy}\n${exits.map((line) => `  ${line}\n`).join('')}`;
}
