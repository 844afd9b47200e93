// Rows as records.
import type { Digest } from '@plombe/model';
import type { ManifestRecord, ManifestState, Sight } from './registry-store.ts';

export interface ManifestRow {
  readonly id: number;
  readonly name: string;
  readonly digest: string;
  readonly state: ManifestState;
  readonly media_type: string;
  readonly artifact_type: string | null;
  readonly subject: string | null;
  readonly annotations: string;
  readonly size_bytes: number;
  readonly pushed_at_ms: number;
  readonly pushed_by: string;
}

/** The columns of a record; `m` is the manifest, `r` its repository. */
export const manifestColumns =
  'm.id, r.name, m.digest, m.state, m.media_type, m.artifact_type, m.subject, m.annotations, m.size_bytes, m.pushed_at_ms, m.pushed_by';

/** Condition on a column of states. */
export function seen(column: string, sight: Sight): string {
  return sight === 'visible' ? `${column} = 'visible'` : `${column} IN ('visible', 'quarantined')`;
}

/** Returns the row as a record. */
export function recordOf(row: ManifestRow): ManifestRecord {
  return {
    repository: row.name,
    digest: row.digest as Digest,
    state: row.state,
    mediaType: row.media_type,
    annotations: annotationsOf(row.annotations),
    sizeBytes: row.size_bytes,
    pushedAtMs: row.pushed_at_ms,
    pushedBy: row.pushed_by,
    ...(row.artifact_type === null ? {} : { artifactType: row.artifact_type }),
    ...(row.subject === null ? {} : { subject: row.subject as Digest }),
  };
}

/** Written by ourselves from checked texts; without a prototype because the keys are hostile (T73). */
function annotationsOf(text: string): Readonly<Record<string, string>> {
  const pairs = JSON.parse(text) as readonly (readonly [string, string])[];
  const annotations = Object.create(null) as Record<string, string>;
  for (const [key, value] of pairs) annotations[key] = value;
  return annotations;
}

/** A list of referrers carries the annotations of each; larger ones are left out of it, and stand in the manifest alone (T28). */
const maxAnnotationBytes = 65_536;

/** Returns annotations as they are kept: a list of pairs. */
export function annotationText(annotations: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(Object.entries(annotations));
  return text.length > maxAnnotationBytes ? '[]' : text;
}
