// pom.properties, which Maven's archiver writes: Java properties with three keys.

/** Returns the values of groupId, artifactId and version as written; empty where one is missing. */
export function parsePomProperties(text: string): { group: string; artifact: string; version: string } {
  const value = (key: string): string => {
    const found = new RegExp(`(?:^|[\\r\\n])[ \\t\\f]*${key}[ \\t]*[=:][ \\t]*([^\\r\\n]*)`).exec(text);
    return found?.[1]?.trim() ?? '';
  };
  return { group: value('groupId'), artifact: value('artifactId'), version: value('version') };
}
