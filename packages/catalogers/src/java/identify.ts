// From what an archive says of itself to packages: what it is, and what was put into it.
import type { FoundPackage } from '@plombe/model';
import { distributedArtifact } from './distributed.ts';
import type { ArchiveFacts, ProjectFile } from './facts.ts';
import {
  baseName,
  isArtifact,
  isGroup,
  isVersion,
  type NamedArtifact,
  placedArtifact,
  splitBaseName,
} from './file-name.ts';
import { knownGroup } from './groups.ts';
import { bundleLicences, pomLicences } from './licences.ts';
import { type Manifest, symbolicName } from './manifest.ts';
import { type Coordinates, type Pom, resolvePom } from './pom.ts';

/** What could not be told of an archive. A note costs nothing: the archive claims to be nothing. */
export interface Gap {
  readonly level: 'warning' | 'note';
  readonly what: string;
}

interface Project extends Coordinates {
  /** In the archive. */
  readonly path: string;
  readonly from: 'pom.properties' | 'pom.xml';
  readonly licences: readonly string[];
}

/** An archive's own identity where no project file gives it. */
interface Identity extends NamedArtifact {
  readonly group?: string;
  readonly identifiedBy: string;
  readonly groupFrom?: string;
}

/**
 * Returns the packages of an archive at `place`, without those of archives inside. Each project below META-INF/maven is one: the archive's own, the
 * others shaded into it. Where none is its own, manifest, place and name say what it is.
 */
export function packagesOf(
  place: string,
  facts: ArchiveFacts,
): { found: readonly FoundPackage[]; gaps: readonly Gap[] } {
  const gaps: Gap[] = [];
  const projects = projectsOf(facts, gaps);
  const base = baseName(place);
  const own = ownProject(projects, base, facts.manifest);
  const found = projects.map((project) => projectPackage(place, project, project === own ? base : undefined, facts));
  if (own === undefined) {
    const identity = identityOf(place, base, facts);
    const isKnown = projects.some((one) => one.artifact === identity?.artifact && one.version === identity.version);
    if (identity !== undefined && !isKnown) found.unshift(identityPackage(place, identity, facts));
    else if (
      identity === undefined &&
      projects.length === 0 &&
      facts.archives.length + facts.problems.length + gaps.length === 0
    ) {
      gaps.push({ level: 'note', what: 'does not say what it is, nor does its name; it is not in the inventory' });
    }
  }
  return { found, gaps };
}

const projectFolder = /META-INF\/maven\/([^/]+)\/([^/]+)\/[^/]+$/;

/** The projects, each coordinate once; of one folder pom.properties counts before pom.xml, and the pom's licences for both. */
function projectsOf({ projects }: ArchiveFacts, gaps: Gap[]): readonly Project[] {
  const poms = projects.flatMap(({ pom }) => (pom === undefined ? [] : [pom]));
  const byFolder = new Map<string, ProjectFile[]>();
  for (const file of projects) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/'));
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
  }
  const byCoordinates = new Map<string, Project>();
  for (const [folder, files] of byFolder) {
    const project = projectIn(files, poms);
    if (project === undefined)
      gaps.push({ level: 'warning', what: `has a project that does not say what it is, ${folder}` });
    else {
      const key = `${project.group}:${project.artifact}:${project.version}`;
      if (!byCoordinates.has(key)) byCoordinates.set(key, project);
    }
  }
  return [...byCoordinates.values()];
}

function projectIn(files: readonly ProjectFile[], poms: readonly Pom[]): Project | undefined {
  const [, groupFolder = '', artifactFolder = ''] = projectFolder.exec(files[0]?.path ?? '') ?? [];
  const pomFile = files.find(({ pom }) => pom !== undefined);
  const resolved = pomFile?.pom === undefined ? undefined : resolvePom(pomFile.pom, poms);
  const licences = pomLicences(resolved?.licences ?? pomFile?.pom?.licences ?? []);
  for (const { path, properties } of files) {
    if (properties === undefined) continue;
    const { version } = properties;
    const group = isGroup(properties.group) ? properties.group : groupFolder;
    const artifact = isArtifact(properties.artifact) ? properties.artifact : artifactFolder;
    if (isVersion(version) && isGroup(group) && isArtifact(artifact))
      return { group, artifact, version, path, from: 'pom.properties', licences };
  }
  if (pomFile === undefined || resolved === undefined) return undefined;
  const { group, artifact, version } = resolved;
  if (!isGroup(group) || !isArtifact(artifact) || !isVersion(version)) return undefined;
  return { group, artifact, version, path: pomFile.path, from: 'pom.xml', licences };
}

