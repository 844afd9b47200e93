// The effects a piece of code may use, handed in: nothing below the composition root reaches for them itself.

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** One event, one line. `event` is a stable name; fields use the words of the conventions and never hold a secret. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Reported about work that may take over a second. `total` absent: unknown. */
export interface ProgressEvent {
  /** Stable key of the piece of work: `layer 3`, `feed Go`. */
  readonly task: string;
  readonly doneBytes: number;
  readonly totalBytes?: number;
  readonly finished?: boolean;
}

export interface Context {
  readonly clock: Clock;
  /** Random bytes, for names of temporary files only. */
  random(sizeBytes: number): Uint8Array;
  readonly log: Log;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  progress?(event: ProgressEvent): void;
}
