// `plombe serve` as a process that a test can ask to end, or kill.
import { spawn, type ChildProcess } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { installed, launcher } from './plombe.ts';

export interface ServeProcess {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly host: string;
  readonly child: ChildProcess;
  stderr(): string;
  /** Sends the signal, and returns exit code and signal once the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<readonly [number | null, string | null]>;
}

export interface ServeSettings {
  /** Home of the process. */
  readonly home: string;
  readonly args?: readonly string[];
  readonly listen?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs this program with the launcher as its last arguments. */
  readonly through?: readonly string[];
}

/** Serves a folder until the test ends. Throws what it wrote where it does not start. */
export async function startServe(data: string, settings: ServeSettings): Promise<ServeProcess> {
  const { home, args = ['--plain-http'], listen = '127.0.0.1:0', through = [] } = settings;
  const [command = launcher, ...rest] = [...through, launcher, 'serve', '--data', data, '--listen', listen, ...args];
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...settings.env };
  const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<readonly [number | null, string | null]>((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  const end: ServeProcess['end'] = (signal) => {
    child.kill(signal);
    return closed;
  };
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
  });
  let stdout = '';
  for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    stdout += text;
    const url = /^listening on (https?:\/\/(\S+))\n$/.exec(stdout);
    // The rest is read by nobody, and there is none.
    if (url?.[1] !== undefined) return { url: url[1], host: url[2] ?? '', child, stderr: () => stderr, end };
  }
  await closed;
  throw new Error(`serve ended: ${stdout}${stderr}`);
}

/** Makes a robot and returns its `Authorization` header, and name and password. */
export async function makeRobot(
  data: string,
  home: string,
  name: string,
  actions: string,
  repository = '*',
): Promise<{ readonly authorization: string; readonly username: string; readonly password: string }> {
  const command = `robots create ${name} --actions ${actions} --expires 1h -o json`.split(' ');
  const made = await installed(home)([...command, '--data', data, '--repository', repository]);
  if (made.code !== 0) throw new Error(`robots create ended with ${made.code}: ${made.stderr}`);
  const { username, password } = JSON.parse(made.stdout) as { username: string; password: string };
  return { username, password, authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
