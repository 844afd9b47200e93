// The inputs that are kept: seeds in test/corpus/TARGET, and what was found wrong once in test/corpus/finds/TARGET.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeInput, encodeInput, type FuzzInput } from './input.ts';

const folder = fileURLToPath(new URL('../../test/corpus', import.meta.url));

/** A kept input and the file it lies in. */
export interface Kept {
  readonly file: string;
  readonly input: FuzzInput;
}

/** Returns the seeds and finds of a target, sorted by file. */
export function corpusOf(target: string): readonly Kept[] {
  return [join(folder, target), join(folder, 'finds', target)].flatMap((place) => {
    if (!existsSync(place)) return [];
    const names = readdirSync(place, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
    return names
      .sort()
      .map((name) => ({ file: join(place, name), input: decodeInput(name, readFileSync(join(place, name))) }));
  });
}

/** Keeps an input among the finds and returns its file. */
export function keepFind(target: string, kind: string, input: FuzzInput): string {
  return keep(join(folder, 'finds', target), kind, input);
}

/** Keeps an input among the seeds and returns its file. */
export function keepSeed(target: string, input: FuzzInput): string {
  return keep(join(folder, target), 'seed', input);
}

function keep(place: string, kind: string, input: FuzzInput): string {
  const { extension, bytes } = encodeInput(input);
  mkdirSync(place, { recursive: true });
  const file = join(place, `${kind}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}${extension}`);
  writeFileSync(file, bytes);
  return file;
}
