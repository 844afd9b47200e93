// A distiller for text files of which single lines matter: file lists, licence fields.
import { kibibyte, mebibyte } from '@plombe/kit';
import type { Distiller } from './cataloger.ts';

/** Twice Linux's PATH_MAX; a longer line is of no interest and is skipped. */
const maxLineBytes = 8 * kibibyte;

/** The file lists of the largest packages have 3 MiB, before anything is dropped. */
const maxKeptBytes = 8 * mebibyte;

/**
 * Text is made of so much at a time: longer ones, and the lines that are parts of them, outlive a collection of the young generation, and the garbage of
 * a file of 200 MiB was as large as the file.
 */
const pieceBytes = 32 * kibibyte;

/**
 * Keeps the lines that `keep` answers, in order. It is called for each line with its bytes as Latin-1 text, without line end;
 * what it answers is kept in place of the line, undefined drops it, false ends the reading.
 */
export function lineDistiller(keep: (line: string) => string | undefined | false): Distiller {
  const kept: string[] = [];
  let rest = '';
  let skipping = false;
  let size = 0;
  let done = false;
  const take = (line: string): void => {
    const text = line.length > maxLineBytes ? undefined : keep(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (text === false) done = true;
    else if (text !== undefined && (size += text.length + 1) <= maxKeptBytes) kept.push(text);
  };
  const takePiece = (piece: string): void => {
    const lines = piece.split('\n');
    const last = lines.pop() as string;
    for (let i = 0; i < lines.length && !done; i++) {
      const line = lines[i] as string;
      if (i > 0) take(line);
      else if (!skipping) take(rest + line);
      else skipping = false;
    }
    if (lines.length > 0) rest = '';
    rest = skipping && lines.length === 0 ? '' : rest + last;
    if (rest.length > maxLineBytes) {
      rest = '';
      skipping = true;
    } else if (lines.length > 0) skipping = false;
  };
  return {
    write(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      for (let at = 0; at < bytes.length && !done; at += pieceBytes) {
        takePiece(bytes.toString('latin1', at, Math.min(at + pieceBytes, bytes.length)));
      }
      return !done;
    },
    finish() {
      if (!done && !skipping && rest !== '') take(rest);
      return kept.length === 0 ? undefined : Buffer.from(kept.join('\n'), 'latin1');
    },
  };
}
