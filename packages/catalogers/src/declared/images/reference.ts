// Names of images as files write them (distribution/reference), and the packages that stand for them.
import type { PackageScope, RawFile } from '@plombe/model';
import type { Declaration, DeclaredPackages } from '../declared-packages.ts';

export interface ImageReference {
  /** `docker.io` where none is written. */
  readonly registry: string;
  /** With `library/` for the images of Docker Hub that have no owner. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const pattern =
  /^((?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?$/;
const registryPattern =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*(?::\d{1,5})?$/;
const maxLength = 512;

/** Parses `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`; undefined where it is none, as with variables in it. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > maxLength || !/^[\w.:/@-]+$/.test(text)) return undefined;
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const hasRegistry = slash > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  if (hasRegistry && !registryPattern.test(first)) return undefined;
  const [, path, tag, digest] = pattern.exec(hasRegistry ? text.slice(slash + 1) : text) ?? [];
  if (path === undefined) return undefined;
  const registry = hasRegistry && first !== 'index.docker.io' ? first : 'docker.io';
  return {
    registry,
    repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * Returns the package that stands for an image: purl `oci` where a digest says which it is, with the tag as a qualifier; else `docker`, whose version
 * may be a tag. Without either it is `latest`, as for every client.
 */
export function imagePackage({ registry, repository, tag, digest }: ImageReference): Declaration {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (digest !== undefined) {
    const qualifiers = { repository_url: `${registry}/${repository}`, ...(tag === undefined ? {} : { tag }) };
    return { type: 'oci', name, version: digest, qualifiers, origin: 'image' };
  }
  const isHub = registry === 'docker.io';
  const owner = repository.slice(0, -name.length - 1);
  return {
    type: 'docker',
    ...(owner === '' || (isHub && owner === 'library') ? {} : { namespace: owner }),
    name,
    version: tag ?? 'latest',
    ...(isHub ? {} : { qualifiers: { repository_url: registry } }),
    origin: 'image',
  };
}

/** The images that one file names: listed, and told in one note. */
export class NamedImages {
  readonly #file: RawFile;
  readonly #into: DeclaredPackages;
  readonly #known = new Set<string>();
  readonly #unknown = new Set<string>();

  constructor(file: RawFile, into: DeclaredPackages) {
    this.#file = file;
    this.#into = into;
  }

  /** Adds an image as written; `role` says what names it: `FROM`, `service web` … */
  add(written: string, role: string, scope: PackageScope = 'runtime'): void {
    const text = written.trim();
    const reference = parseImageReference(text);
    if (text === '' || text === 'scratch') return;
    if (reference === undefined) {
      this.#unknown.add(text.slice(0, maxLength));
      return;
    }
    this.#known.add(text);
    this.#into.add(this.#file, {
      ...imagePackage(reference),
      scope,
      direct: true,
      facts: { image: text, role: role.slice(0, 200) },
    });
  }

  /** Notes how many there are: nothing is missing in the tree itself by that, so the result is not partial. */
  tell(): void {
    const known = this.#known.size;
    const unknown = this.#unknown.size;
    if (known + unknown === 0) return;
    const what = known === 1 ? 'an image, which is' : `${known} images, which are`;
    const some = unknown === 1 ? 'an image that is' : `${unknown} images that are`;
    const parts = [
      ...(known === 0 ? [] : [`names ${what} listed and not looked into`]),
      ...(unknown === 0 ? [] : [`names ${some} known only when it is used`]),
    ];
    this.#into.note(this.#file, parts.join(', and '), 'package/image-named');
  }
}

/** Replaces `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `${NAME:+other}`; what has no value stays as written. */
export function interpolate(text: string, valueOf: (name: string) => string | undefined): string {
  if (text.length > maxLength || !text.includes('$')) return text;
  return text.replaceAll(
    /\$(?:\$|(\w+)|\{(\w+)(?:(:?[-+])([^${}]*))?\})/g,
    (all, plain?: string, name?: string, how?: string, other?: string) => {
      if (all === '$$') return '$';
      const value = valueOf(plain ?? name ?? '');
      if (how?.endsWith('+') === true) return value === undefined || value === '' ? '' : (other ?? '');
      return value === undefined || (value === '' && how === ':-')
        ? how?.endsWith('-') === true
          ? (other ?? '')
          : all
        : value;
    },
  );
}
