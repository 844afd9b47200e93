// A target in a process of its own, watched from outside: what hangs is ended, what dies is told, each with the input that did it.
import { fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Message, Task } from './child.ts';
import type { FuzzInput } from './input.ts';
import type { Fault, RunLimits } from './run-input.ts';

/** Old space of the child: readers promise less, and a heap that grows without end dies here soon. */
const heapMebibytes = 512;
const pollMs = 250;

/** Each input is written and renamed: in memory where there is such a folder, since disks take ten times as long for that as a reader for its input. */
const inputFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What came of some seconds of a target. */
export interface Outcome {
  readonly runs: number;
  readonly outcomes: number;
  readonly finds: readonly { readonly fault: Fault; readonly input: FuzzInput }[];
}

/** Fuzzes a target for some seconds. After a hang or a crash it goes on with another seed. */
export async function fuzzTarget(target: string, seed: number, seconds: number, limits: RunLimits): Promise<Outcome> {
  const inputFile = join(inputFolder, `plombe-fuzz-${process.pid}-${target.replace(/\W/g, '-')}`);
  const endMs = performance.now() + seconds * 1000;
  const finds: { fault: Fault; input: FuzzInput }[] = [];
  let runs = 0;
  let outcomes = 0;
  for (let round = 0; round === 0 || performance.now() < endMs - 2000; round++) {
    const left = Math.max(1, (endMs - performance.now()) / 1000);
    const messages: Message[] = [];
    const fault = await runChild({ target, seed: seed + round, seconds: left, limits, inputFile }, (message) =>
      messages.push(message),
    );
    for (const message of messages) {
      if (message.kind === 'find') finds.push({ fault: message.fault, input: message.input });
      else [runs, outcomes] = [runs + message.runs, Math.max(outcomes, message.outcomes)];
    }
    if (fault === undefined) break;
    finds.push({ fault, input: readInput(inputFile)?.input ?? [] });
    if (round === 5) break;
  }
  rmSync(inputFile, { force: true });
  return { runs, outcomes, finds };
}

/** Runs one input in a fresh process and returns its fault, if it has one. */
export async function faultOfInput(target: string, input: FuzzInput, limits: RunLimits): Promise<Fault | undefined> {
  const inputFile = join(inputFolder, `plombe-fuzz-${process.pid}-one`);
  writeFileSync(
    inputFile,
    serialize({ run: 0, input: input.map((part) => ({ ...part, bytes: Buffer.from(part.bytes) })) }),
  );
  let found: Fault | undefined;
  const fault = await runChild({ target, seed: 0, seconds: 1, limits, inputFile, replay: true }, (message) => {
    if (message.kind === 'find') found ??= message.fault;
  });
  rmSync(inputFile, { force: true });
  return fault ?? found;
}

async function runChild(task: Task, onMessage: (message: Message) => void): Promise<Fault | undefined> {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [JSON.stringify(task)], {
    execArgv: [`--max-old-space-size=${heapMebibytes}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  let hang: Fault | undefined;
  let done = false;
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  child.on('message', (message: Message) => {
    done ||= message.kind === 'done';
    onMessage(message);
  });
  const watch = hangWatch(task, child.pid ?? 0);
  const timer = setInterval(() => {
    hang ??= watch();
    if (hang !== undefined) child.kill('SIGKILL');
  }, pollMs);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (hang !== undefined || done) return hang;
  const reason = /FATAL ERROR: .*|Error: .*/.exec(said)?.[0] ?? said.slice(-300);
  return { kind: 'crash', key: 'crash', saying: `ended with ${String(code)}: ${reason}` };
}

/** Answers a fault once one input has taken twice the CPU time it may: the child itself tells of what ends before. */
function hangWatch({ inputFile, limits }: Task, pid: number): () => Fault | undefined {
  let written = -1;
  let sinceMs = 0;
  return () => {
    const now = cpuMs(pid);
    const last = statSync(inputFile, { throwIfNoEntry: false })?.mtimeMs ?? -1;
    if (last !== written) [written, sinceMs] = [last, now];
    if (written < 0 || now - sinceMs < 2 * limits.cpuMs) return undefined;
    return { kind: 'hang', key: 'hang', saying: `took more than ${Math.round(now - sinceMs)} ms of CPU` };
  };
}

/** CPU time of a process (proc_pid_stat(5), fields 14 and 15, in hundredths); wall time where there is no /proc. */
function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return performance.now();
  }
}

function readInput(file: string): { readonly run: number; readonly input: FuzzInput } | undefined {
  try {
    return deserialize(readFileSync(file)) as { run: number; input: FuzzInput };
  } catch {
    return undefined;
  }
}
