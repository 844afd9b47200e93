// The referrers tag schema: the index under `sha256-<hex>` that lists referrers where a registry does not (distribution specification 1.1).
import type { Digest } from '@plombe/model';
import { PlombeError, isObject, listField, textField, type JsonObject } from '@plombe/kit';
import { parseDocument } from '../manifest/json.ts';
import { maxManifestBytes } from '../manifest/manifest.ts';
import { ociIndex } from '../manifest/media-types.ts';
import type { ManifestContent } from './push.ts';
import type { TagChange } from './update.ts';

/** What a descriptor in the list of referrers repeats of the manifest it stands for. */
export interface ReferrerEntry {
  readonly subject: Digest;
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The specification cuts the encoded digest here, so that a sha512 still makes a tag. */
const maxEncodedLength = 64;

/** Returns the tag under which referrers of a digest are listed. */
export function referrersTag(digest: Digest): string {
  const [algorithm = '', encoded = ''] = digest.split(':');
  return `${algorithm}-${encoded.slice(0, maxEncodedLength)}`;
}

/**
 * Returns the change that adds one entry to the list and keeps every other as it is written, with members unknown to us. The
 * change throws `registry/manifest-invalid` where the tag holds no index.
 */
export function listReferrer(manifest: ManifestContent, digest: Digest, entry: ReferrerEntry): TagChange {
  const descriptor = {
    mediaType: manifest.mediaType,
    digest,
    size: manifest.bytes.length,
    artifactType: entry.artifactType,
    ...(Object.keys(entry.annotations).length === 0 ? {} : { annotations: entry.annotations }),
  };
  const name = `The tag ${referrersTag(entry.subject)}`;
  return async (current) => {
    let index: JsonObject = { schemaVersion: 2, mediaType: ociIndex, manifests: [] };
    if (current !== undefined) {
      if (current.document.kind !== 'index') {
        throw new PlombeError('registry/manifest-invalid', `${name} is no index, so no referrer can be listed there.`);
      }
      index = parseDocument(current.bytes, name, maxManifestBytes);
    }
    const manifests = listField(index, 'manifests').filter(isObject);
    if (manifests.some((known) => textField(known, 'digest') === digest)) return undefined;
    const bytes = Buffer.from(JSON.stringify({ ...index, manifests: [...manifests, descriptor] }));
    return { bytes, mediaType: textField(index, 'mediaType') ?? ociIndex };
  };
}
