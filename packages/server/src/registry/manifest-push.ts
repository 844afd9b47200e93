// Pushing manifests: parsed strictly, judged, stored; nothing is seen before that.
import { createHash } from 'node:crypto';
import { digestAlgorithm, type Digest } from '@plombe/model';
import { isPlombeError, messageOf } from '@plombe/kit';
import { maxManifestBytes, parseManifest, type IndexDocument, type ManifestDocument } from '@plombe/oci';
import type { Missing } from '@plombe/store';
import { readBody } from './body.ts';
import { answerEmpty, identify, type Exchange, type Registry } from './exchange.ts';
import type { Identity, ManifestPush, PushVerdict } from './ports.ts';
import { Refused } from './refused.ts';
import { isTag, type ManifestName } from './route.ts';

/** Ten is the least that the specification wants; a release has rarely more than five. */
const maxTags = 100;
/** Layers with these types need not be in the registry. */
const notDistributed = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;
/** Tags by which cosign and clients without the referrers API attach to a digest. */
const attachedTag = /^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/;

/** `PUT …/manifests/<tag or digest>`. */
export async function pushManifest(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  name: ManifestName,
): Promise<void> {
  const { store, gate, patience } = registry;
  const { request, response, query, signal } = exchange;
  const by = await identify(registry, exchange, [{ action: 'push', repository }], [{ action: 'sign', repository }]);
  const tags = tagsOf(name, query);
  const bytes = await readBody(request, maxManifestBytes, patience.manifestMs);
  const digest = digestOf(name, bytes);
  const contentType = request.headers['content-type'];
  const document = parse(bytes, `${repository}@${digest}`, contentType);
  if (!by.may('push', repository)) requireAttachment(by, repository, document, tags);
  const content = contentOf(document);
  const manifest = {
    repository,
    digest,
    bytes,
    tags,
    // The document's own type where it has one; else what it came as.
    mediaType: declaresType(bytes) ? document.mediaType : (typeOf(contentType) ?? document.mediaType),
    annotations: document.annotations,
    pushedBy: by.id,
    ...content,
    ...artifactTypeOf(document),
    ...(document.subject === undefined ? {} : { subject: document.subject.digest }),
  };
  registry.upstream?.requireWritable(repository);
  await registry.upstream?.findContent(repository, store.missing(repository, content.blobs, content.children));
  requireContent(store.missing(repository, content.blobs, content.children));
  const push: ManifestPush = { repository, tags, digest, mediaType: manifest.mediaType, bytes, by, signal };
  const verdict = await judge(registry, push);
  if (verdict.kind === 'deny') {
    const { decision, reasons, message } = verdict.reasons;
    throw new Refused('DENIED', `plombe: ${message}`, { detail: { decision, reasons } });
  }
  const state = verdict.kind === 'quarantine' ? 'quarantined' : 'visible';
  const released = verdict.kind === 'accept' ? verdict.releasedTags : undefined;
  const result = await store.putManifest({
    ...manifest,
    state,
    ...(released === undefined ? {} : { releasedTags: released }),
  });
  if (result.kind === 'missing') requireContent(result);
  if (result.kind === 'immutable') {
    throw new Refused('DENIED', `plombe: the tag ${result.tag} of ${repository} is immutable; push under a new one.`);
  }
  await gate.stored(push, verdict);
  answerEmpty(response, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(manifest.subject === undefined ? {} : { 'oci-subject': manifest.subject }),
    ...('digest' in name && tags.length > 0 ? { 'oci-tag': [...tags] } : {}),
    ...(state === 'quarantined' ? { 'plombe-decision': 'quarantine' } : {}),
  });
}

/** An error while judging is no verdict: nothing becomes visible by it. */
async function judge({ gate, ctx }: Registry, push: ManifestPush): Promise<PushVerdict> {
  try {
    return await gate.judge(push);
  } catch (error) {
    if (error instanceof Refused) throw error;
    ctx.log.warn('gate.failed', { repository: push.repository, digest: push.digest, cause: messageOf(error) });
    throw new Refused(
      'UNKNOWN',
      'plombe: the image could not be judged now, so it was not stored. The log of the server says why; push it again later.',
      {
        status: 503,
        headers: { 'retry-after': '5' },
      },
    );
  }
}

