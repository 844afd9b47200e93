// Layers of an image: each descriptor joined with its diffID and the instruction that made it.
import type { Descriptor, ImageLayer, LayerContent } from '@plombe/model';
import { PlombeError, inert } from '@plombe/kit';
import type { ConfigDocument, HistoryEntry } from './config.ts';
import type { ManifestDocument } from './manifest.ts';
import { isImageConfig, layerKind } from './media-types.ts';
import { tocPointers } from './toc.ts';

/**
 * Joins manifest and config to layers; `open` gives the bytes of a blob. Throws `registry/manifest-invalid` where the manifest
 * is of another artifact or the numbers of layers and diffIDs differ. Layers that are not distributed or not tar become `absent`;
 * their `urls` are never followed (T33).
 */
export function joinLayers(
  manifest: ManifestDocument,
  config: ConfigDocument,
  subject: string,
  open: (descriptor: Descriptor) => LayerContent,
): ImageLayer[] {
  const { layers } = manifest;
  if (config.diffIDs.length !== layers.length) {
    throw new PlombeError(
      'registry/manifest-invalid',
      `${subject} has ${layers.length} layers in its manifest and ${config.diffIDs.length} diffIDs in its config.`,
    );
  }
  const instructions = layerInstructions(config.history, layers.length);
  return layers.map((layer, index): ImageLayer => {
    const diffID = config.diffIDs[index];
    const createdBy = instructions[index];
    const tocs = tocPointers(layer);
    return {
      index,
      mediaType: layer.mediaType,
      digest: layer.digest,
      sizeBytes: layer.sizeBytes,
      content: absentContent(layer) ?? open(layer),
      ...(diffID === undefined ? {} : { diffID }),
      ...(createdBy === undefined ? {} : { createdBy }),
      ...(tocs.length === 0 ? {} : { tocs }),
    };
  });
}

/** An in-toto statement, kept as if it were a layer. */
const statement = 'application/vnd.in-toto+json';

/** Throws `registry/manifest-invalid` where the manifest is one of an artifact that is no container image. */
export function requireImage(manifest: ManifestDocument, subject: string): void {
  // BuildKit gives its attestations the media type of an image's config; their layers tell.
  const isAttestation = manifest.layers.length > 0 && manifest.layers.every((layer) => layer.mediaType === statement);
  if (isImageConfig(manifest.config.mediaType) && !isAttestation) return;
  const named = manifest.artifactType ?? (isAttestation ? statement : manifest.config.mediaType);
  const type = inert(named.slice(0, 200));
  throw new PlombeError(
    'registry/manifest-invalid',
    `${subject} is an artifact of type "${type}", not a container image.`,
    {
      remedy: 'Name an image; artifacts such as charts, signatures and SBOMs have no layers to read.',
    },
  );
}

/**
 * Returns the `created_by` of each layer, bottom first. Where the history has another number of non-empty entries than
 * there are layers, none can be told, and all are undefined.
 */
export function layerInstructions(history: readonly HistoryEntry[], layers: number): readonly (string | undefined)[] {
  const made = history.filter((entry) => !entry.empty);
  return made.length === layers
    ? made.map((entry) => entry.createdBy)
    : Array.from({ length: layers }, () => undefined);
}

function absentContent(layer: Descriptor): LayerContent | undefined {
  const kind = layerKind(layer.mediaType);
  if (kind === 'tar') return undefined;
  const type = inert(layer.mediaType.slice(0, 200));
  return {
    kind: 'absent',
    cause:
      kind === 'foreign'
        ? `layer ${layer.digest} is not distributed by registries ("${type}"); its URLs are not followed`
        : `layer ${layer.digest} is of the unknown media type "${type}"`,
  };
}
