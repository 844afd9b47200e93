// `plombe custody show|export|verify`: the history of a digest, as one file, and whether such a file holds.
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { inert, jsonText, messageOf, PlombeError } from '@plombe/kit';
import {
  exportLines,
  openReader,
  parseCheckpoint,
  readKeys,
  readRecords,
  signatureTypes,
  verifyExport,
  type ExportVerdict,
  type VerifierKey,
} from '@plombe/trust';
import { openSession } from '../compose/context.ts';
import { digestOf, ledgerStore, listOf, readNamed, verifierKeyOf, type Flags } from '../compose/ledger.ts';
import { jsonLine } from '../compose/output.ts';
import { ownOutputs } from '../compose/reports.ts';
import { expectLongWork } from '../launch.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { isSpecial, parseOutputs, writeAll, writeReport } from '../terminal/output.ts';

const formats = ['text', 'json'];

/** Shows the records of a digest in order; one without records is shown as such. */
export async function showCustody(loaded: LoadedSettings, given: string, flags: Flags): Promise<number> {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  const digest = digestOf(given);
  const ledger = await openReader(ledgerStore(flags));
  const records = (await readRecords(ledger, digest)).map(({ index, leaf, statement }) => ({
    index,
    sequence: statement.sequence,
    kind: statement.kind,
    time: new Date(statement.timeMs).toISOString(),
    hash: `sha256:${leaf.toString('hex')}`,
    ...(statement.previous === undefined ? {} : { previous: statement.previous }),
    ...(statement.content === undefined ? {} : { predicate: statement.content }),
  }));
  for (const target of targets) {
    const rows = records.map(({ index, sequence, kind, time }) => `${sequence}\t${time}\t${kind}\tleaf ${index}\n`);
    const text = rows.length === 0 ? `There is no record of ${digest}.\n` : rows.join('');
    writeReport(target, [target.format === 'json' ? `${jsonText({ digest, records }, 2)}\n` : text]);
  }
  return exitCodes.fine;
}

/** Writes an export; the file appears under its name only once it is whole. */
export async function exportCustody(values: Settings, given: readonly string[], flags: Flags): Promise<number> {
  const { ctx } = openSession(values);
  const store = ledgerStore(flags);
  const digests = given.map(digestOf);
  const ledger = await openReader(store);
  const since = listOf(flags, 'since').map((path) => sizeOf(path, ledger.checkpoint.size));
  const { log } = await readKeys(store);
  const lines = exportLines(ledger, { digests, logKey: log, witnesses: witnessesOf(flags), since });
  await writeLines(String(flags['file']), lines, ctx.signal);
  return exitCodes.fine;
}

function sizeOf(path: string, size: number): number {
  const checkpoint = parseCheckpoint(readNamed(path, '--since'));
  if (checkpoint === undefined)
    throw new PlombeError('config/invalid', `--since ${inert(path)} is not a signed checkpoint.`);
  if (checkpoint.size <= size) return checkpoint.size;
  throw new PlombeError(
    'ledger/damaged',
    `The checkpoint ${inert(path)} is of size ${checkpoint.size}, the ledger of ${size}: it was put back.`,
  );
}

function witnessesOf(flags: Flags): readonly VerifierKey[] {
  const { ed25519Cosignature, mlDsa44Cosignature } = signatureTypes;
  return listOf(flags, 'witness').map((given) =>
    verifierKeyOf(given, '--witness', [ed25519Cosignature, mlDsa44Cosignature]),
  );
}

/** Lines are joined up to this size before they are written. */
const pieceLength = 256 * 1024;

async function writeLines(path: string, lines: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  try {
    if (isSpecial(path)) {
      await writeInto(path, lines, signal);
      return;
    }
    const real = existsSync(path) ? realpathSync(path) : path;
    const temporary = `${real}.${process.pid}.part`;
    try {
      await writeInto(temporary, lines, signal);
      renameSync(temporary, real);
    } catch (thrown) {
      rmSync(temporary, { force: true });
      throw thrown;
    }
  } catch (cause) {
    if (cause instanceof PlombeError) throw cause;
    throw new PlombeError('report/write', `The export cannot be written to ${inert(path)}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function writeInto(path: string, lines: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const file = openSync(path, 'w', 0o644);
  try {
    let pending = '';
    for await (const line of lines) {
      signal.throwIfAborted();
      pending += line;
      if (pending.length < pieceLength) continue;
      writeAll(file, pending);
      pending = '';
    }
    writeAll(file, pending);
    if (!isSpecial(path)) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Verifies exports and prints one line per file. Returns 1 where one does not hold, else 4 where one cannot be read, else 0. */
export async function verifyCustody(loaded: LoadedSettings, files: readonly string[], flags: Flags): Promise<number> {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  const { ctx } = openSession(loaded.values);
  expectLongWork();
  const logKey = verifierKeyOf(String(flags['vkey']), '--vkey', [signatureTypes.ed25519]);
  const checkpoints = listOf(flags, 'checkpoint').map((path) => readNamed(path, '--checkpoint'));
  const options = {
    logKey,
    checkpoints,
    witnesses: witnessesOf(flags),
    signal: ctx.signal,
    threads: availableParallelism(),
  };
  const results: (ExportVerdict & { readonly file: string })[] = [];
  let exitCode: number = exitCodes.fine;
  for (const file of files) {
    try {
      const source = createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
      const verdict = await verifyExport(source, options);
      results.push({ file, ...verdict });
      if (verdict.verdict === 'rejected') exitCode = exitCodes.findings;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).syscall === undefined) throw thrown;
      const firstBroken = {
        line: 0,
        link: 'file',
        check: 'readable',
        message: `The file cannot be read: ${messageOf(thrown)}`,
      };
      results.push({ file, verdict: 'rejected', digests: [], firstBroken });
      if (exitCode === exitCodes.fine) exitCode = exitCodes.unreadable;
    }
  }
  for (const target of targets) {
    writeReport(
      target,
      results.map((result) => (target.format === 'json' ? jsonLine(result) : describe(result))),
    );
  }
  return exitCode;
}

function describe(result: ExportVerdict & { readonly file: string }): string {
  const file = inert(result.file);
  if (result.verdict === 'rejected') {
    const { line, link, check, message } = result.firstBroken;
    return `${file}: rejected at line ${line}, ${link}: ${message} [${check}]\n`;
  }
  const rows = result.digests.map(
    ({ digest, records, asOf }) => `  ${digest}: ${records} records, all there are as of ${asOf}\n`,
  );
  return `${file}: verified\n${rows.join('')}`;
}
