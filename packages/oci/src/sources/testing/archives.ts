// Archives as docker wrote and writes them, built in code so that tests can bend them.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import type { Image } from '@plombe/model';
import { resolveSubject } from '../resolve.ts';
import type { ImageSource, SourceOptions } from '../source.ts';
import { offlineContext, temporaryFolder } from './context.ts';

/** Hexadecimal sha256. */
export function hexOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A layer with one file of that name. */
export function layerOf(name: string): Buffer {
  return writeTar([{ path: name, content: name }]);
}

/** Config bytes for the layers. */
export function configOf(layers: readonly Uint8Array[], more: object = {}): string {
  const diffIDs = layers.map((layer) => `sha256:${hexOf(layer)}`);
  const history = layers.map((_, at) => ({ created_by: `RUN ${at}` }));
  return JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: diffIDs },
    history,
    ...more,
  });
}

/** Entries of an archive in the style of docker 1.10 to 24: `<id>/layer.tar`, `<hex>.json`, `manifest.json` last. */
export function dockerEntries(
  images: readonly { readonly tag: string; readonly layers: readonly Buffer[] }[],
): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  const manifest = images.map(({ tag, layers }) => {
    const config = configOf(layers);
    const names = layers.map((layer) => `${hexOf(layer)}/layer.tar`);
    layers.forEach((layer, at) => entries.set(names[at] ?? '', { path: names[at] ?? '', content: layer }));
    entries.set(`${hexOf(config)}.json`, { path: `${hexOf(config)}.json`, content: config });
    return { Config: `${hexOf(config)}.json`, RepoTags: [tag], Layers: names };
  });
  return [...entries.values(), { path: 'manifest.json', content: JSON.stringify(manifest) }];
}

/** Writes bytes to a file of a temporary folder and returns its path. */
export function fileOf(bytes: Uint8Array | string, name = 'archive.tar'): string {
  const path = `${temporaryFolder()}/${name}`;
  writeFileSync(path, bytes);
  return path;
}

/** A registry that answers that it was asked. */
export const askedRegistry: ImageSource = {
  id: 'registry',
  open: (text) => Promise.reject(new Error(`the registry was asked for ${text}`)),
};

/** Opens a subject without a network. */
export function resolve(
  subject: string,
  options: Partial<SourceOptions & { registry: ImageSource }> = {},
): Promise<readonly Image[]> {
  return resolveSubject(subject, { registry: askedRegistry, ...options }, offlineContext());
}

/** Opens a subject that is one image. */
export async function resolveOne(subject: string, options: Partial<SourceOptions> = {}): Promise<Image> {
  const [image, ...more] = await resolve(subject, options);
  if (image === undefined || more.length > 0) throw new Error(`${more.length + 1} images`);
  return image;
}
