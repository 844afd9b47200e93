// When a statement says of itself that it was made: the signer's word, for where no log and no authority proves a time.
import { field, isObject } from '@plombe/kit';
import type { AttestationResult } from '@plombe/model';
import { instantMs } from '../schema/format.ts';

/** Where the predicates in use name their time, most telling first. */
const paths: readonly (readonly string[])[] = [
  // SLSA provenance v1, then v0.2.
  ['runDetails', 'metadata', 'finishedOn'],
  ['runDetails', 'metadata', 'startedOn'],
  ['metadata', 'buildFinishedOn'],
  // in-toto vulns, and cosign's.
  ['metadata', 'scanFinishedOn'],
  // Verification summary; simple verification result.
  ['timeVerified'],
  ['timeCreated'],
  // CycloneDX; SPDX; cosign's custom predicates.
  ['metadata', 'timestamp'],
  ['creationInfo', 'created'],
  ['Timestamp'],
];

/**
 * Returns the time that the signed predicate names, in milliseconds since 1970; undefined where it names none. Nobody without the key can change
 * it, but whoever has the key may write what he likes.
 */
export function claimedAtMs({ statement }: AttestationResult): number | undefined {
  const predicate: unknown = statement === undefined ? undefined : field(statement, 'predicate');
  for (const path of paths) {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? field(at, key) : undefined), predicate);
    const ms = typeof value === 'string' ? instantMs(value) : undefined;
    if (ms !== undefined) return ms;
  }
  return undefined;
}
