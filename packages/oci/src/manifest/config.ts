// The image config: platform, diffIDs and history. Everything else in it is hostile text that is only carried along.
import type { Digest, ImageConfig, Platform } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import {
  PlombeError,
  field,
  inert,
  listField,
  mebibyte,
  objectField,
  objectsField,
  textField,
  textsField,
  type JsonObject,
} from '@plombe/kit';
import { parseDocument } from './json.ts';
import { parsePlatformObject } from './manifest.ts';

/** Twice a manifest's limit: histories of generated images with long `RUN` lines reach 1 MiB. */
export const maxConfigBytes = 8 * mebibyte;

/** One instruction of the image's history; `empty` ones made no layer. */
export interface HistoryEntry {
  readonly createdBy?: string;
  readonly empty: boolean;
}

/** The parts of an image config that Plombe uses. */
export interface ConfigDocument {
  /** Absent where the config does not say os and architecture. */
  readonly platform?: Platform;
  readonly config: ImageConfig;
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIDs: readonly Digest[];
  readonly history: readonly HistoryEntry[];
}

/**
 * Parses an image config, image specification config.md, OCI or docker. Throws `registry/manifest-invalid` where it is not
 * JSON, over 8 MiB, or has a diff_id that is no exact digest. Wrong types elsewhere count as absent.
 */
export function parseImageConfig(bytes: Uint8Array, subject: string): ConfigDocument {
  const document = parseDocument(bytes, subject, maxConfigBytes);
  const diffIDs = listField(objectField(document, 'rootfs') ?? {}, 'diff_ids').map((value) => {
    const digest = typeof value === 'string' ? parseDigest(value) : undefined;
    if (digest !== undefined) return digest;
    const shown = inert((typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200));
    throw new PlombeError('registry/manifest-invalid', `${subject} names the diffID "${shown}", which is no digest.`);
  });
  const history = objectsField(document, 'history').map((entry): HistoryEntry => {
    const createdBy = textField(entry, 'created_by');
    return { empty: field(entry, 'empty_layer') === true, ...(createdBy ? { createdBy } : {}) };
  });
  const platform = parsePlatformObject(document);
  return { config: imageConfig(document), diffIDs, history, ...(platform === undefined ? {} : { platform }) };
}

function imageConfig(document: JsonObject): ImageConfig {
  const config = objectField(document, 'config') ?? {};
  const labels = Object.create(null) as Record<string, string>;
  for (const [key, text] of Object.entries(objectField(config, 'Labels') ?? {})) {
    if (typeof text === 'string') labels[key] = text;
  }
  const texts = {
    createdAt: textField(document, 'created'),
    author: textField(document, 'author'),
    user: textField(config, 'User'),
    workingDir: textField(config, 'WorkingDir'),
  };
  const lists = {
    env: textsField(config, 'Env'),
    entrypoint: textsField(config, 'Entrypoint'),
    cmd: textsField(config, 'Cmd'),
    exposedPorts: Object.keys(objectField(config, 'ExposedPorts') ?? {}).sort(),
  };
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text)),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    labels,
  };
}
