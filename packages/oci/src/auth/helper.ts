// docker's credential helpers: a program that is asked for one registry and answers with a secret.
import { spawn } from 'node:child_process';
import { PlombeError, decodeText, inert, isObject, kibibyte, textField } from '@plombe/kit';
import type { Credential } from './credential.ts';

/** Secrets have a few KiB. */
const maxOutputBytes = 256 * kibibyte;
/** Helpers of clouds fetch a token over the network; one that asks the user something would wait for ever. */
const timeoutMs = 30_000;

/**
 * Runs `docker-credential-NAME get` with the server's name on its input. Undefined where it knows none. Throws `registry/credentials`
 * where the name is not one, the program is missing, fails, or takes over 30 s. What it prints is never repeated.
 */
export async function runHelper(name: string, server: string, signal: AbortSignal): Promise<Credential | undefined> {
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('registry/credentials', `The credential helper "${inert(name.slice(0, 100))}" ${reason}.`, {
      cause,
    });
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) throw fail('has a name that is not allowed');
  const { code, output } = await run(`docker-credential-${name}`, ['get'], server, signal, fail);
  if (code !== 0) {
    if (/credentials not found|no credentials server url/i.test(output)) return undefined;
    throw fail(`failed for ${server} (exit code ${code ?? 'none'})`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw fail('answered something that is not JSON');
  }
  const username = isObject(answer) ? textField(answer, 'Username') : undefined;
  const secret = isObject(answer) ? textField(answer, 'Secret') : undefined;
  if (username === undefined || secret === undefined) throw fail('answered without Username and Secret');
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', username, password: secret };
}

/** Runs a program without a shell; resolves with its exit code and standard output, bounded in time and size. */
export function run(
  program: string,
  programArguments: readonly string[],
  input: string,
  signal: AbortSignal,
  fail: (reason: string, cause?: unknown) => PlombeError,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      stdio: ['pipe', 'pipe', 'ignore'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    // Node's own timer outlives a program that could not be started, and keeps the process.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const chunks: Uint8Array[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxOutputBytes) chunks.push(chunk);
      else child.kill('SIGKILL');
    });
    // A program of its own that it started may hold the output open; nobody waits for that one.
    child.once('exit', (_, killed) => void (killed !== null && child.stdout.destroy()));
    child.stdin.on('error', () => {
      // A program that does not read its input still may answer.
    });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(fail(cause.code === 'ENOENT' ? 'is not installed' : 'could not be run', cause));
    });
    child.once('close', (code, killed) => {
      clearTimeout(timer);
      if (size > maxOutputBytes) reject(fail('answered too much'));
      else if (killed !== null)
        reject(fail(`was ended (${killed})${signal.aborted ? '' : ` after ${timeoutMs / 1000} s`}`));
      else resolve({ code, output: decodeText(Buffer.concat(chunks)) });
    });
    child.stdin.end(input);
  });
}
