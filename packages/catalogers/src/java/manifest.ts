// MANIFEST.MF (JAR file specification): the few headers of the main section that say what an archive is.

/** Headers that name an artifact, its version or its licence; the rest (checksums, imports) is not kept. */
const wantedHeaders: ReadonlyMap<string, string> = new Map(
  [
    'Automatic-Module-Name',
    'Bundle-License',
    'Bundle-Name',
    'Bundle-SymbolicName',
    'Bundle-Version',
    'Extension-Name',
    'Group-Id',
    'Implementation-Title',
    'Implementation-Vendor-Id',
    'Implementation-Version',
    'Nar-Group',
    'Nar-Id',
    'Nar-Version',
    'Plugin-Version',
    'Short-Name',
    'Specification-Title',
    'Specification-Version',
    'Spring-Boot-Version',
  ].map((name) => [name.toLowerCase(), name]),
);

const maxValueLength = 512;

export type Manifest = Readonly<Record<string, string>>;

/** Returns the headers that are wanted, as `Name: value` lines of one header each. Never throws. */
export function reduceManifest(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  // The main section ends at the first empty line.
  const end = /\r\n\r\n|\n\n|\r\r/.exec(text)?.index ?? text.length;
  const lines = text
    .slice(0, end)
    .replaceAll(/(?:\r\n|\n|\r) /g, '')
    .split(/\r\n|\n|\r/);
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = wantedHeaders.get(line.slice(0, Math.max(colon, 0)).toLowerCase());
    const value = line.slice(colon + 1).trim();
    if (name !== undefined && value !== '' && value.length <= maxValueLength) headers[name] = value;
  }
  return headers;
}

/** Bundle-SymbolicName without its directives. */
export function symbolicName(manifest: Manifest): string | undefined {
  return manifest['Bundle-SymbolicName']?.split(';', 1)[0]?.trim();
}
