// Coordinates of Maven as Java's build tools write them.
import type { PackageScope } from '@plombe/model';
import type { Declaration } from '../declared-packages.ts';

const part = /^[A-Za-z0-9_.-]{1,200}$/;

/** True for a version that is one: no range, no property, no `LATEST` or `1.+`. */
export function isExact(version: string): boolean {
  return (
    version !== '' &&
    version.length <= 200 &&
    /^[A-Za-z0-9]/.test(version) &&
    !/[[\](),${}+*\s]|^(?:LATEST|RELEASE|latest\.\w+)$/.test(version.replace(/\+(?=[0-9A-Za-z])/g, ''))
  );
}

/** Makes a declaration of `group:artifact`; undefined where a part is none of Maven's. */
export function mavenPackage(
  group: string,
  artifact: string,
  version: string,
  more: Partial<Declaration> = {},
): Declaration | undefined {
  if (!part.test(group) || !part.test(artifact) || version === '') return undefined;
  return { ...more, type: 'maven', namespace: group, name: artifact, version };
}

/** Words in the names of configurations of Gradle and sbt that are for building and testing alone. */
const developmentWords =
  /test|lint|checkstyle|spotbugs|pmd|jacoco|detekt|ktlint|spotless|annotationProcessor|kapt|ksp|errorprone|protoc|codegen|jmh|benchmark|classpath$|^compiler|^docs?|javadoc|scala-?tool|plugin/i;

/** Returns the scope of a package in these configurations: what one of them needs to run counts. */
export function scopeOfConfigurations(names: readonly string[]): PackageScope {
  return names.length > 0 && names.every(isDevelopment) ? 'development' : 'runtime';
}

function isDevelopment(name: string): boolean {
  // `compileClasspath`, `releaseRuntimeClasspath` are what is built; `classpath` alone is the build script's.
  if (/(?:compile|runtime)classpath$/i.test(name)) return /test|jmh|benchmark/i.test(name);
  return developmentWords.test(name);
}
