// The one error class: a closed code, a sentence that names subject and remedy, and whether trying again may help.
import type { ErrorCode } from './error-codes.ts';
import { errorCodes } from './error-codes.ts';

export interface PlombeErrorOptions {
  readonly cause?: unknown;
  /** True where the same call may succeed later. */
  readonly retryable?: boolean;
  /** Replaces the code's general remedy. */
  readonly remedy?: string;
}

/** A broken contract or failed I/O. `message` never holds a secret or a query string. */
export class PlombeError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: PlombeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PlombeError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.remedy = options.remedy ?? errorCodes[code].remedy;
  }
}

/** True for a PlombeError, and for one with that code where a code is given. */
export function isPlombeError(value: unknown, code?: ErrorCode): value is PlombeError {
  return value instanceof PlombeError && (code === undefined || value.code === code);
}

/** Returns the sentence of any thrown value, safe to print in one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return inert(text.length > 2000 ? `${text.slice(0, 2000)}…` : text);
}

/**
 * Makes hostile text inert for terminals, logs and CI output: control characters (C0, DEL, C1), line and paragraph
 * separators and bidirectional overrides become visible `\u{…}` escapes; lone surrogates become U+FFFD. What the agents of Azure Pipelines and GitHub take
 * for a command anywhere in a line, `##vso[` and `##[`, is none any more. (T21, T68)
 */
export function inert(text: string): string {
  return text
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
      (c) => `\\u{${c.codePointAt(0)?.toString(16) ?? ''}}`,
    )
    .replace(/##(?=\[|vso\[)/gi, '#\\u{23}')
    .toWellFormed();
}
