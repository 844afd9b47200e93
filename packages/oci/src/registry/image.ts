// A registry's image as the view that every source gives: platform chosen, digests verified down to the layers.
import type { Context, Image, Platform } from '@plombe/model';
import { PlombeError, by } from '@plombe/kit';
import { maxConfigBytes, parseImageConfig } from '../manifest/config.ts';
import { joinLayers, requireImage } from '../manifest/layers.ts';
import type { ManifestDocument } from '../manifest/manifest.ts';
import { choosePlatform, imageEntries } from '../manifest/platform.ts';
import { formatReference, type ImageReference } from '../reference/reference.ts';
import { requirePlatform } from '../sources/platform.ts';
import type { FetchedManifest, RegistryClient } from './client.ts';

export interface OpenImageOptions {
  readonly client: RegistryClient;
  /** Platform wanted; absent: this machine's, or the only one there is. */
  readonly platform?: Platform;
  /** The subject as the user wrote it; absent: the canonical reference. */
  readonly subject?: string;
}

/** An index may name indexes; docker and containerd read two levels at most in practice. */
const maxIndexDepth = 3;

/** Opens one platform's image. Throws `registry/platform` with what there is, and every `registry/…` error of the client. */
export async function openRegistryImage(
  reference: ImageReference,
  options: OpenImageOptions,
  ctx: Pick<Context, 'signal'>,
): Promise<Image> {
  const { client, platform } = options;
  const { signal } = ctx;
  const subject = formatReference(reference);
  let fetched = await client.fetchManifest(reference, { signal });
  const indexDigest = fetched.document.kind === 'index' ? fetched.digest : undefined;
  for (let depth = 0; fetched.document.kind === 'index'; depth++) {
    if (depth === maxIndexDepth) throw tooDeep(subject);
    const entry = choosePlatform(fetched.document, platform, subject);
    fetched = await client.fetchManifest(pinned(reference, entry.digest), { signal });
  }
  return imageOf(reference, options, { ...fetched, document: fetched.document }, indexDigest, ctx);
}

/** Opens the image of every platform an index has, attestations left out; a single image where there is no index. */
export async function openAllPlatforms(
  reference: ImageReference,
  options: Omit<OpenImageOptions, 'platform'>,
  ctx: Pick<Context, 'signal'>,
): Promise<readonly Image[]> {
  const { client } = options;
  const { signal } = ctx;
  const images: Image[] = [];
  const visit = async (place: ImageReference, depth: number, indexDigest: Image['indexDigest']): Promise<void> => {
    const fetched = await client.fetchManifest(place, { signal });
    const { document } = fetched;
    if (document.kind === 'manifest') {
      images.push(await imageOf(reference, options, { ...fetched, document }, indexDigest, ctx));
      return;
    }
    if (depth === maxIndexDepth) throw tooDeep(formatReference(reference));
    for (const entry of imageEntries(document)) {
      await visit(pinned(reference, entry.digest), depth + 1, indexDigest ?? fetched.digest);
    }
  };
  await visit(reference, 0, undefined);
  return images;
}

/** Lists the platforms of a reference, sorted; those of an index as it says, that of a single image from its config. */
export async function listPlatforms(
  reference: ImageReference,
  options: Omit<OpenImageOptions, 'platform'>,
  ctx: Pick<Context, 'signal'>,
): Promise<readonly Platform[]> {
  const fetched = await options.client.fetchManifest(reference, { signal: ctx.signal });
  const platforms =
    fetched.document.kind === 'index'
      ? imageEntries(fetched.document).map((entry) => entry.platform)
      : [(await imageOf(reference, options, { ...fetched, document: fetched.document }, undefined, ctx)).platform];
  return platforms
    .filter((platform) => platform !== undefined)
    .sort(
      by(
        ({ os }) => os,
        ({ architecture }) => architecture,
        ({ variant }) => variant ?? '',
        ({ osVersion }) => osVersion ?? '',
      ),
    );
}

async function imageOf(
  reference: ImageReference,
  options: OpenImageOptions,
  fetched: FetchedManifest & { readonly document: ManifestDocument },
  indexDigest: Image['indexDigest'],
  { signal }: Pick<Context, 'signal'>,
): Promise<Image> {
  const { client, platform } = options;
  const { document, digest } = fetched;
  const place = pinned(reference, digest);
  const subject = formatReference(place);
  requireImage(document, subject);
  const bytes = await client.fetchBlob(place, document.config, maxConfigBytes, { signal });
  const config = parseImageConfig(bytes, `The config of ${subject}`);
  requirePlatform(platform, config.platform, subject);
  return {
    subject: options.subject ?? formatReference(reference),
    source: 'registry',
    reference: formatReference({ ...reference, digest: reference.digest ?? indexDigest ?? digest }),
    digest,
    configDigest: document.config.digest,
    config: config.config,
    layers: joinLayers(document, config, subject, (layer) => ({
      kind: 'tar',
      open: (open) => client.openBlob(place, layer, { signal: open.signal }),
      ...(client.readRange === undefined
        ? {}
        : {
            range: async (offset, sizeBytes, { signal: until }) =>
              (await client.readRange?.(place, layer, { offset, sizeBytes, signal: until })) ?? new Uint8Array(0),
          }),
    })),
    // The client is the caller's; an image holds nothing of its own open.
    close: async () => {},
    ...(indexDigest === undefined ? {} : { indexDigest }),
    ...(config.platform === undefined ? {} : { platform: config.platform }),
  };
}

function pinned(reference: ImageReference, digest: ImageReference['digest']): ImageReference {
  const { registry, repository } = reference;
  return { registry, repository, ...(digest === undefined ? {} : { digest }) };
}

function tooDeep(subject: string): PlombeError {
  return new PlombeError(
    'registry/manifest-invalid',
    `${subject} has indexes within indexes, more than ${maxIndexDepth} deep.`,
  );
}
