// Packages: what catalogers find and what the inventory holds.
import type { Digest } from './digest.ts';
import type { Purl } from './purl.ts';

/** purl types Plombe finds. A later ecosystem adds its own here. */
export type PackageType = 'deb' | 'apk' | 'rpm' | 'npm' | 'pypi' | 'golang' | 'maven' | (string & {});

/** The package a distribution built this one from; advisories of most distributions name it. */
export interface SourcePackage {
  readonly name: string;
  /** In the same version scheme as the package; includes epoch where the scheme has one. */
  readonly version: string;
}

/**
 * What a package is needed for, as the lock file or manifest that declares it says. `runtime`: to run what is built. `optional`: to run it, but
 * only on some platforms or with an extra that may not be asked for. `development`: to build, test or format it, and not to run it. Maven's
 * `provided` is `runtime`: it runs, whoever brings it.
 */
export type PackageScope = 'runtime' | 'optional' | 'development';

/**
 * Where a declared package comes from, when that is no registry whose names and versions advisories use. `local`: a part of the tree itself, such
 * as a workspace member or a linked folder. `vcs`: a commit of a repository. `archive`: a file, or an address of one. `image`: an image that a file
 * names, which holds packages of its own and must be scanned itself.
 */
export type PackageOrigin = 'local' | 'vcs' | 'archive' | 'image';

/** A package as a cataloger found it, before the engine knows which layer brought it. */
export interface FoundPackage {
  readonly type: PackageType;
  /** purl namespace: `debian`, `@scope`, `github.com/owner` … */
  readonly namespace?: string;
  readonly name: string;
  /** As found, with epoch (`1:2.3-4`) for deb and rpm. */
  readonly version: string;
  readonly architecture?: string;
  /** Further purl qualifiers (`distro`, `epoch`, `upstream`, `vcs_url` …), without `arch`. */
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
  readonly source?: SourcePackage;
  /** SPDX expressions or names as declared; empty where nothing is declared. */
  readonly licences: readonly string[];
  readonly vendor?: string;
  /** CPE 2.3 formatted strings of the product (NISTIR 7695, 6.2), with or without its version; what NVD says is found by vendor and product. */
  readonly cpes?: readonly string[];
  /** rpm module stream label, `name:stream:version:context`. */
  readonly modularity?: string;
  /** Paths that justify the claim; the first is the metadata file. Sorted after the first. `FILE!/ENTRY` is an entry of an archive. */
  readonly paths: readonly string[];
  /** True where the version came from text that is weaker evidence (`-ldflags`, a file name). */
  readonly weak?: boolean;
  /** Absent where nothing says it: what is installed says nothing of what it is for. */
  readonly scope?: PackageScope;
  /** True where the project itself asks for it, false where only another package does; absent where nothing says it. */
  readonly direct?: boolean;
  /** Absent for packages of a registry, and where nothing says it. Packages that have one are not compared with advisories. */
  readonly origin?: PackageOrigin;
  /** Package URLs, without qualifiers, of what it needs by the same file; absent where nothing says it. Sorted. */
  readonly requires?: readonly Purl[];
  /** Free facts for `explain` and the JSON report, sorted by key: `replaces`, `installer`, `buildSetting.*` … */
  readonly facts?: Readonly<Record<string, string>>;
}

/** One place that justifies a claim. */
export interface Evidence {
  readonly path: string;
  readonly layerIndex: number;
  readonly diffID?: Digest;
  readonly digest?: Digest;
  /** History instruction that made the layer: hostile text. */
  readonly createdBy?: string;
  /** Of a lock file in a source tree, from 1: only for packages that a finding is about, and where the line could be told. */
  readonly line?: number;
}

/** A package of an inventory. */
export interface Package extends Omit<FoundPackage, 'paths' | 'requires'> {
  /** Unique in its inventory and the same in every run: purl, plus the path where one purl is found more than once. */
  readonly id: string;
  readonly purl: Purl;
  readonly cataloger: string;
  /** Never empty, except for packages given as bare purls. The first entry is the layer that introduced the package. */
  readonly evidence: readonly Evidence[];
  /** `id` of the OS or conda package whose file this one is; it is reported through its owner, where there are advisories for that one. */
  readonly ownedBy?: string;
  /** `id`s of the packages that it needs, as lock files say; absent where none says any. Sorted. */
  readonly dependsOn?: readonly string[];
}

/** The distribution of an image, from os-release and its relatives. */
export interface Distribution {
  /** os-release `ID`: `debian`, `alpine`, `azurelinux`, `mariner` … */
  readonly id: string;
  /** os-release `VERSION_ID`; absent for rolling ones. */
  readonly versionId?: string;
  readonly name?: string;
  readonly codename?: string;
  readonly variantId?: string;
  readonly idLike?: readonly string[];
  readonly cpe?: string;
  /** Release the configured repositories point to where that says more than os-release (`edge`, `v3.17`). */
  readonly repositoryRelease?: string;
  /**
   * The vendor's repositories that the packages come from, where the image says so: products of CPEs for Red Hat (`enterprise_linux:9`,
   * `rhel_eus:9.4`, `openshift:4.16`), `extras:<topic>` for Amazon Linux 2. Sorted.
   */
  readonly repositories?: readonly string[];
  readonly evidencePath: string;
}
