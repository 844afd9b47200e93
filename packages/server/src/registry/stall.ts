// Clients that send or take nothing hold nothing up for long (T35).
import type { IncomingMessage } from 'node:http';
import type { Patience } from './exchange.ts';

/** Runs `work`, and breaks the connection where too few bytes move meanwhile. */
export async function unlessStalled<T>(
  { request }: { readonly request: IncomingMessage },
  { stallMs, minBytes }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const { socket } = request;
  const moved = (): number => socket.bytesRead + socket.bytesWritten;
  let before = moved();
  const timer = setInterval(() => {
    const now = moved();
    if (now - before < minBytes) socket.destroy();
    before = now;
  }, stallMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
