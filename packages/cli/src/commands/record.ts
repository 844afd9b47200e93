// `plombe custody record`: one record from flags, or many from lines; each is answered once it is durable.
import { createReadStream } from 'node:fs';
import { inert, isObject, messageOf, PlombeError } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import {
  custodyKinds,
  openWriter,
  parseExact,
  type CustodyKind,
  type LedgerWriter,
  type NewRecord,
} from '@plombe/trust';
import { openSession } from '../compose/context.ts';
import { digestOf, ledgerStore, readNamed, type Flags } from '../compose/ledger.ts';
import { jsonLine } from '../compose/output.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';

/** A line is a predicate of 1 MiB and a little more. */
const maxLineLength = 2 * 1024 * 1024;

/** Records, and prints one JSON line per record. Throws `config/invalid` that names the line; what was answered before stays recorded. */
export async function recordCustody(values: Settings, digest: string | undefined, flags: Flags): Promise<number> {
  const { ctx } = openSession(values);
  const from = flags['from'] as string | undefined;
  if ((from === undefined) === (digest === undefined)) {
    throw new PlombeError('config/invalid', 'Name one digest with --kind, or many with --from FILE.');
  }
  if (from !== undefined && (flags['kind'] !== undefined || flags['predicate'] !== undefined)) {
    throw new PlombeError(
      'config/invalid',
      '--kind and --predicate are for one digest; with --from they are in the file.',
    );
  }
  const one = from === undefined ? recordOf(digest ?? '', flags) : undefined;
  const lines = from === undefined ? undefined : openLines(from);
  const writer = await openWriter(ledgerStore(flags), ctx.clock);
  try {
    if (one !== undefined) await answer(writer, [one]);
    if (lines !== undefined) await recordLines(writer, lines, ctx.signal);
  } finally {
    await writer.close();
  }
  return exitCodes.fine;
}

async function answer(writer: LedgerWriter, records: readonly NewRecord[]): Promise<void> {
  const answers = await writer.append(records);
  print(answers.map(jsonLine).join(''));
}

function recordOf(digest: string, flags: Flags): NewRecord {
  const path = flags['predicate'] as string | undefined;
  const kind = kindOf(flags['kind'], '--kind');
  if (path === undefined) return { digest: digestOf(digest), kind };
  return {
    digest: digestOf(digest),
    kind,
    content: parseContent(readNamed(path, '--predicate'), `--predicate ${inert(path)}`),
  };
}

function parseContent(text: string, what: string): unknown {
  try {
    return parseExact(text);
  } catch (thrown) {
    throw new PlombeError('config/invalid', `${what} cannot be kept as it is: ${messageOf(thrown)}`);
  }
}

function kindOf(given: unknown, what: string): CustodyKind {
  const kind = custodyKinds.find((word) => word === given);
  if (kind !== undefined) return kind;
  throw new PlombeError('config/invalid', `${what} must be one of ${custodyKinds.join(', ')}.`);
}

type Lines = AsyncIterable<Buffer>;

function openLines(path: string): Lines {
  return path === '-' ? process.stdin : (createReadStream(path, { highWaterMark: 1024 * 1024 }) as Lines);
}

/** What has arrived is one batch, up to the limit; so a pipe that gives single lines has them answered one by one. */
async function recordLines(writer: LedgerWriter, lines: Lines, signal: AbortSignal): Promise<void> {
  let rest = '';
  let count = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const record = async (batch: readonly string[]): Promise<void> => {
    const first = count;
    count += batch.length;
    const records = batch.flatMap((line, i) => (line.trim() === '' ? [] : parseLine(line, first + i + 1)));
    signal.throwIfAborted();
    if (records.length > 0) await answer(writer, records);
  };
  try {
    for await (const chunk of lines) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > maxLineLength)
        throw new PlombeError('config/invalid', `Line ${count + parts.length + 1} is too long.`);
      for (let left = parts; left.length > 0;) {
        const count = writer.batchRecords;
        await record(left.slice(0, count));
        left = left.slice(count);
      }
    }
    rest += decoder.decode();
  } catch (thrown) {
    if (thrown instanceof TypeError)
      throw new PlombeError('config/invalid', 'The records are not UTF-8.', { cause: thrown });
    if (thrown instanceof PlombeError || signal.aborted) throw thrown;
    throw new PlombeError('source/unreadable', `The records cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  if (rest !== '') await record([rest]);
}

function parseLine(line: string, number: number): NewRecord {
  const value = parseContent(line, `Line ${number}`);
  const digest = isObject(value) && typeof value['digest'] === 'string' ? parseDigest(value['digest']) : undefined;
  if (!isObject(value) || digest === undefined) {
    throw new PlombeError(
      'config/invalid',
      `Line ${number} does not name a digest, sha256: and 64 lower-case hex digits.`,
    );
  }
  const unknown = Object.keys(value).find((key) => !['digest', 'kind', 'predicate'].includes(key));
  if (unknown !== undefined)
    throw new PlombeError('config/invalid', `Line ${number} has a field ${inert(unknown.slice(0, 100))}.`);
  const kind = kindOf(value['kind'], `kind of line ${number}`);
  return Object.hasOwn(value, 'predicate') ? { digest, kind, content: value['predicate'] } : { digest, kind };
}
