// Small bodies, read whole within a size and a time; and what is left of bodies that nobody wants.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mebibyte } from '@plombe/kit';
import { Refused } from './refused.ts';

/** Reads a body of at most `maxBytes`. Refuses a larger one (413) and one that takes longer than `withinMs` (408). */
export async function readBody(request: IncomingMessage, maxBytes: number, withinMs: number): Promise<Buffer> {
  const tooLarge = (): Refused => new Refused('SIZE_INVALID', `A manifest has at most ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    request.destroy();
  }, withinMs);
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxBytes) throw tooLarge();
      pieces.push(piece);
    }
  } catch (error) {
    if (isLate) throw new Refused('MANIFEST_INVALID', 'The manifest took too long to arrive.', { status: 408 });
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(pieces, length);
}

/** So much of an unwanted body is read so that the client sees the answer; a reset connection would swallow it. */
const drainBytes = 8 * mebibyte;
const drainMs = 5000;

/** Lets a request end whose body was not read. */
export function drain(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed) return;
  if (!response.headersSent) response.setHeader('connection', 'close');
  let left = drainBytes;
  const give = (): void => void request.destroy();
  const timer = setTimeout(give, drainMs);
  timer.unref();
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) give();
  });
  request.once('close', () => clearTimeout(timer));
  request.on('error', () => undefined);
  request.resume();
}
