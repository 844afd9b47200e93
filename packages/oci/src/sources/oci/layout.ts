// Reads images out of an OCI image layout (image specification 1.1, image-layout.md).
import type { Context, Descriptor, Digest, Image, LayerContent } from '@plombe/model';
import { digestAlgorithm } from '@plombe/model';
import { decodeText, inert, isObject, PlombeError, textField } from '@plombe/kit';
import { maxConfigBytes, parseImageConfig } from '../../manifest/config.ts';
import { joinLayers, requireImage } from '../../manifest/layers.ts';
import { maxManifestBytes, parseManifest, type IndexDocument, type ManifestDocument } from '../../manifest/manifest.ts';
import { choosePlatform, imageEntries } from '../../manifest/platform.ts';
import { verifyDigest } from '../../manifest/verify.ts';
import { formatReference, parseReference } from '../../reference/reference.ts';
import { readMember, type Members } from '../archive/members.ts';
import { requirePlatform } from '../platform.ts';
import type { SourceOptions } from '../source.ts';
import { entryNames, selectEntries, type Selector } from './select.ts';

/** An index in an index is usual; the specification sets no bound, and no tool writes more than two. */
const maxIndexDepth = 4;
/** `oci-layout` holds one version string. */
const maxMarkerBytes = 4096;

/** One image manifest that the subject and the platform asked for lead to. */
interface Chosen {
  readonly descriptor: Descriptor;
  readonly manifest: ManifestDocument;
  readonly indexDigest?: Digest;
}

/**
 * Opens the images of a layout. Index, manifest and config are verified by digest and size before they are read; layers by
 * whoever reads them. Throws `registry/manifest-invalid`, `archive/digest-mismatch`, `registry/platform`, `source/not-found`, `source/ambiguous`.
 */
export async function openLayout(
  members: Members,
  selector: Selector,
  options: SourceOptions,
  ctx: Context,
): Promise<readonly Image[]> {
  await checkMarker(members, options, ctx);
  const bytes = await readMember(members, 'index.json', maxManifestBytes, ctx);
  const index = parseManifest(bytes, { subject: `index.json of ${options.subject}` });
  if (index.kind !== 'index') {
    throw new PlombeError('registry/manifest-invalid', `index.json of ${options.subject} is no image index.`);
  }
  const layout = new Layout(members, options, ctx);
  const unlisted = unlistedBlob(index, selector, members);
  const chosen =
    unlisted === undefined
      ? await layout.choose({ ...index, manifests: selectEntries(index, selector, options.subject) }, undefined, 0)
      : await layout.follow(unlisted, undefined, 0);
  return Promise.all(chosen.map((one) => layout.image(one)));
}

/** A digest that `index.json` does not list may be the manifest of one platform: it is looked for among the blobs. */
function unlistedBlob(index: IndexDocument, { digest }: Selector, members: Members): Descriptor | undefined {
  if (digest === undefined || index.manifests.some((entry) => entry.digest === digest)) return undefined;
  const sizeBytes = members.sizeOf(blobName(digest));
  return sizeBytes === undefined ? undefined : { mediaType: '', digest, sizeBytes };
}

async function checkMarker(members: Members, options: SourceOptions, ctx: Context): Promise<void> {
  if (members.sizeOf('oci-layout') === undefined) {
    const archived = members.sizeOf('manifest.json') !== undefined;
    throw new PlombeError('source/not-found', `${inert(options.subject)} is no OCI layout: it holds no oci-layout.`, {
      remedy: archived
        ? 'It is a docker archive: name it with docker-archive:.'
        : 'Name a root file system with dir: or tar:.',
    });
  }
  const bytes = await readMember(members, 'oci-layout', maxMarkerBytes, ctx);
  let version: string | undefined;
  try {
    const marker: unknown = JSON.parse(decodeText(bytes));
    version = isObject(marker) ? textField(marker, 'imageLayoutVersion') : undefined;
  } catch {
    version = undefined;
  }
  if (version?.startsWith('1.')) return;
  throw new PlombeError('registry/manifest-invalid', `${options.subject} has no oci-layout file of version 1.`);
}

