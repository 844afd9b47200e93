// The signed payload: which artifact is meant (signature-specification, "Payload").
import { field, isObject, type JsonObject } from '@plombe/kit';
import { parseJsonObject } from '../json/parse.ts';
import { Malformed, demand } from '../malformed.ts';
import { shown } from './headers.ts';

/** The descriptor of the signed artifact, OCI image specification, descriptor.md. */
export interface TargetArtifact {
  readonly mediaType: string;
  /** `sha256:…`; for files `sha384:…` or `sha512:…` too, by the signing key. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly artifactType?: string;
  /** What the signer added; empty where nothing. No prototype. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What parsing a payload answers. */
export type ParsedPayload =
  | { readonly kind: 'parsed'; readonly target: TargetArtifact }
  | { readonly kind: 'malformed'; readonly message: string };

const digestForm = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** Returns the target artifact; `malformed` with the reason for anything that is not exactly a Notary payload (T42). */
export function parsePayload(bytes: Uint8Array): ParsedPayload {
  try {
    return { kind: 'parsed', target: targetOf(parseJsonObject(bytes)) };
  } catch (thrown) {
    if (thrown instanceof Malformed) return { kind: 'malformed', message: `payload: ${thrown.message}` };
    throw thrown;
  }
}

function targetOf(payload: JsonObject): TargetArtifact {
  const target = field(payload, 'targetArtifact');
  demand(isObject(target), 'targetArtifact is missing');
  const mediaType = field(target, 'mediaType');
  const digest = field(target, 'digest');
  const size = field(target, 'size');
  const artifactType = field(target, 'artifactType');
  demand(typeof mediaType === 'string' && mediaType !== '', 'targetArtifact has no mediaType');
  demand(typeof digest === 'string' && digestForm.test(digest), 'targetArtifact has no valid digest');
  demand(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0, 'targetArtifact has no valid size');
  demand(artifactType === undefined || typeof artifactType === 'string', 'artifactType is not a text');
  return {
    mediaType,
    digest,
    sizeBytes: size,
    ...(artifactType !== undefined && { artifactType }),
    annotations: annotationsOf(field(target, 'annotations')),
  };
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> {
  const annotations = Object.create(null) as Record<string, string>;
  if (value === undefined || value === null) return annotations;
  demand(isObject(value), 'annotations are not an object');
  for (const [name, text] of Object.entries(value)) {
    demand(typeof text === 'string', `annotation ${shown(name)} is not a text`);
    annotations[name] = text;
  }
  return annotations;
}

/** Returns the payload's bytes; annotations are left out where there are none. */
export function formatPayload(target: TargetArtifact): Uint8Array {
  const { mediaType, digest, sizeBytes, artifactType, annotations } = target;
  return Buffer.from(
    JSON.stringify({
      targetArtifact: {
        mediaType,
        digest,
        size: sizeBytes,
        artifactType,
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
    }),
  );
}
