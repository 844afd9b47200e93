// The list of version schemes. A new scheme is one line here and one folder beside it.
import { alpm } from './alpm/index.ts';
import { apk } from './apk/index.ts';
import { composer } from './composer/index.ts';
import { conda } from './conda/index.ts';
import { cran } from './cran/index.ts';
import { deb } from './deb/index.ts';
import { ebuild } from './ebuild/index.ts';
import { gem } from './gem/index.ts';
import { go } from './go/index.ts';
import { hackage } from './hackage/index.ts';
import { hex } from './hex/index.ts';
import type { VersionKey } from './key.ts';
import { maven } from './maven/index.ts';
import { nuget } from './nuget/index.ts';
import { pep440 } from './pep440/index.ts';
import { pub } from './pub/index.ts';
import { rpm } from './rpm/index.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver/index.ts';
import { tag } from './tag/index.ts';

/** Every version scheme, sorted by id. */
export const schemes: readonly VersionScheme<VersionKey>[] = [
  alpm,
  apk,
  composer,
  conda,
  cran,
  deb,
  ebuild,
  gem,
  go,
  hackage,
  hex,
  maven,
  nuget,
  pep440,
  pub,
  rpm,
  semver,
  tag,
];

const byId: ReadonlyMap<string, VersionScheme<VersionKey>> = new Map(schemes.map((scheme) => [scheme.id, scheme]));

/** Returns the scheme with this id, or undefined. */
export function schemeById(id: string): VersionScheme | undefined {
  return byId.get(id);
}

/** Compares two versions in the scheme with this id: -1, 0 or 1; undefined where there is no such scheme or one of them is no version. */
export function compareVersions(schemeId: string, a: string, b: string): -1 | 0 | 1 | undefined {
  const scheme = byId.get(schemeId);
  const left = scheme?.parse(a);
  const right = scheme?.parse(b);
  if (scheme === undefined || left === undefined || right === undefined) return undefined;
  return Math.sign(scheme.compare(left, right)) as -1 | 0 | 1;
}
