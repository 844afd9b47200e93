// Clients that send or take nothing hold nothing up for long (T35).
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Patience } from './exchange.ts';

/** Runs `work`, and breaks the connection where too few bytes move meanwhile. */
export async function unlessStalled<T>(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { stallMs, minBytes }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const { socket } = request;
  let moved = socket.bytesRead + socket.bytesWritten;
  let isFirst = true;
  const timer = setInterval(() => {
    const now = socket.bytesRead + socket.bytesWritten;
    // Nothing is expected of the client while what it sent is written to a slow disk.
    const isWaiting = request.isPaused() && !response.headersSent;
    if (!isWaiting && !isFirst && now - moved < minBytes) socket.destroy(new Error('The client stalled.'));
    isFirst = false;
    moved = now;
  }, stallMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
