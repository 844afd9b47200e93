// Opens the images of a docker archive (`docker save`): every style that docker, podman and skopeo have written.
import type { Context, Digest, Image, ImageLayer, LayerContent } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { inert, PlombeError } from '@plombe/kit';
import { maxConfigBytes, parseImageConfig, type ConfigDocument } from '../../manifest/config.ts';
import { layerInstructions } from '../../manifest/layers.ts';
import { requirePlatform } from '../platform.ts';
import { digestOf, verifyDigest } from '../../manifest/verify.ts';
import { readMember, type Members } from '../archive/members.ts';
import type { SourceOptions } from '../source.ts';
import { canonical, maxDocumentBytes, parseArchiveManifest, parseRepositories, selectArchived } from './manifest.ts';
import { readLegacyImage } from './legacy.ts';

/** Layers are tar streams, compressed or not, which the pass tells by their first bytes. */
const layerType = 'application/vnd.docker.image.rootfs.diff.tar';

/** What every style comes down to. */
export interface ArchiveContent {
  readonly config: ConfigDocument;
  readonly configDigest?: Digest;
  /** Bottom first; names of members. */
  readonly layers: readonly { readonly member: string; readonly digest?: Digest; readonly createdBy?: string }[];
  readonly tag?: string;
}

/**
 * Opens the image that the selector names. Throws `registry/manifest-invalid`, `archive/digest-mismatch` where the config does not
 * have the digest it is named by, `registry/platform`, `source/not-found` and `source/ambiguous`.
 */
export async function openDockerArchive(
  members: Members,
  selector: string | undefined,
  options: SourceOptions,
  ctx: Context,
): Promise<Image> {
  const { subject, platform, allPlatforms } = options;
  requireArchive(members, subject);
  const content =
    members.sizeOf('manifest.json') === undefined
      ? await readRepositories(members, selector, subject, ctx)
      : await readManifest(members, selector, subject, ctx);
  const { config } = content;
  if (!allPlatforms) requirePlatform(platform, config.platform, subject);
  const reference = canonical(content.tag);
  return {
    subject,
    source: 'docker-archive',
    config: config.config,
    layers: content.layers.map((layer, index) => archivedLayer(members, layer, index, config.diffIDs[index])),
    close: () => members.close(),
    ...(reference === undefined ? {} : { reference }),
    ...(content.configDigest === undefined ? {} : { configDigest: content.configDigest }),
    ...(config.platform === undefined ? {} : { platform: config.platform }),
  };
}

function requireArchive(members: Members, subject: string): void {
  const has = (name: string): boolean => members.sizeOf(name) !== undefined;
  if (has('manifest.json') || has('repositories')) return;
  throw new PlombeError(
    'source/not-found',
    `${inert(subject)} is no docker archive: it holds neither manifest.json nor repositories.`,
    { remedy: has('oci-layout') ? 'It is an OCI layout: name it with oci:.' : 'Name a root file system with tar:.' },
  );
}

async function readManifest(
  members: Members,
  selector: string | undefined,
  subject: string,
  ctx: Context,
): Promise<ArchiveContent> {
  const images = parseArchiveManifest(await readMember(members, 'manifest.json', maxDocumentBytes, ctx), subject);
  const chosen = selectArchived(images, selector, subject);
  const bytes = await readMember(members, chosen.config, maxConfigBytes, ctx);
  const named = digestInName(chosen.config);
  if (named !== undefined) verifyDigest(bytes, named, `The config of ${subject}`);
  const config = parseImageConfig(bytes, `the config of ${subject}`);
  if (config.diffIDs.length !== chosen.layers.length) {
    throw new PlombeError(
      'registry/manifest-invalid',
      `${subject} has ${chosen.layers.length} layers in manifest.json and ${config.diffIDs.length} diffIDs in its config.`,
    );
  }
  const instructions = layerInstructions(config.history, chosen.layers.length);
  const [tag] = chosen.tags;
  return {
    config,
    configDigest: digestOf(bytes),
    layers: chosen.layers.map((member, index) => {
      const createdBy = instructions[index];
      const digest = member.startsWith('blobs/') ? digestInName(member) : undefined;
      return { member, ...(digest === undefined ? {} : { digest }), ...(createdBy === undefined ? {} : { createdBy }) };
    }),
    ...(tag === undefined ? {} : { tag }),
  };
}

async function readRepositories(
  members: Members,
  selector: string | undefined,
  subject: string,
  ctx: Context,
): Promise<ArchiveContent> {
  const tops = parseRepositories(await readMember(members, 'repositories', maxDocumentBytes, ctx), subject);
  const images = [...tops].map(([tag, id]) => ({ id, tags: [tag] }));
  const chosen = selectArchived(images, selector, subject);
  const [tag] = chosen.tags;
  return { ...(await readLegacyImage(members, chosen.id, subject, ctx)), ...(tag === undefined ? {} : { tag }) };
}

/** The digest that a config's or blob's name states: `<hex>.json`, `blobs/sha256/<hex>`. */
function digestInName(name: string): Digest | undefined {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json|sha256:([0-9a-f]{64}))$/.exec(name);
  return hex === null ? undefined : parseDigest(`sha256:${hex[1] ?? hex[2] ?? hex[3] ?? ''}`);
}

function archivedLayer(
  members: Members,
  layer: ArchiveContent['layers'][number],
  index: number,
  diffID: Digest | undefined,
): ImageLayer {
  const { member, digest, createdBy } = layer;
  const sizeBytes = members.sizeOf(member);
  const content: LayerContent =
    sizeBytes === undefined
      ? { kind: 'absent', damaged: true, cause: `the layer ${inert(member.slice(0, 300))} is not in the archive` }
      : { kind: 'tar', open: (options) => members.open(member, options) };
  return {
    index,
    mediaType: layerType,
    content,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(digest === undefined ? {} : { digest }),
    ...(diffID === undefined ? {} : { diffID }),
    ...(createdBy === undefined ? {} : { createdBy }),
  };
}
