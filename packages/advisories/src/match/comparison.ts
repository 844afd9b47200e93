// What a package is compared as: in which ecosystem, by which name and in which version.
import { errorCodes } from '@plombe/kit';
import { isSystemType, type Cause, type Distribution, type Package } from '@plombe/model';
import { ecosystemBase, normaliseName, schemeOfEcosystem } from '../normal/ecosystems.ts';
import { ecosystemOfRelease, releaseOf, type Release } from './release.ts';
import { alsoComparedAs, productsOf, type Product } from './products.ts';
import { sourceOf, withEpoch } from './source.ts';

export interface Comparison {
  readonly ecosystem: string;
  readonly scheme: string;
  /** Name that advisories use. */
  readonly name: string;
  readonly version: string;
  /** Name and version that findings are grouped under: the source package where there is one. */
  readonly subjectName: string;
  readonly subjectVersion: string;
  /** Repositories that the image says its packages come from; absent where it does not. */
  readonly repositories?: readonly string[];
  /** What it is compared as besides, in other ecosystems or by other names. */
  readonly also?: readonly Product[];
}

export type ComparisonResult = { readonly comparison: Comparison } | { readonly cause: Cause };

const languageEcosystems: ReadonlyMap<string, string> = new Map([
  ['npm', 'npm'],
  ['pypi', 'PyPI'],
  ['golang', 'Go'],
  ['cargo', 'crates.io'],
  ['maven', 'Maven'],
  ['nuget', 'NuGet'],
  ['gem', 'RubyGems'],
  ['composer', 'Packagist'],
  ['hex', 'Hex'],
  ['pub', 'Pub'],
  ['swift', 'SwiftURL'],
  ['cran', 'CRAN'],
  ['bioconductor', 'Bioconductor'],
  ['hackage', 'Hackage'],
  ['julia', 'Julia'],
  ['conan', 'ConanCenter'],
  ['bitnami', 'Bitnami'],
  ['githubactions', 'GitHub Actions'],
]);

/** Ecosystems whose advisories name binary packages; all other distributions name source packages. */
const binaryNamed: ReadonlySet<string> = new Set([
  'AlmaLinux',
  'Rocky Linux',
  'Red Hat',
  'CentOS',
  'Fedora',
  'Oracle Linux',
  'Amazon Linux',
  'SUSE',
  'openSUSE',
  'Photon OS',
]);

/** True for packages of a distribution's package manager. */
export function isSystemPackage(item: Pick<Package, 'type'>): boolean {
  return isSystemType(item.type);
}

/** Returns what a package is compared as, or why it cannot be. */
export function comparisonOf(item: Package, distribution: Distribution | undefined): ComparisonResult {
  if (isSystemPackage(item)) return systemComparison(item, releaseOf(item, distribution));
  const ecosystem = isAction(item) ? 'GitHub Actions' : languageEcosystems.get(item.type);
  if (item.type === 'generic') return genericComparison(item);
  if (ecosystem === undefined)
    return { cause: cause('feed/missing', `There is no advisory data for ${item.type} packages.`, item.type, noFeed) };
  if (item.origin === 'vcs' || item.origin === 'archive') {
    const message = `Packages of ${ecosystem} that come from a commit, a file or an address are not compared: advisories name versions of the registry.`;
    return { cause: cause('package/not-from-registry', message, ecosystem) };
  }
  if (item.type === 'maven' && (item.namespace ?? '') === '') {
    // Advisories name `group:artifact`; an artifact alone would match none of them and look unaffected.
    return {
      cause: cause(
        'package/metadata-invalid',
        'Archives of Java do not say their Maven group, which advisories name.',
        'maven',
      ),
    };
  }
  const name = normaliseName(ecosystem, languageName(item));
  const version = ecosystem === 'Bitnami' ? bitnamiVersion(item.version) : item.version;
  const also = [...alsoComparedAs(item), ...partOfRepository(ecosystem, name, item)];
  return {
    comparison: {
      ecosystem,
      scheme: schemeOfEcosystem(ecosystem),
      name,
      version,
      subjectName: languageName(item),
      subjectVersion: item.version,
      ...(also.length === 0 ? {} : { also }),
    },
  };
}

/** A package URL of type `github` names any repository: only what a workflow uses is known to be an action. */
function isAction({ type, cataloger }: Package): boolean {
  return type === 'github' && cataloger === 'github-actions';
}

/** Some advisories name the action or workflow within a repository: `OWNER/NAME/.github/workflows/x.yml`. */
function partOfRepository(ecosystem: string, name: string, { subpath, version }: Package): readonly Product[] {
  if (ecosystem !== 'GitHub Actions' || subpath === undefined) return [];
  return [
    { ecosystem, scheme: schemeOfEcosystem(ecosystem), name: `${name}/${normaliseName(ecosystem, subpath)}`, version },
  ];
}

function genericComparison(item: Package): ComparisonResult {
  const [first, ...also] = productsOf(item);
  if (first === undefined) {
    const message =
      'There is no advisory data for software that no package manager knows, and that no publisher nor CPE names.';
    return { cause: cause('feed/missing', message, item.type, noFeed) };
  }
  const named = { subjectName: item.name, subjectVersion: item.version };
  return { comparison: { ...first, ...named, ...(also.length === 0 ? {} : { also }) } };
}

/** Bitnami's packages carry the number of their build (`5.7.1-3`), its advisories do not: for SemVer it would be a pre-release. */
function bitnamiVersion(version: string): string {
  return version.replace(/-\d+$/, '');
}

function languageName(item: Package): string {
  if (item.namespace === undefined || item.namespace === '') return item.name;
  return `${item.namespace}${item.type === 'maven' ? ':' : '/'}${item.name}`;
}

function systemComparison(item: Package, release: Release | undefined): ComparisonResult {
  if (release === undefined) {
    return {
      cause: cause('distribution/unknown', `The distribution of the ${item.type} packages is not known.`, item.type),
    };
  }
  const ecosystem = ecosystemOfRelease(release);
  if (ecosystem === undefined) {
    const scope = [release.id, release.versionId ?? release.codename].filter(Boolean).join(' ');
    const message = `There is no advisory data for the distribution ${scope}.`;
    return { cause: cause('distribution/unknown', message, scope, noFeed) };
  }
  const base = ecosystemBase(ecosystem);
  const source = sourceOf(item);
  const compared = binaryNamed.has(base) ? { name: item.name, version: withEpoch(item) } : source;
  const version = base === 'Azure Linux' || base === 'Mariner' ? azureVersion(compared.version) : compared.version;
  return {
    comparison: {
      ecosystem,
      scheme: schemeOfEcosystem(ecosystem),
      name: compared.name,
      version,
      subjectName: source.name,
      subjectVersion: source.version,
      ...(release.repositories === undefined ? {} : { repositories: release.repositories }),
    },
  };
}

/** Azure Linux's OVAL says epoch 0 throughout: with its real epoch a package would never be affected. */
function azureVersion(version: string): string {
  return version.replace(/^\d+:/, '');
}

const noFeed = 'No feed has advisories about them, so an update changes nothing; look up by hand what matters.';

/** Makes a cause, with the code's general remedy where no other is given. */
export function cause(
  code: keyof typeof errorCodes,
  message: string,
  scope?: string,
  remedy: string = errorCodes[code].remedy,
): Cause {
  return { code, message, ...(scope === undefined ? {} : { scope }), remedy };
}
