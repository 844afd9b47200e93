// Which packages of a subject a product of a VEX document is: the subject itself with all in it, packages by their URL, parts of either.
import type { VexProduct } from '@plombe/advisories';
import { parsePurl, type Inventory, type Package, type PurlParts } from '@plombe/model';

type Known = Pick<Inventory, 'subject' | 'distribution' | 'packages'>;

/** Everything in the subject, or the ids of packages of it; empty: nothing of it. */
export type Meant = 'everything' | ReadonlySet<string>;

const nothing: ReadonlySet<string> = new Set();

/** The same answer for the same product: a vendor's document names some in thousands of statements. */
export class ProductFinder {
  readonly #known: Known;
  readonly #byName = new Map<string, Package[]>();
  readonly #purls = new Map<string, PurlParts | undefined>();
  readonly #byId = new Map<string, Package>();
  readonly #answers = new Map<VexProduct, Meant>();

  constructor(known: Known) {
    this.#known = known;
    for (const found of known.packages) {
      this.#byId.set(found.id, found);
      const names = new Set([found.name, ...(found.source === undefined ? [] : [found.source.name])]);
      for (const name of names) {
        const key = keyOf(found.type, name);
        const same = this.#byName.get(key);
        if (same === undefined) this.#byName.set(key, [found]);
        else same.push(found);
      }
    }
  }

  /** What the statement about this product is about here. */
  find(product: VexProduct): Meant {
    const known = this.#answers.get(product);
    if (known !== undefined) return known;
    const found = this.#within(product, 'everything');
    this.#answers.set(product, found);
    return found;
  }

  #within(product: VexProduct, scope: Meant): Meant {
    const own = scope === 'everything' && this.#isSubject(product) ? 'everything' : this.#packages(product, scope);
    if (product.parts === undefined || (own !== 'everything' && own.size === 0)) return own;
    const inner = own === 'everything' ? own : this.#besides(own);
    const parts = product.parts.map((part) => this.#within(part, inner));
    if (parts.includes('everything')) return 'everything';
    return new Set(parts.flatMap((part) => [...(part as ReadonlySet<string>)]));
  }

  #packages({ purls, versions }: VexProduct, scope: Meant): ReadonlySet<string> {
    if (purls.length === 0) return nothing;
    const found = purls.flatMap((wanted) =>
      (this.#byName.get(keyOf(wanted.type, wanted.name)) ?? []).filter((one) => {
        if (scope !== 'everything' && !scope.has(one.id)) return false;
        return this.#isPackage(one, versions === undefined ? wanted : withoutVersion(wanted), versions);
      }),
    );
    return found.length === 0 ? nothing : new Set(found.map(({ id }) => id));
  }

  #isPackage(found: Package, wanted: PurlParts, versions: readonly string[] | undefined): boolean {
    const own = this.#purlOf(found);
    if (own === undefined || (own.namespace ?? '') !== (wanted.namespace ?? '')) return false;
    const { arch, ...qualifiers } = wanted.qualifiers ?? {};
    const isSource = arch === 'source' || arch === 'src';
    if (arch !== undefined && !isSource && arch !== own.qualifiers?.['arch']) return false;
    if (wanted.subpath !== undefined && wanted.subpath !== own.subpath) return false;
    const told = own.qualifiers ?? {};
    // What says where a package was fetched from does not tell it from another.
    const differs = Object.entries(qualifiers).some(
      ([key, value]) =>
        !fetched.has(key) && told[key] !== value && !(key === 'epoch' && value === '0' && told[key] === undefined),
    );
    if (differs) return false;
    const asked = wanted.version === undefined ? versions : [wanted.version];
    const isOf = (name: string, version: string): boolean =>
      sameName(found.type, name, wanted.name) &&
      (asked === undefined || asked.some((one) => sameVersion(found.type, one, version)));
    const bySource = found.source !== undefined && isOf(found.source.name, bareOf(found.type, found.source.version));
    return bySource || (!isSource && (isOf(own.name, own.version ?? '') || isOf(own.name, found.version)));
  }

  /** All packages that lie in the same files: what a program or an archive was built of is told by the file that holds both. */
  #besides(ids: ReadonlySet<string>): ReadonlySet<string> {
    const files = new Set(
      [...ids].flatMap((id) => (this.#byId.get(id)?.evidence ?? []).map(({ path }) => fileOf(path))),
    );
    const inside = this.#known.packages.filter(
      ({ evidence }) => evidence.length > 0 && evidence.every(({ path }) => files.has(fileOf(path))),
    );
    return new Set(inside.map(({ id }) => id));
  }

  #purlOf({ id, purl }: Package): PurlParts | undefined {
    if (!this.#purls.has(id)) this.#purls.set(id, parsePurl(purl));
    return this.#purls.get(id);
  }

  #isSubject({ purls, digests, cpes }: VexProduct): boolean {
    const { subject, distribution } = this.#known;
    const own = digestsOf(this.#known);
    if (digests.some((digest) => own.has(digest))) return true;
    if (purls.some((purl) => isImage(purl, subject, own))) return true;
    const system = distribution?.cpe === undefined ? undefined : cpeParts(distribution.cpe);
    return system !== undefined && cpes.some((cpe) => isWithin(cpeParts(cpe), system));
  }
}

