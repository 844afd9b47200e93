// What the name of an archive says: `ARTIFACT-VERSION[-CLASSIFIER].jar`, Maven's layout of repositories.

/** An artifact and its version, and what follows it. */
export interface NamedArtifact {
  readonly artifact: string;
  readonly version: string;
  readonly classifier?: string;
}

/** Coordinates that a folder structure gives. */
export interface PlacedArtifact extends NamedArtifact {
  readonly group: string;
}

/** Words that belong to versions, not to what comes between an artifact and its version. */
const qualifier =
  /^(?:a|alpha|android|b|beta|cr|dev|ea|final|ga|hadoop\d*|incubating|jdbc\d*|jdk\d*|jre\d*|java\d*|m|milestone|pre|preview|r|rc|redhat|release|rev|snapshot|sp|spark\d*|v)\d*$/i;
const classifiers =
  /^(?<version>.*?)-(?<classifier>sources|javadoc|tests?|test-sources|test-fixtures|shaded|all|all-deps|uber|jar-with-dependencies|standalone|bin|exec|boot|fat|no_aop|native|linux-.*|osx-.*|windows-.*|mac-.*|natives-.*|gpl|cuda\d.*)$/;
const maxNameLength = 512;

/** Returns the name without folders and extension. */
export function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).slice(-maxNameLength);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Splits a base name. A version that is known from elsewhere decides where it is; else the first part that begins with a digit does. */
export function splitBaseName(base: string, versions: readonly (string | undefined)[] = []): NamedArtifact | undefined {
  for (const version of versions) {
    if (version === undefined || version === '') continue;
    const at = base.lastIndexOf(`-${version}`);
    const rest = base.slice(at + 1 + version.length);
    if (at > 0 && (rest === '' || rest.startsWith('-'))) return named(base.slice(0, at), version, rest.slice(1));
  }
  const parts = base.split('-');
  const starts = parts.flatMap((part, index) => (index > 0 && /^\d/.test(part) ? [index] : []));
  const first = starts[0];
  if (first === undefined) return undefined;
  let at = first;
  for (const later of starts.slice(1)) {
    const between = parts.slice(at + 1, later);
    if (between.length > 0 && between.every((word) => !/\d*\.\d/.test(word) && !qualifier.test(word))) at = later;
  }
  const text = parts.slice(at).join('-');
  const split = classifiers.exec(text)?.groups;
  return named(parts.slice(0, at).join('-'), split?.['version'] ?? text, split?.['classifier'] ?? '');
}

function named(artifact: string, version: string, classifier: string): NamedArtifact | undefined {
  if (!isArtifact(artifact) || !isVersion(version)) return undefined;
  return { artifact, version, ...(classifier === '' ? {} : { classifier }) };
}

/** Reads `GROUP/AS/FOLDERS/ARTIFACT/VERSION/FILE` below a Maven repository, and Gradle's `files-2.1/GROUP/ARTIFACT/VERSION/SHA1/FILE`. */
export function placedArtifact(path: string): PlacedArtifact | undefined {
  const parts = path.split('/');
  const base = baseName(path);
  const gradle = parts.lastIndexOf('files-2.1');
  if (gradle >= 0 && parts.length === gradle + 6) {
    const [group = '', artifact = '', version = ''] = parts.slice(gradle + 1);
    return placed(base, group, artifact, version);
  }
  const root = Math.max(parts.lastIndexOf('repository'), parts.lastIndexOf('maven2'), parts.lastIndexOf('maven-repo'));
  if (root < 0 || parts.length < root + 5) return undefined;
  const [artifact = '', version = ''] = parts.slice(-3);
  return placed(base, parts.slice(root + 1, -3).join('.'), artifact, version);
}

function placed(base: string, group: string, artifact: string, version: string): PlacedArtifact | undefined {
  const start = `${artifact}-${version}`;
  if (!isGroup(group) || !isArtifact(artifact) || !isVersion(version)) return undefined;
  if (base !== start && !base.startsWith(`${start}-`)) return undefined;
  const classifier = base.slice(start.length + 1);
  return { group, artifact, version, ...(classifier === '' ? {} : { classifier }) };
}

/** Maven's rule for ids (`[A-Za-z0-9_\-.]+`), with a length. */
const idPattern = /^[A-Za-z0-9_.-]{1,256}$/;
/** Anything printable that is not a template's `${version}`; compared by Maven's order, which knows no invalid version. */
const versionPattern = /^[A-Za-z0-9][\x21-\x23\x25-\x7a]{0,127}$/;

export function isGroup(text: string): boolean {
  return idPattern.test(text) && !text.startsWith('.') && !text.endsWith('.');
}

export function isArtifact(text: string): boolean {
  return idPattern.test(text);
}

/** True for what can be a version: no spaces, no `${…}` that nobody filled in. */
export function isVersion(text: string): boolean {
  return versionPattern.test(text);
}
