// YAML without what makes it dangerous: aliases, merge keys, tags (T54).
import { parseDocument, visit } from 'yaml';

/** Returns the value of a text of one YAML 1.2 document. Throws where it is no YAML or holds an alias: neither feeds nor lock files need one. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, {
    merge: false,
    schema: 'core',
    customTags: null,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const error = document.errors[0];
  if (error !== undefined) throw error;
  visit(document, {
    Alias() {
      throw new Error('holds an alias');
    },
  });
  return document.toJS({ maxAliasCount: 0 }) as unknown;
}
