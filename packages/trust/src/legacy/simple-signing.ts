// The payload of cosign's older image signatures: Red Hat's simple signing, with cosign's type (cosign SIGNATURE_SPEC).
import { objectField, type JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { parseJsonObject, requiredObject, requiredText } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';

/** What was signed. */
export interface SimpleSigning {
  readonly digest: string;
  /** The repository it was signed in; it may have been copied since, so nobody compares it. */
  readonly reference: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const signatureType = 'cosign container image signature';

/** 1 MiB: the payload has 250 bytes and what a person adds as annotations. */
const maxPayloadBytes = 1024 * 1024;

/** Parses a payload. Malformed: not JSON, another type, no digest. */
export function parseSimpleSigning(payload: Uint8Array): Attempt<SimpleSigning> {
  return attempt(() => {
    const json = parseJsonObject(payload, maxPayloadBytes, 'payload');
    const critical = requiredObject(json, 'critical', 'payload');
    const type = requiredText(critical, 'type', 'payload');
    if (type !== signatureType) malformed(`payload has the type "${type.slice(0, 80)}"`);
    const identity = requiredObject(critical, 'identity', 'payload');
    const image = requiredObject(critical, 'image', 'payload');
    const reference = identity['docker-reference'];
    return {
      digest: requiredText(image, 'docker-manifest-digest', 'payload'),
      reference: typeof reference === 'string' ? reference : '',
      annotations: textsOf(objectField(json, 'optional') ?? {}),
    };
  });
}

/** Numbers and flags are compared by how they are written; anything deeper is no annotation. */
function textsOf(object: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[key, String(value)]]
        : [],
    ),
  );
}

/** Renders a payload in cosign's order of fields; annotations are sorted, so the same parts give the same bytes. */
export function buildSimpleSigning(
  digest: Digest,
  reference: string,
  annotations: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: signatureType,
      },
      optional: sorted.length === 0 ? null : Object.fromEntries(sorted),
    }),
  );
}
