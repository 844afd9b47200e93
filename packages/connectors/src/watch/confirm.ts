// Events are hints: what they name is read again, by digest, from the registry itself, with the login of this command.
import type { Digest } from '@plombe/model';
import { isPlombeError, messageOf } from '@plombe/kit';
import { parseReference, type ImageReference, type RegistryClient } from '@plombe/oci';
import type { CallOptions, RegistryEvent } from '../registries/connector.ts';

/** What is known of an event after its image was read again. One line of `registry watch`. */
export interface ConfirmedEvent {
  readonly id: string;
  readonly kind: RegistryEvent['kind'];
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
  /** ISO 8601, as the event says. */
  readonly time?: string;
  /** How it came. */
  readonly via: 'webhook' | 'poll';
  /** `present`: the registry has it now. `absent`: it has not. `unknown`: it could not be read. `unread`: the event names nothing to read. */
  readonly state: 'present' | 'absent' | 'unknown' | 'unread';
  readonly mediaType?: string;
  readonly artifactType?: string;
  /** What it refers to: a signature, attestation or SBOM its image. */
  readonly subject?: Digest;
  /** Why it could not be read. */
  readonly cause?: string;
}

/**
 * Reads the image again. By digest where the event has one: a tag may have moved since, and what is there under it now is then another push. A name
 * that is no repository is dropped, so that no event can lead to another path. Throws only where the work is cancelled.
 */
export async function confirmEvent(
  client: RegistryClient,
  registry: string,
  event: RegistryEvent,
  via: ConfirmedEvent['via'],
  { signal }: CallOptions,
): Promise<ConfirmedEvent> {
  const { id, kind, time } = event;
  const reference = referenceOf(registry, event);
  const base = { id: id.slice(0, 200), kind, registry, ...(time === undefined ? {} : { time }), via };
  if (reference === undefined) return { ...base, repository: '', state: 'unread' };
  const { repository, tag, digest } = reference;
  const named = {
    ...base,
    repository,
    ...(event.tag === undefined || tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
  if (event.digest === undefined && event.tag === undefined) return { ...named, state: 'unread' };
  try {
    const fetched = await client.fetchManifest(reference, { signal });
    const { mediaType, artifactType, subject } = fetched.document;
    return {
      ...named,
      digest: fetched.digest,
      state: 'present',
      mediaType,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(subject === undefined ? {} : { subject: subject.digest }),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isPlombeError(thrown, 'registry/not-found')) return { ...named, state: 'absent' };
    return { ...named, state: 'unknown', cause: messageOf(thrown) };
  }
}

/** Undefined where the event's words are no repository, tag and digest. */
function referenceOf(registry: string, { repository, tag, digest }: RegistryEvent): ImageReference | undefined {
  const text = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  try {
    const reference = parseReference(text);
    // The grammar of references must not have read another registry or repository out of it.
    return reference.registry === registry && reference.repository === repository ? reference : undefined;
  } catch {
    return undefined;
  }
}
