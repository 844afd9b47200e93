// What is fuzzed, and what each must hold.
import { isDeepStrictEqual } from 'node:util';
import { inert, isPlombeError } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';
import type { FuzzInput } from './input.ts';

/** A reader under test. */
export interface FuzzTarget {
  /** Its folder in test/corpus: `cataloger/apk`. */
  readonly name: string;
  /**
   * Reads the input and throws where what came of it breaks a promise. Returns a few words that tell kinds of outcome apart: an input
   * with new ones is mutated further.
   */
  run(input: FuzzInput): string | Promise<string>;
}

/** A promise that does not hold. */
export class Violation extends Error {}

/** Throws a Violation unless the claim holds. */
export function must(claim: boolean, saying: string): asserts claim {
  if (!claim) throw new Violation(saying.slice(0, 500));
}

/** Throws unless the two are equal in every part. */
export function mustEqual(a: unknown, b: unknown, saying: string): void {
  if (!isDeepStrictEqual(a, b)) throw new Violation(saying);
}

/** Throws where a diagnostic would do harm in a terminal (T21). */
export function checkDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const { message, code } of diagnostics)
    must(message === inert(message), `the message of ${code} is not inert: ${JSON.stringify(message)}`);
}

/** Runs what may refuse with a PlombeError, whose code and kind of message it returns. */
export async function plombeRefusal(run: () => string | Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (thrown) {
    if (!isPlombeError(thrown)) throw thrown;
    must(
      thrown.message === inert(thrown.message),
      `the message of ${thrown.code} is not inert: ${JSON.stringify(thrown.message)}`,
    );
    return `${thrown.code} ${thrown.message.replaceAll(/"[^"]*"|\d+/g, '').slice(-40)}`;
  }
}

/** Runs what may refuse with any error that is none of the program's own mistakes. */
export function anyRefusal(run: () => string): string {
  try {
    return run();
  } catch (thrown) {
    // The reader of YAML says so of an alias without an anchor.
    const isAlias = thrown instanceof ReferenceError && thrown.message.startsWith('Unresolved alias');
    if (isAlias) return 'alias';
    if (thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError) throw thrown;
    if (thrown instanceof Violation || !(thrown instanceof Error)) throw thrown;
    return thrown.constructor.name;
  }
}

/** The bytes of a target that takes no files. */
export function bytesOf(input: FuzzInput): Uint8Array {
  return input[0]?.bytes ?? new Uint8Array();
}

/** The text of a target that takes no files. */
export function textOf(input: FuzzInput): string {
  return new TextDecoder().decode(bytesOf(input));
}

/** Which parts a value has, two levels deep: so that inputs that are read otherwise differ. */
export function outline(value: unknown, depth = 2): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return `${roughly(value.length)} ${depth > 0 ? outline(value[0], depth - 1) : ''}`;
  if (value instanceof Uint8Array) return String(Math.floor(Math.log2(value.length + 1)));
  if (value instanceof Map || value instanceof Set) return roughly(value.size);
  if (depth === 0) return roughly(Object.keys(value).length);
  return Object.entries(value)
    .map(([name, part]) => `${name.slice(0, 12)}:${outline(part, depth - 1)}`)
    .slice(0, 20)
    .join();
}

/** Yields bytes in pieces. */
export async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** 0, 1, 2, some, many: so that outcomes are few. */
export function roughly(count: number): string {
  return count < 3 ? String(count) : count < 10 ? 'some' : 'many';
}

export const signal = new AbortController().signal;
