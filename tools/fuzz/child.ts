// The process that a target runs in: it mutates, runs, minimises, and tells its parent of finds. It may hang or die; the parent sees to that.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { corpusOf } from './corpus.ts';
import type { FuzzInput } from './input.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutations/mutate.ts';
import { chanceOf } from './random.ts';
import { type Fault, runInput, type RunLimits } from './run-input.ts';
import type { FuzzTarget } from './target.ts';
import { targets } from './targets/targets.ts';

/** What the parent asks for, as JSON in the first argument. */
export interface Task {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly limits: RunLimits;
  /** Where the input is written before it is run, for the parent to read after a hang or a crash. */
  readonly inputFile: string;
  /** Run what lies in `inputFile`, and nothing else. */
  readonly replay?: boolean;
}

/** What the child says. */
export type Message =
  | { readonly kind: 'find'; readonly fault: Fault; readonly input: FuzzInput }
  | { readonly kind: 'done'; readonly runs: number; readonly outcomes: number };

/** Outcomes that were never seen before are mutated further; this many, so that a target which says much does not fill the memory. */
const maxPool = 2000;
const maxPoolBytes = 30_000;

/** A find is made small while the others wait. */
const minimiseMs = 8000;

await work(JSON.parse(process.argv[2] ?? '{}') as Task);

async function work(task: Task): Promise<void> {
  const target = targets.find(({ name }) => name === task.target);
  if (target === undefined) throw new Error(`There is no target ${task.target}.`);
  const pool = corpusOf(task.target).map(({ input }) => input);
  const chance = chanceOf(task.seed ^ hash(task.target));
  const outcomes = new Set<string>();
  const known = new Set<string>();
  const endMs = performance.now() + task.seconds * 1000;
  let runs = 0;
  const run = async (input: FuzzInput): Promise<void> => {
    writeInput(task.inputFile, runs, input);
    runs += 1;
    const outcome = await runInput(target, input, task.limits);
    if (typeof outcome === 'string') {
      if (outcomes.has(outcome)) return;
      outcomes.add(outcome);
      if (pool.length < maxPool && input.reduce((sum, { bytes }) => sum + bytes.length, 0) < maxPoolBytes)
        pool.push(input);
      return;
    }
    if (known.has(outcome.key)) return;
    known.add(outcome.key);
    await say({ kind: 'find', fault: outcome, input: await smaller(target, input, outcome, task) });
  };
  if (task.replay === true) {
    const { input } = deserialize(readFileSync(task.inputFile)) as { input: FuzzInput };
    const outcome = await runInput(target, input, task.limits);
    if (typeof outcome !== 'string') await say({ kind: 'find', fault: outcome, input });
    await say({ kind: 'done', runs: 1, outcomes: 1 });
    process.disconnect();
    return;
  }
  for (const input of pool.slice()) await run(input);
  if (pool.length === 0) pool.push([{ path: '', bytes: new Uint8Array([10]) }]);
  while (performance.now() < endMs) {
    await run(mutate(pool, chance));
    if (runs % 64 === 0) await new Promise(setImmediate);
  }
  await say({ kind: 'done', runs, outcomes: outcomes.size });
  process.disconnect();
}

/** What throws is made small at once; what is slow or large would take long, so few trials are made. */
async function smaller(
  target: FuzzTarget,
  input: FuzzInput,
  fault: Fault,
  { limits, inputFile }: Task,
): Promise<FuzzInput> {
  if (fault.kind === 'memory') return input;
  const endMs = performance.now() + minimiseMs;
  const fails = async (candidate: FuzzInput): Promise<boolean> => {
    if (performance.now() > endMs) return false;
    writeInput(inputFile, 0, candidate);
    const again = await runInput(target, candidate, limits);
    return typeof again !== 'string' && again.key === fault.key;
  };
  return minimise(input, fails, fault.kind === 'throw' ? 3000 : 20);
}

/** Whole or not at all: the parent may read at any time. */
function writeInput(file: string, run: number, input: FuzzInput): void {
  writeFileSync(
    `${file}.new`,
    serialize({ run, input: input.map((part) => ({ ...part, bytes: Buffer.from(part.bytes) })) }),
  );
  renameSync(`${file}.new`, file);
}

async function say(message: Message): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}

function hash(text: string): number {
  let sum = 0;
  for (const character of text) sum = (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum;
}
