// What a manifest is, by its content alone: something that runs, or something said about it. Who sends it plays no part.
import { isPlombeError } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import {
  maxConfigBytes,
  parseManifest,
  type IndexDocument,
  type ManifestDocument,
  type RegistryClient,
} from '@plombe/oci';
import { isConfig, isStatementType, isText, isTextLayer, maxTextBytes } from './content.ts';
import type { PendingManifest } from './store-client.ts';

/** `statement`: says something about an image. `listing`: the fallback tag's list of such. The others are judged. */
export type Classified =
  | { readonly kind: 'statement'; readonly subject?: Digest }
  | { readonly kind: 'listing'; readonly subject: Digest }
  | { readonly kind: 'image'; readonly document: ManifestDocument }
  | { readonly kind: 'index'; readonly document: IndexDocument };

/** As many layers as cosign ever put under one tag; what has more is judged as an image. */
const maxStatements = 1000;

/** All layers of a manifest together: four of the largest envelopes. Whoever sends more makes the gate parse it. */
const maxStatementBytes = 4 * maxTextBytes;

type Reader = Pick<RegistryClient, 'fetchManifest' | 'fetchBlob'>;

/** What classifying reads. `isStatement`: whether a stored manifest was found to be one. */
export interface ClassifyContext {
  readonly client: Reader;
  readonly signal: AbortSignal;
  readonly isStatement: (repository: string, digest: Digest) => boolean;
}

/** Classifies a push. Throws `registry/manifest-invalid` for what is no manifest, or two at once (T26). */
export async function classify(
  push: PendingManifest & { readonly tags: readonly string[] },
  ctx: ClassifyContext,
): Promise<Classified> {
  const { repository, digest, bytes, mediaType, tags } = push;
  const document = parseManifest(bytes, { subject: `${repository}@${digest}`, contentType: mediaType });
  if (document.kind === 'index') {
    const subject = commonSubject(tags.map(fallbackSubject));
    if (subject !== undefined && (await listsStatements(repository, document, subject, ctx)))
      return { kind: 'listing', subject };
    return { kind: 'index', document };
  }
  const about = aboutOf(document, tags);
  if (about === undefined || !(await holdsTextAlone(repository, document, ctx))) return { kind: 'image', document };
  return { kind: 'statement', ...about };
}

/** What a statement is about; `{}` for BuildKit's, which only the index that lists it knows. Undefined: it is no statement. */
function aboutOf(document: ManifestDocument, tags: readonly string[]): { readonly subject?: Digest } | undefined {
  const { subject, layers, config, artifactType } = document;
  if (layers.length === 0 || layers.length > maxStatements) return undefined;
  if (!layers.every(({ mediaType }) => isTextLayer(mediaType))) return undefined;
  if (layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > maxStatementBytes) return undefined;
  if (subject !== undefined) {
    const named = isStatementType(artifactType ?? config.mediaType);
    return named || layers.every(({ mediaType }) => isStatementType(mediaType))
      ? { subject: subject.digest }
      : undefined;
  }
  const legacy = commonSubject(tags.map(legacySubject));
  if (legacy !== undefined) return { subject: legacy };
  const isBuildKit = tags.length === 0 && layers.every((layer) => layer.mediaType === 'application/vnd.in-toto+json');
  return isBuildKit ? {} : undefined;
}

/** Opens every blob: types are only claims. What a visible manifest names can be read, so the config may not be anything either. */
async function holdsTextAlone(
  repository: string,
  { config, layers }: ManifestDocument,
  { client, signal }: ClassifyContext,
): Promise<boolean> {
  const place = { registry: '', repository };
  for (const blob of [config, ...layers]) {
    const maxBytes = blob === config ? maxConfigBytes : maxTextBytes;
    if (blob.sizeBytes > maxBytes) return false;
    try {
      const bytes = await client.fetchBlob(place, blob, maxBytes, { signal });
      if (!(blob === config ? isConfig(bytes) : isText(blob.mediaType, bytes))) return false;
    } catch (thrown) {
      // A blob that is not there, or not as large as it says: the store refuses the manifest; it is no statement.
      if (isPlombeError(thrown, 'registry/not-found') || isPlombeError(thrown, 'archive/digest-mismatch')) return false;
      throw thrown;
    }
  }
  return true;
}

/** True where every entry is a stored statement that says itself that it is about the subject. */
async function listsStatements(
  repository: string,
  { manifests }: IndexDocument,
  subject: Digest,
  { client, signal, isStatement }: ClassifyContext,
): Promise<boolean> {
  if (manifests.length > maxStatements) return false;
  for (const { digest } of manifests) {
    if (!isStatement(repository, digest)) return false;
    const { document } = await client.fetchManifest({ registry: '', repository, digest }, { signal });
    if (document.kind !== 'manifest' || document.subject?.digest !== subject) return false;
  }
  return true;
}

/** The digest in `sha256-HEX.sig`, `.att` and `.sbom`. */
export function legacySubject(tag: string): Digest | undefined {
  const match = /^(sha256|sha512)-([0-9a-f]+)\.(?:sig|att|sbom)$/.exec(tag);
  return match === null ? undefined : parseDigest(`${match[1]}:${match[2]}`);
}

/** The digest in `sha256-HEX`; that of a sha512 is cut off there, and cannot be told. */
export function fallbackSubject(tag: string): Digest | undefined {
  const match = /^sha256-([0-9a-f]{64})$/.exec(tag);
  return match === null ? undefined : parseDigest(`sha256:${match[1]}`);
}

function commonSubject(subjects: readonly (Digest | undefined)[]): Digest | undefined {
  const [first] = subjects;
  return subjects.every((subject) => subject === first) ? first : undefined;
}
