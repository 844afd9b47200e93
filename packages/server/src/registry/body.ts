// Small bodies, read whole within a size and a time; and what is left of bodies that nobody wants.
import type { IncomingMessage } from 'node:http';
import { mebibyte } from '@plombe/kit';
import { Refused } from './refused.ts';

/** Reads a body of at most `maxBytes`. Refuses a larger one (413) and one that takes longer than `withinMs` (408). */
export function readBody(request: IncomingMessage, maxBytes: number, withinMs: number): Promise<Buffer> {
  const tooLarge = (): Refused => new Refused('SIZE_INVALID', `A manifest has at most ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      act();
    };
    const onData = (piece: Buffer): void => {
      length += piece.length;
      pieces.push(piece);
      if (length > maxBytes) settle(() => reject(tooLarge()));
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(pieces, length)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => onError(new Error('The request broke off.'));
    const timer = setTimeout(
      () =>
        settle(() => reject(new Refused('MANIFEST_INVALID', 'The manifest took too long to arrive.', { status: 408 }))),
      withinMs,
    );
    request.on('data', onData).once('end', onEnd).once('error', onError).once('close', onClose);
  });
}

/** So much of an unwanted body is read so that the client sees the answer; a reset connection would swallow it. */
const drainBytes = 8 * mebibyte;
const drainMs = 5000;

const draining = new WeakSet<IncomingMessage>();

/** Lets a request end whose body was not read; beyond that the connection is broken. */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed || draining.has(request)) return;
  draining.add(request);
  let left = drainBytes;
  const timer = setTimeout(() => request.destroy(), drainMs);
  timer.unref();
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) request.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  request.on('error', () => undefined);
  request.resume();
}
