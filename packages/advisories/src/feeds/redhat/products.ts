// Red Hat's products by their CPEs, and the repositories that an image's content sets name.

/** A product: the major release of the distribution it is for, and its repository where that is not the main one. */
export interface RedHatProduct {
  readonly major: string;
  /** `rhel_eus:9.4`, `openshift:4.16`; absent for Red Hat Enterprise Linux itself. */
  readonly repository?: string;
}

const cpePattern = /^cpe:\/[aho]:redhat:([\w.+-]+):?([\w.+-]*)(?::[^:]*)?(?::([\w.+-]*))?/;

/** Repositories that hold other builds of the same packages, for who stays on a minor release: what they fix says nothing of the main builds. */
const streams = /^(?:rhel|enterprise_linux)_(?:eus|aus|tus|e4s|els|eus_long_life|aus_long_life|mission_critical)$/;

/**
 * Returns the product of a CPE 2.2 (`cpe:/o:redhat:enterprise_linux:9::baseos`, `cpe:/a:redhat:rhel_eus:9.2::appstream`,
 * `cpe:/a:redhat:openshift:4.16::el9`); undefined for a product that says no release of the distribution.
 */
export function productOfCpe(cpe: string): RedHatProduct | undefined {
  const [, product = '', version = '', channel = ''] = cpePattern.exec(cpe) ?? [];
  const major = /^(\d+)(?:\.|$)/.exec(version)?.[1];
  const layered = /^el(\d+)/.exec(channel)?.[1];
  if (layered !== undefined && version !== '') return { major: layered, repository: `${product}:${version}` };
  if (major === undefined) return undefined;
  if (streams.test(product)) return { major, repository: `${product}:${version}` };
  // Extras and the like add packages to a release (`rhel_extras:7`).
  return product === 'enterprise_linux' || /^rhel_(?:extras|supplementary|optional)/.test(product)
    ? { major }
    : undefined;
}

/** Returns the ecosystem of a product, and its repository beside the main ones. */
export function scopeOfProduct({ major, repository }: RedHatProduct): {
  readonly ecosystem: string;
  readonly repository?: string;
} {
  return { ecosystem: `Red Hat:${major}`, ...(repository === undefined ? {} : { repository }) };
}
