// YAML without what makes it dangerous: aliases, merge keys, tags (T54).
import { Composer, type Document, isScalar, Parser, visit } from 'yaml';

/**
 * Returns the value of a text of one YAML 1.2 document. Throws where it is no YAML, names a key twice or holds an alias: neither feeds nor lock files need
 * one. Files that persons write do: with `maxAliases`, that many places may repeat another, counted with those inside of what is repeated, and `<<` merges.
 * Reads no further than the first error. Takes up to 5 s and 350 MiB for each MiB: callers bound the text.
 */
export function parseYaml(text: string, maxAliases = 0): unknown {
  try {
    return read(text, maxAliases);
  } catch (thrown) {
    // The parser calls itself for what is nested, and its stack ends at some thousand levels.
    throw thrown instanceof RangeError ? new Error('is nested too deep') : thrown;
  }
}

function read(text: string, maxAliases: number): unknown {
  const document = composeFirst(text, maxAliases > 0);
  const error = document.errors[0];
  if (error !== undefined) throw error;
  check(document, maxAliases);
  return document.toJS({ maxAliasCount: maxAliases }) as unknown;
}

/** Nodes times aliases: for each alias in what has an anchor, the resolver visits the document. 100 ns each. */
const maxVisits = 20_000_000;

function check(document: Document.Parsed, maxAliases: number): void {
  let nodes = 0;
  let aliases = 0;
  visit(document, {
    Node() {
      nodes += 1;
    },
    Alias() {
      aliases += 1;
      if (aliases > maxAliases) throw new Error(maxAliases === 0 ? 'holds an alias' : 'holds too many aliases');
    },
    Map(_, { items }) {
      nodes += 1;
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) throw new Error('has a key twice');
        keys.add(key.value);
      }
    },
  });
  if (nodes * aliases > maxVisits) throw new Error('holds too many aliases for its size');
}

/** The first document of a text. Throws at the first error in it that the composer tells of; what a damaged text may hold is one for each character. */
function composeFirst(text: string, merge: boolean): Document.Parsed {
  const composer = new Composer({
    merge,
    schema: 'core',
    customTags: null,
    // The composer would compare each key with each before it.
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  // Not in its types. Without effect, the errors would be in the document as well.
  Object.assign(composer, {
    onError(_source: unknown, code: string, message: string, isWarning?: boolean) {
      if (isWarning !== true) throw new Error(`${code}: ${message}`);
    },
  });
  let documents = 0;
  for (const token of new Parser().parse(text)) {
    if (token.type === 'error') throw new Error(token.message);
    if (token.type === 'document' && ++documents > 1) break;
    for (const document of composer.next(token)) return document;
  }
  for (const document of composer.end(true, text.length)) return document;
  throw new Error('holds no document');
}
