// References as policies see them.
import type { Digest } from '@plombe/model';
import { formatReference, type ImageReference } from '@plombe/oci';
import type { PolicySubject } from '@plombe/policy';

/** The subject of a reference; `digest` is what it led to. */
export function policySubject(reference: ImageReference, digest?: Digest): PolicySubject {
  const resolved = digest ?? reference.digest;
  return {
    reference: formatReference(reference),
    registry: reference.registry,
    repository: reference.repository,
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
    ...(resolved === undefined ? {} : { digest: resolved }),
    byDigest: reference.digest !== undefined,
  };
}