/** The project that the archive was built from: its artifact begins the name; or it is the only one and nothing speaks against it. */
function ownProject(projects: readonly Project[], base: string, manifest: Manifest): Project | undefined {
  const isNamed = ({ artifact }: Project): boolean =>
    base === artifact || base.startsWith(`${artifact}-`) || base.endsWith(`.${artifact}`);
  const isVersioned = (one: Project): boolean => base.includes(`${one.artifact}-${one.version}`);
  const named = projects
    .filter(isNamed)
    .sort((a, b) => Number(isVersioned(b)) - Number(isVersioned(a)) || b.artifact.length - a.artifact.length);
  const best = named[0];
  if (best !== undefined && (isVersioned(best) || !startsWithOther(base, best))) return best;
  const [only] = projects;
  if (projects.length !== 1 || only === undefined) return undefined;
  const split = splitBaseName(base, [only.version, manifest['Implementation-Version']]);
  return split === undefined || split.version === only.version ? only : undefined;
}

/** `netty-all-4.1.0` begins with `netty-`, but is not the artifact `netty`: what follows must be a version. */
function startsWithOther(base: string, { artifact }: Project): boolean {
  const rest = base.startsWith(`${artifact}-`) ? base.slice(artifact.length + 1) : '';
  return rest !== '' && !/^\d/.test(rest);
}

function projectPackage(place: string, project: Project, base: string | undefined, facts: ArchiveFacts): FoundPackage {
  const { group, artifact, version, path, from, licences } = project;
  const start = `${artifact}-${version}-`;
  const classifier = base?.startsWith(start) === true ? base.slice(start.length) : '';
  return {
    type: 'maven',
    namespace: group,
    name: artifact,
    version,
    ...(classifier === '' ? {} : { qualifiers: { classifier } }),
    licences: licences.length > 0 || base === undefined ? licences : manifestLicences(facts.manifest),
    paths: [`${place}!/${path}`],
    facts: { identifiedBy: from, ...(base === undefined ? { shadedInto: baseName(place) } : { sha1: facts.sha1 }) },
  };
}

function identityPackage(place: string, identity: Identity, facts: ArchiveFacts): FoundPackage {
  const { group, artifact, version, classifier, identifiedBy, groupFrom } = identity;
  return {
    type: 'maven',
    ...(group === undefined ? {} : { namespace: group }),
    name: artifact,
    version,
    ...(classifier === undefined ? {} : { qualifiers: { classifier } }),
    licences: manifestLicences(facts.manifest),
    paths: [place],
    weak: true,
    facts: { ...(groupFrom === undefined ? {} : { groupFrom }), identifiedBy, sha1: facts.sha1 },
  };
}

function manifestLicences(manifest: Manifest): readonly string[] {
  const declared = manifest['Bundle-License'];
  return declared === undefined ? [] : bundleLicences(declared);
}

/** What manifest, place and name say. They agree with each other where one alone would be a guess. */
function identityOf(place: string, base: string, facts: ArchiveFacts): Identity | undefined {
  const { manifest, folders } = facts;
  const stated = statedIdentity(manifest);
  // A build that renames what it publishes keeps the project's own name in the manifest.
  const renamed = stated === undefined ? undefined : splitBaseName(base, [stated.version]);
  if (stated !== undefined) return renamed?.version === stated.version ? { ...stated, ...renamed } : stated;
  const placed = place.includes('!/') ? undefined : placedArtifact(place);
  if (placed !== undefined) return { ...placed, identifiedBy: 'place in a repository' };
  const versions = [manifest['Implementation-Version'], manifest['Bundle-Version'], manifest['Specification-Version']];
  const split = splitBaseName(base, versions);
  const named = split ?? unversioned(base, manifest);
  if (named === undefined) return undefined;
  const identifiedBy = split === undefined ? 'manifest' : 'file name';
  for (const [group, artifact, groupFrom] of groupsOf(named, place, manifest, folders)) {
    if (group !== undefined && isGroup(group)) return { ...named, artifact, group, identifiedBy, groupFrom };
  }
  return { ...named, identifiedBy };
}

