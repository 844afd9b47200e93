// One input in a target, and what is wrong with what came of it.
import { resourceUsage } from 'node:process';
import type { FuzzInput } from './input.ts';
import type { FuzzTarget } from './target.ts';

/** `throw`: an error or broken promise. `slow` and `memory`: more than an input may take. `hang` and `crash` are told by the parent. */
export interface Fault {
  readonly kind: 'throw' | 'slow' | 'memory' | 'hang' | 'crash';
  /** The same for two inputs that fail in one place. */
  readonly key: string;
  readonly saying: string;
}

export interface RunLimits {
  /** CPU time of an input. */
  readonly cpuMs: number;
  /** Growth of the largest resident size over an input. */
  readonly memoryBytes: number;
}

/** The requirement of SECURITY.md's abuse cases is 256 MiB and 60 s for an artifact; an input here is one small file. */
export const defaultLimits: RunLimits = { cpuMs: 5000, memoryBytes: 256 * 2 ** 20 };

/** Returns the words of the outcome, or the fault. */
export async function runInput(target: FuzzTarget, input: FuzzInput, limits: RunLimits): Promise<string | Fault> {
  const before = resourceUsage();
  let outcome: string;
  try {
    outcome = await target.run(input);
  } catch (thrown) {
    return { kind: 'throw', ...faultOf(thrown) };
  }
  const after = resourceUsage();
  const cpuMs = (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1000;
  if (cpuMs > limits.cpuMs) return { kind: 'slow', key: 'slow', saying: `took ${Math.round(cpuMs)} ms of CPU` };
  const grownBytes = (after.maxRSS - before.maxRSS) * 1024;
  if (grownBytes > limits.memoryBytes)
    return { kind: 'memory', key: 'memory', saying: `took ${Math.round(grownBytes / 2 ** 20)} MiB` };
  return outcome;
}

function faultOf(thrown: unknown): { readonly key: string; readonly saying: string } {
  if (!(thrown instanceof Error)) return { key: String(thrown).slice(0, 80), saying: String(thrown).slice(0, 300) };
  const frames = thrown.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const place = frames.find((line) => line.includes('/packages/'))?.replace(/.*\/packages\//, '') ?? frames[0] ?? '';
  const words = thrown.message.split(/[:"`]/, 1)[0]?.replace(/\d+/g, '0').slice(0, 60) ?? '';
  return {
    key: `${thrown.constructor.name} ${words} ${place.replace(/:\d+\)?$/, '')}`,
    saying: `${thrown.name}: ${thrown.message.slice(0, 300)} (${place})`,
  };
}
