// Manifests and indexes: parsed strictly, since two readings of one document are two different images.
import type { Descriptor, Digest, Platform } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import {
  PlombeError,
  field,
  inert,
  isObject,
  listField,
  mebibyte,
  objectField,
  textField,
  textsField,
  type JsonObject,
} from '@plombe/kit';
import { parseDocument } from './json.ts';
import { manifestKind, ociIndex, ociManifest } from './media-types.ts';

/** Distribution specification 1.1, "Pushing Manifests": registries should take at least 4 MiB, and none is known to take more. */
export const maxManifestBytes = 4 * mebibyte;
/** Twice what containerd stacks at most (overlayfs: 500 lower directories). */
const maxLayers = 1000;
/** The largest public index we know of has 30 entries. */
const maxIndexEntries = 10_000;

/** An image index (OCI) or manifest list (docker). */
export interface IndexDocument {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An image manifest, OCI or docker schema 2. */
export interface ManifestDocument {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ParseManifestOptions {
  /** Names the document in messages. */
  readonly subject: string;
  /** `Content-Type` of the answer or media type of the descriptor; must agree with the document. */
  readonly contentType?: string;
}

/**
 * Parses a manifest or index of the image specification 1.1 or docker schema 2. Throws `registry/manifest-invalid` where it
 * is malformed, over 4 MiB, schema 1, or can be read as both (T26). Does not check the digest: see `verifyDigest`.
 */
export function parseManifest(bytes: Uint8Array, options: ParseManifestOptions): IndexDocument | ManifestDocument {
  const { subject } = options;
  const document = parseDocument(bytes, subject, maxManifestBytes);
  const fail = (reason: string): PlombeError => new PlombeError('registry/manifest-invalid', `${subject} ${reason}.`);
  const kind = documentKind(document, options.contentType, fail);
  const annotations = annotationsOf(document);
  const artifactType = textField(document, 'artifactType');
  const about = field(document, 'subject');
  const optional = {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(about === undefined || about === null ? {} : { subject: parseDescriptor(about, fail) }),
  };
  if (kind === 'index') {
    const entries = listField(document, 'manifests');
    if (entries.length > maxIndexEntries) throw fail(`has more than ${maxIndexEntries} entries`);
    const manifests = entries.map((entry) => parseDescriptor(entry, fail));
    return { kind, mediaType: textField(document, 'mediaType') ?? ociIndex, manifests, annotations, ...optional };
  }
  const entries = listField(document, 'layers');
  if (entries.length > maxLayers) throw fail(`has more than ${maxLayers} layers`);
  return {
    kind,
    mediaType: textField(document, 'mediaType') ?? ociManifest,
    config: parseDescriptor(field(document, 'config'), fail),
    layers: entries.map((entry) => parseDescriptor(entry, fail)),
    annotations,
    ...optional,
  };
}

/** Decides what the document is from its shape, its own media type and the Content-Type; all three must agree. */
function documentKind(
  document: JsonObject,
  contentType: string | undefined,
  fail: (reason: string) => PlombeError,
): 'index' | 'manifest' {
  const declared = textField(document, 'mediaType');
  const received = contentType?.split(';')[0]?.trim().toLowerCase();
  if (field(document, 'schemaVersion') === 1 || field(document, 'fsLayers') !== undefined) {
    throw fail(
      'is a docker schema 1 manifest, which names no layer by its content; push the image again to convert it',
    );
  }
  if (field(document, 'schemaVersion') !== 2) throw fail('has no schemaVersion 2');
  const hasManifests = field(document, 'manifests') !== undefined;
  const hasLayers = field(document, 'layers') !== undefined || field(document, 'config') !== undefined;
  if (hasManifests && hasLayers) throw fail('is ambiguous: it is both an index and a manifest');
  if (!hasManifests && !hasLayers) throw fail('is neither an index nor a manifest');
  const kind = hasManifests ? 'index' : 'manifest';
  if (field(document, 'mediaType') !== undefined && declared === undefined)
    throw fail('has a mediaType that is no text');
  if (declared !== undefined && manifestKind(declared) !== kind) {
    throw fail(
      `is ambiguous: it has the shape of an image ${kind} and the mediaType "${inert(declared.slice(0, 200))}"`,
    );
  }
  if (received === undefined || received === '' || plainTypes.has(received)) return kind;
  if (declared === undefined ? manifestKind(received) !== kind : received !== declared) {
    throw fail(
      `is ambiguous: it came as "${inert(received.slice(0, 200))}" and is "${inert((declared ?? kind).slice(0, 200))}"`,
    );
  }
  return kind;
}

/** Content types that say nothing about the kind; static file servers send them. */
const plainTypes: ReadonlySet<string> = new Set(['application/json', 'application/octet-stream', 'text/plain']);

/** Reads a descriptor (image specification, descriptor.md) with an exact digest and a size; anything else is refused. */
function parseDescriptor(value: unknown, fail: (reason: string) => PlombeError): Descriptor {
  if (!isObject(value)) throw fail('has a descriptor that is no object');
  const mediaType = textField(value, 'mediaType');
  const sizeBytes = field(value, 'size');
  const text = textField(value, 'digest') ?? '';
  const digest: Digest | undefined = parseDigest(text);
  if (mediaType === undefined || mediaType === '' || mediaType.length > 255)
    throw fail('has a descriptor without mediaType');
  if (digest === undefined)
    throw fail(`names the digest "${inert(text.slice(0, 200))}", which is not an exact sha256 or sha512`);
  if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw fail(`names ${digest} without a valid size`);
  }
  const platform = parsePlatformObject(objectField(value, 'platform'));
  const artifactType = textField(value, 'artifactType');
  const urls = textsField(value, 'urls');
  return {
    mediaType,
    digest,
    sizeBytes,
    annotations: annotationsOf(value),
    ...(platform === undefined ? {} : { platform }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(urls.length === 0 ? {} : { urls }),
  };
}

/** Reads the members of an index entry's `platform` or of a config that name the platform; undefined where os or architecture is absent. */
export function parsePlatformObject(value: JsonObject | undefined): Platform | undefined {
  const os = value === undefined ? undefined : textField(value, 'os');
  const architecture = value === undefined ? undefined : textField(value, 'architecture');
  if (value === undefined || !os || !architecture) return undefined;
  const variant = textField(value, 'variant');
  const osVersion = textField(value, 'os.version');
  return { os, architecture, ...(variant ? { variant } : {}), ...(osVersion ? { osVersion } : {}) };
}

function annotationsOf(value: JsonObject): Readonly<Record<string, string>> {
  const annotations = Object.create(null) as Record<string, string>;
  for (const [key, text] of Object.entries(objectField(value, 'annotations') ?? {})) {
    if (typeof text === 'string') annotations[key] = text;
  }
  return annotations;
}
