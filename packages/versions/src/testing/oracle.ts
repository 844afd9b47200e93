// Running a native tool over many pairs in one process.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { compareVersions } from '../schemes.ts';
import type { Pair } from './pairs.ts';

/** What the native tool says of a pair; undefined where it refuses one of them. */
export type Answer = -1 | 0 | 1 | undefined;

/** True where the command runs and ends well; says so on the console where not, so that a skipped oracle is seen. */
export function hasTool(name: string, command: string, parameters: readonly string[]): boolean {
  const found = spawnSync(command, parameters, { stdio: 'ignore' }).status === 0;
  if (!found) console.warn(`SKIPPED: ${name} is not on this machine, its order was not compared`);
  return found;
}

/** Runs a command that reads pairs as `A TAB B` lines from standard input and prints -1, 0, 1 or error for each. */
export function answersOf(
  command: string,
  parameters: readonly string[],
  pairs: readonly Pair[],
  options: { readonly cwd?: string } = {},
): readonly Answer[] {
  const input = pairs.map(([a, b]) => `${a}\t${b}\n`).join('');
  const run = spawnSync(command, parameters, { input, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const lines = run.stdout.trimEnd().split('\n');
  expect(lines.length, run.stderr).toBe(pairs.length);
  return lines.map((line) => (line === 'error' ? undefined : (Number(line) as Answer)));
}

/** Expects our answers to be the tool's. `lenient` allows an answer of ours where the tool refuses. At least `valid` pairs must have an answer. */
export function expectAnswers(
  schemeId: string,
  pairs: readonly Pair[],
  answers: readonly Answer[],
  { lenient = false, valid = 20_000 }: { readonly lenient?: boolean; readonly valid?: number } = {},
): void {
  const wrong: string[] = [];
  let answered = 0;
  for (const [index, [a, b]] of pairs.entries()) {
    const answer = answers[index];
    if (answer !== undefined) answered += 1;
    else if (lenient) continue;
    const ours = compareVersions(schemeId, a, b);
    if (ours !== answer) wrong.push(`${a} ${b}: ours ${ours}, theirs ${answer}`);
  }
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(valid);
}

/** Path of a judge that `tools/install-version-judges` fetched, undefined where it is not there. */
export function fetchedJudge(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../../.plombe/peers/versions/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** A file with this content in a folder of its own, which the process removes when it ends. */
export function scriptFile(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-judge-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
