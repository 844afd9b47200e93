// What the registry asks of others: who a request comes from, and whether a manifest may be seen. Accounts and gate implement it.
import type { IncomingMessage } from 'node:http';
import type { Descriptor, Digest } from '@plombe/model';
import type { Missing, Sight } from '@plombe/store';
import type { ManifestName } from './route.ts';

/** What may be done to a repository. `sign`: see what is in quarantine, and push signatures and attestations to it. */
export type Action = 'pull' | 'push' | 'delete' | 'sign';

/** Whoever a request comes from. */
export interface Identity {
  /** Unique and stable: `robot:NAME`, `person:ISSUER#SUBJECT`, `anonymous`, `plombe`. Goes into records and logs. */
  readonly id: string;
  /** For people to read. */
  readonly name: string;
  readonly kind: 'anonymous' | 'robot' | 'person' | 'plombe';
  /** Asked for every request; answers from memory. */
  may(action: Action, repository: string): boolean;
  /** May list repositories that it may pull; may call the management API where true. */
  readonly isAdmin: boolean;
}

/** What a request needs to be allowed; absent: `GET /v2/`. */
export interface Need {
  readonly action: Action;
  readonly repository: string;
}

/** Why a request goes no further. */
export interface Refusal {
  /** 401 with `WWW-Authenticate` where other credentials could help, 403 where not, 429 after too many failures. */
  readonly status: 401 | 403 | 429;
  readonly headers: Readonly<Record<string, string>>;
  /** Inert text for the error body. */
  readonly message: string;
}

/** Who asks, and whether he may. */
export interface Authenticator {
  /** Reads `Authorization` (Basic or Bearer). All of `needs` must be allowed. Never throws for bad credentials. */
  authenticate(request: IncomingMessage, needs: readonly Need[]): Promise<Identity | Refusal>;
  /** Answers requests that are its own (`/auth/token`, `/auth/…`): true where it did. */
  handle(request: IncomingMessage, response: import('node:http').ServerResponse): Promise<boolean>;
}

/** Returns whether an answer of `authenticate` is a refusal. */
export function isRefusal(answer: Identity | Refusal): answer is Refusal {
  return 'status' in answer;
}

/** A manifest that is about to be stored; its blobs are in the repository. */
export interface ManifestPush {
  readonly repository: string;
  /** Tags that the request names; none: pushed by digest. */
  readonly tags: readonly string[];
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly by: Identity;
  readonly signal: AbortSignal;
}

/** Why, for the client's terminal and for machines. */
export interface VerdictReasons {
  readonly decision: string;
  /** One line of at most 400 characters, inert: check, package or signer, remedy. */
  readonly message: string;
  /** As `plombe policy check -o json` has them. */
  readonly reasons: readonly unknown[];
}

/** `accept`: visible at once. `quarantine`: stored, seen only by those with `sign`. `deny`: not stored. */
export type PushVerdict =
  | {
      readonly kind: 'accept';
      readonly reasons?: VerdictReasons;
      /** Of the tags that the digest waits for in quarantine those that it may have; all of them where this is absent. */
      readonly releasedTags?: readonly string[];
    }
  | { readonly kind: 'quarantine' | 'deny'; readonly reasons: VerdictReasons };

/** An upload while its bytes arrive. */
export interface GrowingBlob {
  readonly repository: string;
  /** File that grows at its end; after `done` it may be gone, and the blob is in the store. */
  readonly path: string;
  /** Resolves with the digest once all bytes are there and were verified, with undefined where the upload was given up. */
  readonly done: Promise<Digest | undefined>;
  /** Bytes written so far. */
  size(): number;
}

/** A manifest that another registry has now too. */
export interface ManifestCopy {
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** `registry/repository` there. */
  readonly to: string;
}

/** Decides what may be seen. Where no gate is configured the registry uses one that accepts everything. */
export interface Gate {
  /** Told of each upload when its first byte comes; must not hold it up. */
  observe(blob: GrowingBlob): void;
  /** Judges before anything is stored. What it throws is answered 503: nothing becomes visible by an error. */
  judge(push: ManifestPush): Promise<PushVerdict>;
  /**
   * Told after a manifest is stored durably (also a referrer): evidence is attached, and what it changes is judged anew. The answer waits for it, so
   * that whoever has signed finds the image visible; never rejects.
   */
  stored(push: ManifestPush, verdict: PushVerdict): Promise<void>;
  /** Told after a manifest or tag was deleted: what was let in by it is judged anew before the answer. Never rejects. */
  deleted(repository: string, reference: string, by: Identity): Promise<void>;
  /** Asked before a visible manifest is served, by digest; answers from memory within a millisecond. Undefined: serve it. */
  pull(repository: string, digest: Digest, by: Identity): VerdictReasons | undefined;
  /**
   * Asked before the tag of a visible manifest is listed: true where it was decided that it is not to be had (any more). While nothing can be decided lists stay as
   * they were: what copies them would delete what they leave out.
   */
  withholds(repository: string, digest: Digest, by: Identity): boolean;
  /** Told after a manifest was copied to another registry; rejects where that cannot be recorded, and the copy is made again later. */
  copied?(copy: ManifestCopy): Promise<void>;
  /** What is to be done yet, and what went wrong, in numbers; absent: nothing ever. */
  readonly figures?: () => GateFigures;
}

/** How a gate is getting on. */
export interface GateFigures {
  readonly scansWaiting: number;
  readonly judgementsWaiting: number;
  readonly attestationsWaiting: number;
  /** Batches of records that could not be written since the start. */
  readonly ledgerFailures: number;
}

/** Other registries that repositories lie in. The store then holds what was asked for, and what is not there yet. Everything throws `Refused`. */
export interface Upstream {
  /** False: the repository lies here alone, and nothing else is asked. */
  has(repository: string): boolean;
  /** Returns what to look for in the store: the digest that a tag names there, once it was judged. */
  resolve(repository: string, name: ManifestName, by: Identity): Promise<ManifestName>;
  /** Links a blob that is there, for those who may read all of the repository. */
  findBlob(repository: string, digest: Digest): Promise<void>;
  /** As `findBlob`, for everything that a pushed manifest names. */
  findContent(repository: string, missing: Missing): Promise<void>;
  /** Refuses where nothing can be written. */
  requireWritable(repository: string): void;
  /** Resolves once a blob that was stored here is there too. */
  stored(repository: string, digest: Digest): Promise<void>;
  /** All tags, sorted; undefined where the repository lies here alone. */
  tags(repository: string, sight: Sight): Promise<readonly string[] | undefined>;
  /** All repositories, here and there, sorted. */
  repositories(): Promise<readonly string[]>;
  /** Sorted by digest; undefined where the repository lies here alone. */
  referrers(repository: string, digest: Digest, sight: Sight): Promise<readonly Descriptor[] | undefined>;
}
