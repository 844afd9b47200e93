// `plombe versions`: anyone can check or debug an order.
import { createInterface } from 'node:readline';
import { inert, PlombeError } from '@plombe/kit';
import { compareVersions, schemeById, schemes } from '@plombe/versions';

/** Prints id and title of each scheme. */
export function listVersionSchemes(): number {
  for (const scheme of schemes) process.stdout.write(`${scheme.id}\t${scheme.title}\t${scheme.urls[0] ?? ''}\n`);
  return 0;
}

/** Reads `A<TAB>B` lines from standard input and prints `A<TAB>B<TAB>-1|0|1|error` for each. Throws `config/invalid`. */
export async function compareVersionPairs(schemeId: string): Promise<number> {
  const scheme = schemeById(schemeId);
  if (scheme === undefined) {
    const known = schemes.map(({ id }) => id).join(', ');
    throw new PlombeError('config/invalid', `There is no version scheme ${inert(schemeId)}. There are: ${known}.`);
  }
  let pending = '';
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line === '') continue;
    const tab = line.indexOf('\t');
    const order = tab < 0 ? undefined : compareVersions(scheme.id, line.slice(0, tab), line.slice(tab + 1));
    pending += `${line}\t${order ?? 'error'}\n`;
    if (pending.length < 65_536) continue;
    process.stdout.write(pending);
    pending = '';
  }
  process.stdout.write(pending);
  return 0;
}
