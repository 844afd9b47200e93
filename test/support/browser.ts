// Pages in a real browser: Chromium without a window, asked through its own protocol.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BrowserPage {
  /** Evaluates an expression in the page and returns its value. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Shows the page on a screen of so many pixels. */
  readonly resize: (width: number) => Promise<void>;
  /** What the browser said so far of scripts, styles and addresses that it refused. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for, but for its own. */
  readonly requests: readonly string[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: unknown;
}

/** Opens the page and lets `use` work with it. The browser and its folder are gone afterwards. */
export async function withPage(address: string, use: (page: BrowserPage) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'plombe-browser-'));
  const flags = ['--headless', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  // Root may not use the browser's sandbox; the page is our own.
  const child = spawn('chromium', [...flags, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    const socket = new WebSocket(await endpointOf(child.stderr));
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the browser does not answer')));
    });
    const complaints: string[] = [];
    const requests: string[] = [];
    const waiting = new Map<number, (message: Message) => void>();
    const events = new Map<string, () => void>();
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      if (message.method === 'Log.entryAdded' || message.method === 'Runtime.exceptionThrown')
        complaints.push(JSON.stringify(message.params));
      if (message.method === 'Network.requestWillBeSent') {
        const url = (message.params?.['request'] as { readonly url: string } | undefined)?.url;
        if (url !== undefined && url !== address.replace(/#.*$/, '')) requests.push(url);
      }
      events.get(message.method ?? '')?.();
    });
    let last = 0;
    const session: { sessionId?: string } = {};
    const ask = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, ({ result, error }) =>
          result === undefined ? reject(new Error(JSON.stringify(error))) : resolve(result),
        );
        socket.send(JSON.stringify({ id, method, params, ...session }));
      });
    const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
    const attached = await ask('Target.attachToTarget', { targetId, flatten: true });
    session.sessionId = attached['sessionId'] as string;
    for (const domain of ['Page', 'Log', 'Runtime', 'Network']) await ask(`${domain}.enable`);
    const loaded = new Promise<void>((resolve) => events.set('Page.loadEventFired', resolve));
    await ask('Page.navigate', { url: address });
    await loaded;
    const evaluate = async (expression: string): Promise<unknown> => {
      const answer = await ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
      return (answer['result'] as { readonly value?: unknown }).value;
    };
    const resize = async (width: number): Promise<void> => {
      await ask('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: true });
    };
    await use({ evaluate, resize, complaints, requests });
    socket.close();
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function endpointOf(stderr: AsyncIterable<Buffer>): Promise<string> {
  let said = '';
  for await (const chunk of stderr) {
    said += chunk.toString();
    const found = /DevTools listening on (ws:\/\/\S+)/.exec(said)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`the browser ended: ${said.slice(0, 500)}`);
}
