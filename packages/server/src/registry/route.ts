// What a request's path asks for. Names and digests are checked here, before anything is looked up by them (T27, T37).
import { parseDigest, type Digest } from '@plombe/model';
import { Refused } from './refused.ts';

/** A tag or a digest, as manifests are named. */
export type ManifestName = { readonly tag: string } | { readonly digest: Digest };

export type Route =
  | { readonly kind: 'base' | 'catalog' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly name: ManifestName }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: Digest };

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const uploadPattern = /^[0-9a-f]{32}$/;
/** Docker's limit for a name. */
const maxNameLength = 255;

/** True for `<name>` of the distribution specification, in the one form that is ever compared. */
export function isRepository(name: string): boolean {
  return name.length <= maxNameLength && name.split('/').every((part) => component.test(part));
}

/** True for a tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Parses the path of a request below `/v2`. Undefined where there is nothing; throws `Refused` for names and digests that are none. */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  if (!path.startsWith('/v2/')) return undefined;
  const parts = path.slice('/v2/'.length).split('/');
  const last = decoded(parts.at(-1) ?? '');
  const before = parts.at(-2);
  // From the end: a repository may be called "blobs/uploads".
  if (parts.length >= 4 && parts.at(-3) === 'blobs' && before === 'uploads') {
    const repository = repositoryOf(parts.slice(0, -3));
    if (last === '') return { kind: 'uploads', repository };
    if (uploadPattern.test(last)) return { kind: 'upload', repository, id: last };
    throw new Refused('BLOB_UPLOAD_UNKNOWN', 'There is no such upload.');
  }
  if (parts.length < 3) return undefined;
  switch (before) {
    case 'manifests':
      return { kind: 'manifest', repository: repositoryOf(parts.slice(0, -2)), name: manifestName(last) };
    case 'blobs': {
      const repository = repositoryOf(parts.slice(0, -2));
      return last === 'uploads'
        ? { kind: 'uploads', repository }
        : { kind: 'blob', repository, digest: digestIn(last) };
    }
    case 'tags':
      return last === 'list' ? { kind: 'tags', repository: repositoryOf(parts.slice(0, -2)) } : undefined;
    case 'referrers':
      return { kind: 'referrers', repository: repositoryOf(parts.slice(0, -2)), digest: digestIn(last) };
    default:
      return undefined;
  }
}

/** Returns the digest, or refuses what is none. */
export function digestIn(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  throw new Refused('DIGEST_INVALID', `"${text.slice(0, 200)}" is not an exact sha256 or sha512 digest.`);
}

function manifestName(text: string): ManifestName {
  if (text.includes(':')) return { digest: digestIn(text) };
  if (isTag(text)) return { tag: text };
  throw new Refused('TAG_INVALID', `"${text.slice(0, 200)}" is neither a tag nor a digest.`);
}

function repositoryOf(parts: readonly string[]): string {
  const name = parts.join('/');
  if (isRepository(name)) return name;
  throw new Refused(
    'NAME_INVALID',
    `"${name.slice(0, 300)}" is not a repository name: lower-case letters, digits, separators.`,
  );
}

/** Clients may write the colon of a digest as %3A. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
