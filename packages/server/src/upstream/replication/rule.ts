// What is copied where.

/** One rule of `replication`. */
export interface ReplicationRule {
  /** Unique; the queue is kept by it. */
  readonly name: string;
  matches(repository: string): boolean;
  readonly origin: URL;
  /** Put before the repository's name there, with a slash; empty: nothing. */
  readonly prefix: string;
  /** `schedule`: what is new is copied every `everyMs`; `push`: at once, and looked after as often. */
  readonly on: 'push' | 'schedule';
  readonly everyMs: number;
  /** True: signatures and attestations too. */
  readonly referrers: boolean;
}