/** Headers that state coordinates: Nebula's `group#artifact;version`, NiFi's, Jenkins's. */
function statedIdentity(manifest: Manifest): Identity | undefined {
  const nebula = /^([^#;\s]+)#([^#;\s]+);(\S+)$/.exec(manifest['Implementation-Title'] ?? '');
  const candidates = [
    nebula?.slice(1) ?? [],
    [manifest['Nar-Group'], manifest['Nar-Id'], manifest['Nar-Version']],
    [manifest['Group-Id'], manifest['Short-Name'], manifest['Plugin-Version']?.split(' ', 1)[0]],
  ];
  for (const [group = '', artifact = '', version = ''] of candidates) {
    if (isGroup(group) && isArtifact(artifact) && isVersion(version))
      return { group, artifact, version, identifiedBy: 'manifest' };
  }
  return undefined;
}

/** A file renamed to have no version: the manifest's counts, and the file's name, or the bundle's, as the artifact. */
function unversioned(base: string, manifest: Manifest): NamedArtifact | undefined {
  const version = [manifest['Implementation-Version'], manifest['Bundle-Version']].find(
    (one) => one !== undefined && isVersion(one),
  );
  return version === undefined || !isArtifact(base) ? undefined : { artifact: base, version };
}

/** Candidates for the group with where they are from, best first. */
function groupsOf(
  named: NamedArtifact,
  place: string,
  manifest: Manifest,
  folders: readonly string[],
): readonly (readonly [group: string | undefined, artifact: string, from: string])[] {
  const { artifact, version } = named;
  const dot = quarkusSplit(artifact, place, folders, version);
  const distributed = distributedArtifact(named, manifest, folders);
  const symbolic = symbolicName(manifest);
  const plain = artifact.replace(/_\d+(?:\.\d+)*$/, '');
  const ending = [artifact, plain].find((one) => symbolic?.endsWith(`.${one}`) === true);
  return [
    ...(dot === undefined ? [] : [[dot.group, dot.artifact, 'file name'] as const]),
    ...(distributed === undefined ? [] : [[distributed.group, distributed.artifact, 'well-known artifact'] as const]),
    [knownGroup(named, folders), artifact, 'well-known artifact'],
    [ending === undefined ? undefined : symbolic?.slice(0, -ending.length - 1), artifact, 'Bundle-SymbolicName'],
    [vendorGroup(manifest, folders, version), artifact, 'Implementation-Vendor-Id'],
  ];
}

/** Quarkus and sbt write `GROUP.ARTIFACT-VERSION.jar`: the group ends where a well-known artifact, or the last part, begins. */
function quarkusSplit(
  artifact: string,
  place: string,
  folders: readonly string[],
  version: string,
): { readonly group: string; readonly artifact: string } | undefined {
  if (!/(?:^|\/)lib\/(?:main|boot|deployment)\/[^/]+$/.test(place)) return undefined;
  for (let dot = artifact.indexOf('.'); dot > 0; dot = artifact.indexOf('.', dot + 1)) {
    const group = artifact.slice(0, dot);
    const rest = artifact.slice(dot + 1);
    if (knownGroup({ artifact: rest, version }, folders) === group) return { group, artifact: rest };
  }
  const last = artifact.lastIndexOf('.');
  return last > 0 ? { group: artifact.slice(0, last), artifact: artifact.slice(last + 1) } : undefined;
}

/**
 * Maven's and sbt's archivers write the group there; others write the vendor's domain, so the classes must lie in it. The version must be the
 * archive's: a shaded archive may have the manifest of what was put into it.
 */
function vendorGroup(manifest: Manifest, folders: readonly string[], version: string): string | undefined {
  const vendor = manifest['Implementation-Vendor-Id'];
  if (vendor === undefined || !vendor.includes('.') || manifest['Implementation-Version'] !== version) return undefined;
  const folder = vendor.replaceAll('.', '/');
  return folders.some((one) => one === folder || one.startsWith(`${folder}/`)) ? vendor : undefined;
}
