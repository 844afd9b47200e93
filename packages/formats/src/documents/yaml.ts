// YAML without what makes it dangerous: aliases, merge keys, tags (T54).
import { parseDocument, visit } from 'yaml';

/**
 * Returns the value of a text of one YAML 1.2 document. Throws where it is no YAML or holds an alias: neither feeds nor lock files need one. Files that
 * persons write do: with `maxAliases`, that many places may repeat another, counted with those inside of what is repeated, and `<<` merges.
 */
export function parseYaml(text: string, maxAliases = 0): unknown {
  const document = parseDocument(text, {
    merge: maxAliases > 0,
    schema: 'core',
    customTags: null,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const error = document.errors[0];
  if (error !== undefined) throw error;
  if (maxAliases === 0) {
    visit(document, {
      Alias() {
        throw new Error('holds an alias');
      },
    });
  }
  return document.toJS({ maxAliasCount: maxAliases }) as unknown;
}
