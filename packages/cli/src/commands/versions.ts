// `plombe versions`: anyone can check or debug an order.
import { inert, mebibyte, PlombeError } from '@plombe/kit';
import { compareVersions, schemeById, schemes } from '@plombe/versions';
import { isReaderGone, print } from '../terminal/output.ts';

/** Prints id, name and definition of each scheme, separated by tabs. */
export function listVersionSchemes(): number {
  print(schemes.map(({ id, title, urls }) => `${id}\t${title}\t${urls[0] ?? ''}\n`).join(''));
  return 0;
}

/** A line longer than this is no pair of versions: the longest version any scheme reads is far shorter. */
const maxLineLength = 4 * mebibyte;

/**
 * Reads `A<TAB>B` lines from standard input and prints `A<TAB>B<TAB>-1|0|1|error` for each as it comes; empty lines are skipped. A
 * line ends with LF or CRLF. Throws `config/invalid` for a scheme that does not exist.
 */
export async function compareVersionPairs(schemeId: string): Promise<number> {
  const scheme = schemeById(schemeId);
  if (scheme === undefined) {
    throw new PlombeError('config/invalid', `There is no version scheme ${inert(schemeId)}.`, {
      remedy: `Choose from: ${schemes.map(({ id }) => id).join(', ')}.`,
    });
  }
  let rest = '';
  let skipping = false;
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (skipping && lines.length > 0) {
      lines.shift();
      skipping = false;
    }
    let answer = '';
    for (const line of lines) answer += judge(line, scheme.id);
    if (rest.length > maxLineLength) {
      if (!skipping) answer += `${rest.slice(0, 80)}…\terror\n`;
      skipping = true;
      rest = '';
    }
    print(answer);
    if (isReaderGone()) return 0;
  }
  if (!skipping) print(judge(rest, scheme.id));
  return 0;
}

function judge(given: string, scheme: string): string {
  const line = given.endsWith('\r') ? given.slice(0, -1) : given;
  if (line === '') return '';
  const tab = line.indexOf('\t');
  const order = tab < 0 ? undefined : compareVersions(scheme, line.slice(0, tab), line.slice(tab + 1));
  return `${line}\t${order ?? 'error'}\n`;
}
