// Files that were cut off: what a cataloger of declared packages must never do is to lose packages and say nothing.
import type { CatalogResult } from '../../packages/catalogers/src/cataloger.ts';
import type { FuzzInput } from './input.ts';

/** A cut that loses packages without a word: the file, what is left of its end, and what is gone. */
export interface SilentCut {
  readonly path: string;
  readonly keptBytes: number;
  readonly lost: readonly string[];
}

/** Files up to this are cut at every byte; larger ones at every line end, and at some bytes spread over the file. */
const everyByteUpTo = 400;
const spread = 97;

/** Reading a file once for each of its lines takes quadratic time: of a larger one some lines are taken, spread over it, so that so much is read in all. */
const readBytes = 1024 * 1024;

/** Returns how many bytes are left of a file: none, whole lines with and without their end, parts of lines, all but one. */
export function cutsOf(bytes: Uint8Array): readonly number[] {
  if (bytes.length <= everyByteUpTo) return Array.from({ length: bytes.length }, (_, at) => at);
  const cuts = new Set<number>();
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    cuts.add(at);
    cuts.add(at + 1);
  }
  for (let n = 0; n < spread; n++) cuts.add(Math.floor((bytes.length * n) / spread));
  const sorted = [...cuts].filter((at) => at < bytes.length).sort((a, b) => a - b);
  // Of an odd number, so that cuts before and behind a line end take turns.
  const step = Math.ceil((sorted.length * bytes.length) / readBytes) | 1;
  return [...new Set([0, ...sorted.filter((_, index) => index % step === 0), bytes.length - 1])];
}

/**
 * Returns the cuts of each file that lose or change a package and of which nothing is said: the result claims to be complete, or says of it only what it
 * said of the whole file. Packages that are the project itself do not count: they are compared with nothing.
 */
export function silentCuts(input: FuzzInput, catalog: (input: FuzzInput) => CatalogResult): readonly SilentCut[] {
  const whole = catalog(input);
  const [all, told] = [identities(whole), problems(whole)];
  return input.flatMap((part, index) => {
    if (part.link !== undefined) return [];
    return cutsOf(part.bytes).flatMap((keptBytes) => {
      const result = catalog(input.with(index, { ...part, bytes: part.bytes.subarray(0, keptBytes) }));
      const left = identities(result);
      const lost = [...all].filter((id) => !left.has(id));
      const isTold = !result.complete && [...problems(result)].some((problem) => !told.has(problem));
      return lost.length === 0 || isTold ? [] : [{ path: part.path, keptBytes, lost }];
    });
  });
}

function problems({ diagnostics }: CatalogResult): ReadonlySet<string> {
  return new Set(diagnostics.flatMap(({ level, message }) => (level === 'note' ? [] : [message])));
}

function identities({ packages }: CatalogResult): ReadonlySet<string> {
  const others = packages.filter(({ origin }) => origin !== 'local');
  return new Set(
    others.map(({ type, namespace, name, version, qualifiers }) =>
      JSON.stringify([type, namespace, name, version, qualifiers]),
    ),
  );
}
