// Notation's plugins as programs of this machine: where they are installed, which of them may be run, and how one run is bounded.
import { spawn } from 'node:child_process';
import { lstatSync, statSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FindPlugin } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import { maxPluginOutputBytes, type PluginOutput } from '@plombe/notation';

type Environment = Readonly<Record<string, string | undefined>>;

/** A key service over the network answers in seconds; one that asks somebody something would wait for ever. */
const maxRunMs = 60_000;

/** What a plugin's error may hold beside JSON. */
const maxErrorBytes = mebibyte;

/** What programs need to find their interpreter, home, temporary files and way to the network. No secret of ours is among them (T66). */
const passedOn = [
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/**
 * Returns what finds `plugins/NAME/notation-NAME` in the folder that notation uses: `NOTATION_LIBEXEC`, else `NOTATION_CONFIG`, else
 * `$XDG_CONFIG_HOME/notation`, else `~/.config/notation`. It answers undefined where nothing is installed under the name, and throws
 * `notation/plugin` for a name with path parts and for what must not be run: no regular file, not executable, or others may change it.
 */
export function pluginFinder(environment: Environment, signal: AbortSignal, deadlineMs = maxRunMs): FindPlugin {
  return async (name) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))
      throw refused(name.slice(0, 100), 'that is no name of a plugin');
    const folder = join(pluginFolder(environment), name);
    const path = join(folder, `notation-${name}`);
    if (!mayRun(name, folder, path)) return undefined;
    const env = Object.fromEntries(
      passedOn.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
    );
    return {
      name,
      exec: (command, request) => run({ name, path, env, cwd: folder, signal, deadlineMs }, command, request),
    };
  };
}

/** As notation looks for them; only absolute paths count, so that no plugin comes out of the folder one happens to be in. */
function pluginFolder(environment: Environment): string {
  const absolute = (variable: string): string | undefined =>
    environment[variable]?.startsWith('/') === true ? environment[variable] : undefined;
  const config = absolute('XDG_CONFIG_HOME') ?? join(absolute('HOME') ?? homedir(), '.config');
  return join(absolute('NOTATION_LIBEXEC') ?? absolute('NOTATION_CONFIG') ?? join(config, 'notation'), 'plugins');
}

/** Whether there is one. Throws `notation/plugin` where it must not be run. */
function mayRun(name: string, folder: string, path: string): boolean {
  let file: Stats;
  let above: Stats;
  try {
    file = lstatSync(path);
    above = statSync(folder);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return false;
    throw refused(name, `${path} cannot be looked at: ${messageOf(cause)}`);
  }
  if (!file.isFile()) throw refused(name, `${path} is no regular file`);
  if ((file.mode & 0o111) === 0) throw refused(name, `${path} is not executable`);
  const own = process.getuid?.();
  for (const [what, { mode, uid }] of [
    [path, file],
    [folder, above],
  ] as const) {
    if ((mode & 0o022) !== 0)
      throw refused(name, `${what} may be changed by others`, `Take that away: chmod go-w ${what}`);
    if (uid !== 0 && uid !== own) throw refused(name, `${what} belongs to somebody else`);
  }
  return true;
}

interface Program {
  readonly name: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** Runs one command without a shell. Throws `notation/plugin` where it cannot be started, writes too much or does not end; the signal's reason. */
function run(
  { name, path, env, cwd, signal, deadlineMs }: Program,
  command: string,
  request: Uint8Array,
): Promise<PluginOutput> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(path, [command], { env, cwd, stdio: 'pipe', windowsHide: true });
    let problem: unknown;
    const end = (why: unknown): void => {
      problem ??= why;
      child.kill('SIGKILL');
      // A program that it started may hold them open; nobody waits for that one.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const abort = (): void => end(signal.reason);
    const timer = setTimeout(
      () => end(refused(name, `it did not end within ${deadlineMs / 1000} seconds`)),
      deadlineMs,
    );
    signal.addEventListener('abort', abort, { once: true });
    const tooMuch = (): void => end(refused(name, 'it writes too much'));
    const stdout = collect(child.stdout, maxPluginOutputBytes, tooMuch);
    const stderr = collect(child.stderr, maxErrorBytes, tooMuch);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    child.once('error', (cause) => {
      settle();
      reject(problem ?? refused(name, `${path} cannot be run: ${messageOf(cause)}`));
    });
    child.once('close', (code, killed) => {
      settle();
      if (problem === undefined && code === null) problem = refused(name, `it was ended by ${String(killed)}`);
      if (problem === undefined)
        resolve({ exitCode: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
      else reject(problem);
    });
    // One that does not read its input may answer nevertheless.
    child.stdin.on('error', () => undefined).end(request);
  });
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, tooMuch: () => void): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  stream.on('data', (chunk: Uint8Array) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) chunks.push(chunk);
    else tooMuch();
  });
  return chunks;
}

function refused(name: string, problem: string, remedy?: string): PlombeError {
  return new PlombeError(
    'notation/plugin',
    `Plugin ${inert(name)}: ${inert(problem)}.`,
    remedy === undefined ? {} : { remedy: inert(remedy) },
  );
}
