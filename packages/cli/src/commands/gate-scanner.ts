// `plombe gate scanner`: a process of the server that reads images. It is started by the server alone, over Node's channel.
import { once } from 'node:events';
import { PlombeError } from '@plombe/kit';
import { serveScanner, type ScannerChannel } from '@plombe/server';
import { openSession } from '../compose/context.ts';
import { expectLongWork } from '../launch.ts';

/** Serves until the channel closes, which it does when the server ends, however that is. Throws `config/invalid` where there is none. */
export async function gateScannerCommand(cacheDirectory: string): Promise<void> {
  if (process.send === undefined)
    throw new PlombeError('config/invalid', 'This command is for the server, which starts it by itself.');
  expectLongWork();
  const { ctx } = openSession({ quiet: true });
  const channel: ScannerChannel = {
    // The server may have ended; then so does this.
    send: (answer, sent) => void process.send?.(answer, undefined, undefined, () => sent?.()),
    onRequest: (take) => void process.on('message', (request) => take(request as Parameters<typeof take>[0])),
  };
  const ended = once(process, 'disconnect');
  serveScanner(channel, { cacheDirectory }, ctx);
  await ended;
}