function tagsOf(name: ManifestName, query: URLSearchParams): readonly string[] {
  const more = query.getAll('tag');
  if ('tag' in name) {
    if (more.length > 0) throw new Refused('TAG_INVALID', 'More tags can be given where the path names a digest.');
    return [name.tag];
  }
  if (more.length > maxTags) throw new Refused('TAG_INVALID', `At most ${maxTags} tags can be given at once.`);
  const wrong = more.find((tag) => !isTag(tag));
  if (wrong !== undefined) throw new Refused('TAG_INVALID', `"${wrong.slice(0, 200)}" is no tag.`);
  return [...new Set(more)];
}

/** A tag names the sha256 digest; a path with a digest must be right. */
function digestOf(name: ManifestName, bytes: Uint8Array): Digest {
  const algorithm = 'digest' in name ? digestAlgorithm(name.digest) : 'sha256';
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
  if ('tag' in name || digest === name.digest) return digest;
  throw new Refused('DIGEST_INVALID', `The manifest has the digest ${digest}, not ${name.digest}.`);
}

function parse(bytes: Uint8Array, subject: string, contentType: string | undefined): IndexDocument | ManifestDocument {
  try {
    return parseManifest(bytes, { subject, ...(contentType === undefined ? {} : { contentType }) });
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    throw new Refused('MANIFEST_INVALID', error.message);
  }
}

/** Whoever may only sign can attach to what is there, and change nothing else. */
function requireAttachment(
  by: Identity,
  repository: string,
  { subject }: IndexDocument | ManifestDocument,
  tags: readonly string[],
): void {
  const isAttached = tags.length === 0 ? subject !== undefined : tags.every((tag) => attachedTag.test(tag));
  if (isAttached) return;
  throw new Refused('DENIED', `${by.id} may only push what refers to another manifest of ${repository}.`);
}

/** What must be in the repository already, each once. */
function contentOf(document: IndexDocument | ManifestDocument): {
  readonly blobs: readonly Digest[];
  readonly optionalBlobs: readonly Digest[];
  readonly children: readonly Digest[];
} {
  if (document.kind === 'index') {
    return { blobs: [], optionalBlobs: [], children: unique(document.manifests.map(({ digest }) => digest)) };
  }
  const isOptional = (mediaType: string): boolean => notDistributed.test(mediaType);
  const layers = document.layers.map(({ mediaType, digest }) => ({ digest, optional: isOptional(mediaType) }));
  return {
    blobs: unique([document.config.digest, ...layers.filter(({ optional }) => !optional).map(({ digest }) => digest)]),
    optionalBlobs: unique(layers.filter(({ optional }) => optional).map(({ digest }) => digest)),
    children: [],
  };
}

function unique(digests: readonly Digest[]): readonly Digest[] {
  return [...new Set(digests)];
}

function requireContent({ blobs, children }: Missing): void {
  const missing = [...blobs, ...children];
  if (missing.length === 0) return;
  throw new Refused(
    'MANIFEST_BLOB_UNKNOWN',
    `The manifest names ${missing.length} blobs or manifests that are not in the repository; push them first: ${missing[0] ?? ''}`,
    { detail: missing.slice(0, 100).map((digest) => ({ digest })) },
  );
}

/** As the referrers API shows it (image specification, "Guidelines for artifact usage"). */
function artifactTypeOf(document: IndexDocument | ManifestDocument): { readonly artifactType?: string } {
  const type = document.artifactType ?? (document.kind === 'manifest' ? document.config.mediaType : undefined);
  return type === undefined ? {} : { artifactType: type.slice(0, 255) };
}

function typeOf(contentType: string | undefined): string | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return type?.startsWith('application/vnd.') === true ? type : undefined;
}

function declaresType(bytes: Uint8Array): boolean {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString());
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'mediaType');
}
