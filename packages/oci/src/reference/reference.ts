// Image references as docker and containerd read them, with one canonical form.
import type { Digest } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { PlombeError, inert } from '@plombe/kit';
import { canonicalRegistry } from './registry-name.ts';

/** A reference in its parts. Has a tag, a digest or both; with both the digest decides. All parts are canonical. */
export interface ImageReference {
  /** Host in lower case with its port, where that is not 443: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Longest text taken for a reference: 255 of host, 255 of repository, 128 of tag, 135 of digest and what joins them. */
const maxReferenceLength = 800;
const maxRepositoryLength = 255;

const repositoryComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

function invalid(text: string, reason: string): PlombeError {
  // What looks like user:password@host is not repeated: messages end in logs.
  // The pattern takes the square of the length, so a long text is cut; with an @ at its end, that half a password is none that is shown.
  const cut = text.length > maxReferenceLength ? `${text.slice(0, maxReferenceLength)}@` : text;
  const safe = cut.replace(/:[^/@]*@(?!sha256:|sha512:)/, ':…@');
  const shown = safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
  return new PlombeError('reference/invalid', `"${inert(shown)}" is not an image reference: ${reason}.`);
}

/**
 * Parses a reference by the grammar of distribution/reference and docker's defaults: no registry means `docker.io`, one
 * component there means `library/`, neither tag nor digest means `latest`. Throws `reference/invalid` with the reason.
 */
export function parseReference(text: string): ImageReference {
  const fail = (reason: string): PlombeError => invalid(text, reason);
  if (text === '') throw fail('it is empty');
  if (text.length > maxReferenceLength) throw fail(`it is longer than ${maxReferenceLength} characters`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (scheme) throw fail(`a reference has no scheme; leave ${scheme[0]} away`);
  if (/^[0-9a-f]{64}$/.test(text))
    throw fail('64 hexadecimal digits are an image id; a repository name may not look like one');

  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : parseReferenceDigest(text.slice(at + 1), fail);
  const name = at < 0 ? text : text.slice(0, at);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  // A colon after the last slash starts a tag, except where the whole text is only a host with a port.
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw fail(tagReason(tag));
  const { host, path } = splitRegistry(colon < 0 ? name : name.slice(0, colon));
  const registry = canonicalRegistry(host, fail);
  const repository = registry === 'docker.io' && !path.includes('/') && path !== '' ? `library/${path}` : path;
  checkRepository(repository, fail);
  return {
    registry,
    repository,
    ...(tag === undefined && digest !== undefined ? {} : { tag: tag ?? 'latest' }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Renders the canonical form `registry/repository[:tag][@digest]`; parsing it gives the same parts again. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** Returns the host that serves the API of a registry: `registry-1.docker.io` for `docker.io`, else itself. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** docker's rule: the first component is a host where it has a dot, a colon or an upper-case letter, or is `localhost`. */
function splitRegistry(name: string): { host: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost =
    first === 'localhost' || /[.:[]/.test(first) || first !== first.toLowerCase() || /[^\x20-\x7e]/.test(first);
  return isHost ? { host: first, path: name.slice(slash + 1) } : { host: 'docker.io', path: name };
}

function parseReferenceDigest(text: string, fail: (reason: string) => PlombeError): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  if (text.includes('@')) throw fail('it has more than one @');
  if (!/^(?:sha256|sha512):/.test(text)) throw fail('its digest is neither sha256:… nor sha512:…');
  throw fail('its digest needs exactly 64 (sha256) or 128 (sha512) lower-case hexadecimal digits');
}

function tagReason(tag: string): string {
  if (tag === '') return 'its tag is empty';
  if (tag.length > 128) return 'its tag is longer than 128 characters';
  return 'its tag may hold letters, digits, "_", "." and "-" only, and starts with none of the last two';
}

function checkRepository(repository: string, fail: (reason: string) => PlombeError): void {
  if (repository === '') throw fail('it names no repository');
  if (repository.length > maxRepositoryLength)
    throw fail(`its repository is longer than ${maxRepositoryLength} characters`);
  for (const component of repository.split('/')) {
    if (repositoryComponent.test(component)) continue;
    if (component === '') throw fail('its repository has an empty component');
    if (component.toLowerCase() !== component) throw fail('its repository must be lower case');
    throw fail(
      `the component "${inert(component)}" of its repository is not letters and digits joined by ".", "_", "__" or "-"`,
    );
  }
}
