// Who signs for `--attest` of `scan` and `policy check`: the flags it goes with, the key, and those who vouch for it.
import { resolveSubjectDigest, type SigningTask } from '@plombe/engine';
import { isPlombeError, PlombeError } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { exitCodeFor, exitCodes } from '../terminal/failure.ts';
import { openSigning } from './signing.ts';

type Flags = Readonly<Record<string, unknown>>;

/** All that an attestation of a digest needs. */
export type AttestingTask = SigningTask & { readonly format: 'bundle' | 'tag' };

/** Signs about digests of one repository. */
export interface Attester {
  /** Asks the key and its services. Throws `trust/…`, `service/…`, `registry/…`, `source/…` for a key that could not be read. */
  prepare(digest: Digest): Promise<AttestingTask>;
  close(): void;
}

/** Flags that say nothing without `--attest`. */
const attestFlags = [
  'key',
  'format',
  'signingConfig',
  'trustedRoot',
  'identityToken',
  'timestampUrl',
  'timestampRoot',
] as const;

/** Throws `config/invalid` for flags without `--attest`, and for `--attest` without a key. */
export function requireAttestFlags(attest: boolean, flags: Flags): void {
  const idle = attestFlags.find((name) => flags[name] !== undefined);
  if (!attest && idle !== undefined) {
    const flag = idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new PlombeError('config/invalid', `--${flag} belongs to --attest.`);
  }
  if (attest && flags['key'] === undefined && flags['identityToken'] === undefined) {
    throw new PlombeError(
      'config/invalid',
      '--attest needs a key to sign with: --key KEY, or --identity-token with a signing configuration.',
    );
  }
}

/**
 * Opens key and services before any work is done. Throws `config/invalid`, `trust/key-…` for a key that cannot be used; a vault that does
 * not answer, or a file that is not there, is told by `prepare`.
 */
export async function openAttester(subject: string, values: Settings, flags: Flags, ctx: Context): Promise<Attester> {
  const format = flags['format'] === 'tag' ? 'tag' : 'bundle';
  const { client, reference, services, key, close } = openSigning(subject, values, flags, ctx);
  const { registry, repository } = reference;
  const named = await key().catch((thrown: unknown) => {
    if (exitCodeFor(thrown) === exitCodes.unreadable && isPlombeError(thrown)) return { failure: thrown };
    close();
    throw thrown;
  });
  return {
    close,
    prepare: async (digest) => {
      if (named !== undefined && 'failure' in named) throw named.failure;
      const { signer, endorsers } = await services.endorse(named);
      // By digest: the tag may have moved since the work began (T34).
      const resolved = await resolveSubjectDigest(client, { registry, repository, digest }, ctx);
      return { client, subject: resolved, signer, endorsers, format };
    },
  };
}