function blobName(digest: Digest): string {
  const algorithm = digestAlgorithm(digest);
  return `blobs/${algorithm}/${digest.slice(algorithm.length + 1)}`;
}

class Layout {
  readonly #members: Members;
  readonly #options: SourceOptions;
  readonly #ctx: Context;

  constructor(members: Members, options: SourceOptions, ctx: Context) {
    this.#members = members;
    this.#options = options;
    this.#ctx = ctx;
  }

  /** Follows an index down to manifests: one for the platform asked for, or all. */
  async choose(index: IndexDocument, indexDigest: Digest | undefined, depth: number): Promise<readonly Chosen[]> {
    const { subject, platform, allPlatforms } = this.#options;
    if (depth > maxIndexDepth) {
      throw new PlombeError('registry/manifest-invalid', `${subject} has indexes nested deeper than ${maxIndexDepth}.`);
    }
    const wanted = allPlatforms ? imageEntries(index) : [choosePlatform(index, platform, subject)];
    const chosen: Chosen[] = [];
    for (const descriptor of wanted) chosen.push(...(await this.follow(descriptor, indexDigest, depth)));
    return chosen;
  }

  /** Reads the manifest or index of a descriptor; an index is followed further. */
  async follow(descriptor: Descriptor, indexDigest: Digest | undefined, depth: number): Promise<readonly Chosen[]> {
    const subject = `${descriptor.digest} of ${this.#options.subject}`;
    const bytes = await this.#blob(descriptor, maxManifestBytes);
    const document = parseManifest(bytes, { subject, contentType: descriptor.mediaType });
    if (document.kind === 'index') return this.choose(document, descriptor.digest, depth + 1);
    requireImage(document, subject);
    return [{ descriptor, manifest: document, ...(indexDigest === undefined ? {} : { indexDigest }) }];
  }

  async image({ descriptor, manifest, indexDigest }: Chosen): Promise<Image> {
    const { subject } = this.#options;
    const config = parseImageConfig(await this.#blob(manifest.config, maxConfigBytes), `the config of ${subject}`);
    const platform = config.platform ?? descriptor.platform;
    if (!this.#options.allPlatforms) requirePlatform(this.#options.platform, platform, subject);
    const reference = canonicalName(descriptor);
    return {
      subject,
      source: 'oci',
      digest: descriptor.digest,
      configDigest: manifest.config.digest,
      config: config.config,
      layers: joinLayers(manifest, config, subject, (layer) => this.#layer(layer)),
      close: () => this.#members.close(),
      ...(reference === undefined ? {} : { reference }),
      ...(indexDigest === undefined ? {} : { indexDigest }),
      ...(platform === undefined ? {} : { platform }),
    };
  }

  #layer({ digest, sizeBytes }: Descriptor): LayerContent {
    const members = this.#members;
    const name = blobName(digest);
    const actual = members.sizeOf(name);
    if (actual === sizeBytes) return { kind: 'tar', open: (options) => members.open(name, options) };
    const cause =
      actual === undefined
        ? 'is not in the layout'
        : `has ${actual} bytes and not the ${sizeBytes} that its manifest says`;
    return { kind: 'absent', damaged: true, cause: `the blob ${digest} ${cause}` };
  }

  async #blob(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array> {
    const bytes = await readMember(this.#members, blobName(descriptor.digest), maxBytes, this.#ctx);
    verifyDigest(bytes, descriptor.digest, `A blob of ${this.#options.subject}`);
    if (bytes.length === descriptor.sizeBytes) return bytes;
    throw new PlombeError(
      'registry/manifest-invalid',
      `${descriptor.digest} of ${this.#options.subject} has ${bytes.length} bytes and not the ${descriptor.sizeBytes} of its descriptor.`,
    );
  }
}

/** The canonical reference, where a name of the entry is a whole one and not only a tag. */
function canonicalName(descriptor: Descriptor): string | undefined {
  const full = entryNames(descriptor).find((name) => name.includes('/'));
  try {
    return full === undefined ? undefined : formatReference(parseReference(full));
  } catch {
    return undefined;
  }
}
