// Rules that an operator sets: what stays where it is, how much fits, what goes away by itself.

/** How much the repositories that match may hold together; a blob in several of them counts once. */
export interface QuotaRule {
  /** As the operator wrote it, for messages. */
  readonly name: string;
  matches(repository: string): boolean;
  readonly limitBytes: number;
}

/** A tag stays if any of the two says so; without either it stays. */
export interface RetentionRule {
  matches(repository: string): boolean;
  matchesTag(tag: string): boolean;
  /** The newest so many of the tags that match. */
  readonly keepLast?: number;
  /** Those pushed within this time. */
  readonly keepForMs?: number;
  /** Manifests without tag, index and subject go after this time. */
  readonly untaggedAfterMs?: number;
}

export interface RegistryRules {
  isImmutable(repository: string, tag: string): boolean;
  readonly quotas: readonly QuotaRule[];
  readonly retention: readonly RetentionRule[];
  /** Blobs and links that no manifest names are kept this long: a push in flight may name them yet. */
  readonly graceMs: number;
  /** Uploads that nothing is written to are kept this long. */
  readonly uploadsMs: number;
  /** Time between two collections while serving. */
  readonly everyMs: number;
}

const hourMs = 3_600_000;

/** No rules; a day of grace, as long as a slow build may take between its first layer and its manifest. */
export const defaultRules: RegistryRules = {
  isImmutable: () => false,
  quotas: [],
  retention: [],
  graceMs: 24 * hourMs,
  uploadsMs: 24 * hourMs,
  everyMs: 6 * hourMs,
};
