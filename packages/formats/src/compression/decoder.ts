// What gzip and zstd have in common for the loop that drives them.
import type { Input } from './input.ts';

/** How far a decoder came with the output space it was given. */
export interface Progress {
  /** Bytes written from the start of the output buffer; all of them are good. */
  readonly written: number;
  /** `more`: the buffer is full. `end`: the stream ended as it should. */
  readonly outcome: 'more' | 'end' | Problem;
}

/** Why the rest cannot be read. `trailing`: all members are good, but bytes follow that are none. `unsupported`: it needs what is not known here. */
export interface Problem {
  readonly kind: 'corrupt' | 'trailing' | 'limit' | 'unsupported';
  readonly message: string;
}

/** Members or frames of one stream: eStargz and zstd:chunked have one or two per file, and empty ones cost time without a byte of output. */
export const maxMembers = 16_000_000;

/** Returns the problem of a stream with more. */
export function tooManyMembers(word: 'members' | 'frames'): Problem {
  return { kind: 'limit', message: `has more than ${maxMembers} ${word}` };
}

/** A decoder that fills one output buffer per call from an input that it pulls itself. */
export interface Decoder {
  fill(input: Input, output: Uint8Array, check: (written: number) => Problem | undefined): Promise<Progress>;
  close(): void;
}
