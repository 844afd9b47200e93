// What is kept of compiled code, and where not: tried in processes of its own, as it holds for the whole of one.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'plombe-compiled-'));
const newFolder = (): string => mkdtempSync(join(root, 'one-'));
afterAll(() => rmSync(root, { recursive: true }));

function keepIn(folder: string): unknown {
  const loaded = join(newFolder(), 'loaded.mjs');
  writeFileSync(loaded, 'export const answer = () => 42;\n');
  const script = `
    import { keepCompiledIn } from ${JSON.stringify(new URL('./compiled.ts', import.meta.url).href)};
    const kept = keepCompiledIn(${JSON.stringify(folder)});
    const { answer } = await import(${JSON.stringify(loaded)});
    console.log(JSON.stringify([kept, answer()]));`;
  const env = { ...process.env, NODE_COMPILE_CACHE: '', NODE_DISABLE_COMPILE_CACHE: undefined };
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  return JSON.parse(text);
}

it('keeps compiled code in a folder that it makes, and goes on from it', () => {
  const folder = join(newFolder(), 'compiled');
  expect(keepIn(folder)).toEqual([true, 42]);
  expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1);
  expect(keepIn(folder)).toEqual([true, 42]);
});

it('runs no code out of a folder that others may write to', () => {
  const folder = join(newFolder(), 'compiled');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  expect(keepIn(folder)).toEqual([false, 42]);
  expect(readdirSync(folder)).toEqual([]);
});

it('does without where the folder cannot be made, or nothing was kept above it before', () => {
  expect(keepIn('/proc/compiled')).toEqual([false, 42]);
  const cache = join(newFolder(), 'plombe');
  expect(keepIn(join(cache, 'compiled'))).toEqual([false, 42]);
  expect(existsSync(cache)).toBe(false);
});
