// Where reports go: `-o FORMAT` to standard output, `-o FORMAT=FILE` to a file, written whole or not at all.
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inert, messageOf, PlombeError } from '@plombe/kit';

export interface OutputTarget {
  readonly format: string;
  /** Absent: standard output. */
  readonly path?: string;
}

/** Parses `-o` values. Throws `config/invalid` for an unknown format, a folder that is not there, or two reports in one place. */
export function parseOutputs(
  values: readonly string[],
  formats: readonly string[],
  fallback: string,
): readonly OutputTarget[] {
  const targets = (values.length === 0 ? [fallback] : values).map((value): OutputTarget => {
    const equals = value.indexOf('=');
    const format = equals < 0 ? value : value.slice(0, equals);
    const path = equals < 0 ? '' : value.slice(equals + 1);
    if (!formats.includes(format)) {
      throw new PlombeError(
        'config/invalid',
        `There is no output format ${inert(format)}.${nearest(format, formats)}`,
        { remedy: `Choose from: ${formats.join(', ')}.` },
      );
    }
    if (equals >= 0) requireFolder(value, path);
    return equals < 0 ? { format } : { format, path };
  });
  const paths = targets.flatMap(({ path }) => path ?? []);
  const places = paths.map(placeOf);
  const twice = paths.find((path, index) => places.indexOf(placeOf(path)) < index && !isSpecial(path));
  if (twice !== undefined) {
    throw new PlombeError('config/invalid', `Two reports cannot go to the same file, ${inert(twice)}.`);
  }
  if (targets.filter((target) => target.path === undefined).length > 1) {
    throw new PlombeError(
      'config/invalid',
      'Only one report can go to standard output; name a file for the others: -o FORMAT=FILE.',
    );
  }
  return targets;
}

function nearest(given: string, formats: readonly string[]): string {
  const near = formats.find((format) => format.startsWith(given.toLowerCase()) || given.toLowerCase().includes(format));
  return near === undefined || given === '' ? '' : ` Did you mean ${near}?`;
}

/** Said before the work, not after it. */
function requireFolder(value: string, path: string): void {
  if (path === '') throw new PlombeError('config/invalid', `-o ${inert(value)} names no file.`);
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true) {
    throw new PlombeError('config/invalid', `-o ${inert(value)}: there is no folder ${inert(dirname(path))}.`);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new PlombeError('config/invalid', `-o ${inert(value)}: ${inert(path)} is a folder.`);
  }
}

/** Where a report ends up, however its path is written: links and dots are followed. */
function placeOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined
    ? join(realpathSync(dirname(path)), basename(path))
    : realpathSync(path);
}

/** A pipe, terminal or device is written to; it must never be replaced by a file. */
export function isSpecial(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

/** Pieces are joined up to this size before they are written. */
const pieceLength = 64 * 1024;

/** Writes text to standard output, all of it, before it returns. A reader that went away ends the output silently. */
export function print(text: string): void {
  writeAll(1, text);
}

/** Writes the report; a file appears under its name only once it is whole. Throws `report/write`. */
export function writeReport(target: OutputTarget, pieces: Iterable<string>): void {
  if (target.path === undefined) {
    writePieces(1, pieces);
    return;
  }
  try {
    if (isSpecial(target.path)) writeFile(target.path, pieces);
    else replaceFile(target.path, pieces);
  } catch (thrown) {
    throw new PlombeError(
      'report/write',
      `The report cannot be written to ${inert(target.path)}: ${messageOf(thrown)}`,
      { cause: thrown },
    );
  }
}

/** Writes beside the file and renames, so that no reader ever sees half a report; a link keeps pointing where it does. */
function replaceFile(path: string, pieces: Iterable<string>): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  const real = existing === undefined ? path : realpathSync(path);
  const temporary = `${real}.${process.pid}.part`;
  try {
    writeFile(temporary, pieces);
    renameSync(temporary, real);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}

function writeFile(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, 'w', 0o644);
  try {
    writePieces(file, pieces);
    if (statSync(path).isFile()) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writePieces(file: number, pieces: Iterable<string>): void {
  let pending = '';
  for (const piece of pieces) {
    pending += piece;
    if (pending.length < pieceLength) continue;
    writeAll(file, pending);
    pending = '';
  }
  if (pending !== '') writeAll(file, pending);
}

function outputFailure(thrown: unknown): PlombeError {
  const message = `Standard output cannot be written: ${messageOf(thrown)}`;
  return new PlombeError('report/write', message, { cause: thrown });
}

let readerGone = false;

/** True once the reader of standard output went away: nothing more need be made for it. */
export function isReaderGone(): boolean {
  return readerGone;
}

/** Writes everything, also to a pipe that is full for now; a reader that went away (`| head`) ends the report silently. */
export function writeAll(file: number, text: string): void {
  if (file === 1 && readerGone) return;
  const bytes = Buffer.from(text);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at);
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === 'EPIPE' && file === 1) {
        readerGone = true;
        return;
      }
      if (code !== 'EAGAIN') throw file === 1 ? outputFailure(thrown) : thrown;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}