function digestsOf({ subject: { digest, indexDigest, configDigest } }: Known): ReadonlySet<string> {
  return new Set([digest, indexDigest, configDigest].filter((one) => one !== undefined));
}

/** Qualifiers of what a package is, apart from these: they say where it came from. */
const fetched: ReadonlySet<string> = new Set([
  'repository_url',
  'download_url',
  'vcs_url',
  'file_name',
  'checksum',
  'upstream',
]);

/** `pkg:oci/NAME@DIGEST?repository_url=HOST/PATH`, `pkg:docker/PATH@TAG-OR-DIGEST` (purl-spec, type definitions). */
function isImage(purl: PurlParts, subject: Inventory['subject'], digests: ReadonlySet<string>): boolean {
  if (purl.type !== 'oci' && purl.type !== 'docker') return false;
  const { arch, repository_url: address, tag } = purl.qualifiers ?? {};
  if (arch !== undefined && subject.platform !== undefined && arch !== subject.platform.architecture) return false;
  const version = purl.version;
  if (version !== undefined && /^sha\d+:/.test(version)) {
    // The digest says which image it is, whatever registry it lies in.
    return digests.has(version.toLowerCase());
  }
  if (subject.reference === undefined) return false;
  const { repository, tag: ownTag } = partsOf(subject.reference);
  const wantedTag = version ?? tag;
  if (wantedTag !== undefined && wantedTag !== ownTag) return false;
  if (address !== undefined) return partsOf(address).repository === repository;
  const path = purl.namespace === undefined ? purl.name : `${purl.namespace}/${purl.name}`;
  if (purl.type === 'docker') return partsOf(path).repository === repository;
  return repository.slice(repository.lastIndexOf('/') + 1) === purl.name;
}

/** `docker.io/library/debian` and the tag of a reference; Docker Hub goes by several names. */
function partsOf(reference: string): { readonly repository: string; readonly tag?: string } {
  const [, path = '', tag] = /^(?:https?:\/\/)?([^@]*?)(?::([^:/@]+))?(?:@.*)?$/.exec(reference) ?? [];
  const [first = '', ...rest] = path.replace(/\/+$/, '').split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = hasHost ? first.replace(/^(?:index|registry-1)\.docker\.io$/, 'docker.io') : 'docker.io';
  const names = hasHost ? rest : [first, ...rest];
  const full = host === 'docker.io' && names.length === 1 ? ['library', ...names] : names;
  return { repository: [host, ...full].join('/').toLowerCase(), ...(tag === undefined ? {} : { tag }) };
}

/** Part, vendor, product, version and update, of a URI (2.2) or a formatted string (2.3). */
function cpeParts(cpe: string): readonly string[] {
  const parts = cpe.startsWith('cpe:2.3:') ? cpe.slice('cpe:2.3:'.length) : cpe.replace(/^cpe:\/?/, '');
  return parts
    .split(':')
    .slice(0, 5)
    .map((part) => (part === '*' || part === '-' ? '' : part.toLowerCase()));
}

/** `cpe:/o:redhat:enterprise_linux:9` is `cpe:/o:redhat:enterprise_linux:9::baseos` too. */
function isWithin(wanted: readonly string[], own: readonly string[]): boolean {
  const filled = wanted.filter((part) => part !== '').length;
  return filled >= 3 && wanted.every((part, index) => part === '' || part === own[index]);
}

function keyOf(type: string, name: string): string {
  return `${type}\0${type === 'pypi' ? plain(name) : name.toLowerCase()}`;
}

function sameName(type: string, a: string, b: string): boolean {
  if (type === 'pypi') return plain(a) === plain(b);
  return a === b;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Go's versions are written with and without their `v`, rpm's with and without their epoch. */
function sameVersion(type: string, a: string, b: string): boolean {
  return bareOf(type, a) === bareOf(type, b);
}

function bareOf(type: string, version: string): string {
  if (type === 'golang') return version.replace(/^(?:v|go)(?=\d)/, '');
  return type === 'rpm' ? version.replace(/^\d+:/, '') : version;
}

function withoutVersion(purl: PurlParts): PurlParts {
  const { version: _, ...parts } = purl;
  return parts;
}

function fileOf(path: string): string {
  return path.split('!/', 1)[0] ?? path;
}
