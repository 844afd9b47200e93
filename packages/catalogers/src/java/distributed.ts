// Archives that lie in a server's own distribution under other names than those that Maven Central, and so advisories, know them by.
import type { NamedArtifact } from './file-name.ts';
import { type Manifest, symbolicName } from './manifest.ts';

/** Of Tomcat since 7: name in `lib` and `bin` → artifact. Only the distribution itself has bootstrap.jar. */
const tomcat: Readonly<Record<string, string>> = {
  'annotations-api': 'tomcat-annotations-api',
  bootstrap: 'tomcat',
  catalina: 'tomcat-catalina',
  'catalina-ant': 'tomcat-catalina-ant',
  'catalina-ha': 'tomcat-catalina-ha',
  'catalina-ssi': 'tomcat-ssi',
  'catalina-storeconfig': 'tomcat-storeconfig',
  'catalina-tribes': 'tomcat-tribes',
  'el-api': 'tomcat-el-api',
  'jasper-el': 'tomcat-jasper-el',
  jasper: 'tomcat-jasper',
  'jaspic-api': 'tomcat-jaspic-api',
  'jsp-api': 'tomcat-jsp-api',
  'servlet-api': 'tomcat-servlet-api',
  'websocket-api': 'tomcat-websocket-api',
  'websocket-client-api': 'tomcat-websocket-client-api',
};

/** Returns the coordinates that an archive of a distribution is published by, where name and manifest agree that it is one. */
export function distributedArtifact(
  { artifact, version }: NamedArtifact,
  manifest: Manifest,
  folders: readonly string[],
): { readonly group: string; readonly artifact: string } | undefined {
  if (artifact === 'apache-cassandra' && folders.some((one) => one.startsWith('org/apache/cassandra')))
    return { group: 'org.apache.cassandra', artifact: 'cassandra-all' };
  const published = Object.hasOwn(tomcat, artifact) ? tomcat[artifact] : undefined;
  if (published === undefined || Number.parseInt(version, 10) < 7) return undefined;
  const isTomcat =
    manifest['Implementation-Title']?.startsWith('Apache Tomcat') === true ||
    symbolicName(manifest)?.startsWith('org.apache.tomcat-') === true;
  return isTomcat ? { group: 'org.apache.tomcat', artifact: published } : undefined;
}
