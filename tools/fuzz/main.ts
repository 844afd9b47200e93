// Fuzzes the readers: `npm run fuzz -- --seconds 600 [--target NAME]… [--seed N] [--jobs N] [--minimise]`. CONTRIBUTING.md tells more.
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { corpusOf, keepFind, keepSeed } from './corpus.ts';
import { decodeInput, type FuzzInput } from './input.ts';
import { minimise } from './minimise.ts';
import { defaultLimits, type Fault } from './run-input.ts';
import { faultOfInput, fuzzTarget } from './supervise.ts';
import { targets } from './targets/targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    'cpu-ms': { type: 'string', default: String(defaultLimits.cpuMs) },
    minimise: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Date.now() / 1000) % 1_000_000);
const limits = { ...defaultLimits, cpuMs: Number(values['cpu-ms']) };
/** A name, or the beginning of some: `cataloger/`. */
const chosen = targets
  .map(({ name }) => name)
  .filter((name) => values.target.length === 0 || values.target.some((given) => name.startsWith(given)));

if (values.list) {
  for (const name of chosen) console.log(`${name} ${corpusOf(name).length}`);
} else if (chosen.length === 0) {
  console.error('There is no such target; --list names them.');
  process.exitCode = 2;
} else if (values.keep !== undefined) {
  for (const name of chosen) console.log(keepSeed(name, decodeInput(basename(values.keep), readFileSync(values.keep))));
} else {
  await fuzzAll();
}

/** Every chosen target has its share of the time; `--jobs` of them run at once. */
async function fuzzAll(): Promise<void> {
  const jobs = Math.max(1, Number(values.jobs));
  const seconds = Math.max(1, (Number(values.seconds) * jobs) / chosen.length);
  console.log(`seed ${seed}, ${chosen.length} targets, ${seconds.toFixed(1)} s each`);
  const pending = [...chosen];
  let count = 0;
  const worker = async (): Promise<void> => {
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      const { runs, outcomes, finds } = await fuzzTarget(name, seed, seconds, limits);
      console.log(
        `${name}: ${runs} inputs, ${outcomes} outcomes${finds.length === 0 ? '' : `, ${finds.length} FINDS`}`,
      );
      for (const { fault, input } of finds)
        console.log(
          `  ${fault.kind}: ${fault.saying}\n    ${keepFind(name, fault.kind, await small(name, fault, input))}`,
        );
      count += finds.length;
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  console.log(count === 0 ? 'nothing found' : `${count} finds; again with --seed ${seed}`);
  process.exitCode = count === 0 ? 0 : 1;
}

/** Hangs and crashes are made small by a process for each trial, which takes minutes: only where that is asked for. */
async function small(target: string, fault: Fault, input: FuzzInput): Promise<FuzzInput> {
  if (!values.minimise || fault.kind === 'throw') return input;
  return minimise(input, async (candidate) => (await faultOfInput(target, candidate, limits))?.kind === fault.kind, 40);
}
