// The parts of an input as real files and programs, for readers that want a folder.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FuzzInput } from './input.ts';

/** Each input is written anew: in memory, where there is such a folder. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Runs `work` with a folder that holds the parts, and takes it away. Paths that lead out of it, or are too long for a file system, are left out. */
export async function withFiles<T>(input: FuzzInput, work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(place, 'plombe-fuzz-'));
  try {
    for (const { path, bytes, mode, link } of input) {
      const names = path.split('/');
      const isPlain = names.every((name) => name !== '' && !/^\.{1,2}$|\0/.test(name) && Buffer.byteLength(name) < 200);
      if (!isPlain || link !== undefined || path.length > 1000) continue;
      try {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), bytes, mode === undefined ? {} : { mode });
      } catch {
        // One part lies where another has a folder.
      }
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `work` while the programs of a folder are found first. */
export async function withPrograms<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = `${folder}:${before}`;
  try {
    return await work();
  } finally {
    process.env['PATH'] = before;
  }
}
