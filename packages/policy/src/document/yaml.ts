// YAML → plain data, for documents that people write: one document, no aliases, no tags, bounded in size and depth. (T54)
import { inert, messageOf } from '@plombe/kit';
import { Composer, isNode, isScalar, LineCounter, Parser, visit, type CST, type Document } from 'yaml';

/** 512 KiB: ten thousand exceptions; a policy has some kilobytes. */
const maxBytes = 512 * 1024;
/** 24: twice what the schema can nest. */
const maxDepth = 24;

/** The data with a way to find lines, or what is wrong with the text. */
export type YamlReading =
  | { readonly kind: 'data'; readonly data: unknown; lineOf(path: readonly (string | number)[]): number | undefined }
  | { readonly kind: 'invalid'; readonly line?: number; readonly message: string };

/** Reads one YAML (or JSON) document. Throws nothing. */
export function readYaml(text: string): YamlReading {
  if (text.length > maxBytes) return { kind: 'invalid', message: `it is larger than ${maxBytes / 1024} KiB` };
  // Each marker starts a document, so a million of them are found before one is built.
  const markers = text.match(/^---(?=[ \t\r\n]|$)/gm)?.length ?? 0;
  if (markers > 1) return { kind: 'invalid', message: 'it holds more than one document' };
  const depth = bracketDepth(text);
  if (depth > maxDepth * 4) return { kind: 'invalid', message: `it is nested more than ${maxDepth} deep` };
  const lines = new LineCounter();
  try {
    const tokens = [...new Parser(lines.addNewLine).parse(text)];
    const refused = tokens.map((token) => refusedToken(token)).find((found) => found !== undefined);
    if (refused !== undefined)
      return { kind: 'invalid', line: lines.linePos(refused.offset).line, message: refused.message };
    const documents = [
      // Whether keys are unique the composer would find by comparing each with each before it.
      ...new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true }).compose(
        tokens,
      ),
    ];
    return readDocument(documents as readonly Document.Parsed[], lines);
  } catch (thrown) {
    return { kind: 'invalid', message: messageOf(thrown) };
  }
}

function readDocument(documents: readonly Document.Parsed[], lines: LineCounter): YamlReading {
  const [document] = documents;
  if (document === undefined || document.contents === null) return { kind: 'invalid', message: 'it is empty' };
  if (documents.length > 1) return { kind: 'invalid', message: 'it holds more than one document' };
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const message = inert(error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? '');
    return { kind: 'invalid', line: lines.linePos(error.pos[0]).line, message };
  }
  const repeated = repeatedKey(document);
  if (repeated !== undefined)
    return { kind: 'invalid', line: lines.linePos(repeated).line, message: 'Map keys must be unique' };
  return {
    kind: 'data',
    data: document.toJS({ maxAliasCount: 0 }) as unknown,
    lineOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const node = document.getIn(path.slice(0, length), true) as { readonly range?: readonly number[] } | undefined;
        const start = node?.range?.[0];
        if (start !== undefined) return lines.linePos(start).line;
      }
      return undefined;
    },
  };
}

/** Where the first key begins that its map had before. */
function repeatedKey(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const name: unknown = isScalar(key) ? String(key.value) : key;
        if (keys.has(name)) {
          offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
          return visit.BREAK;
        }
        keys.add(name);
      }
      return undefined;
    },
  });
  return offset;
}

interface Refused {
  readonly offset: number;
  readonly message: string;
}

/** Walks the tokens without recursion, so that depth is found before anything recursive sees it. */
function refusedToken(root: CST.Token): Refused | undefined {
  const stack: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { token, depth } = entry;
    const found = refusal(token, depth);
    if (found !== undefined) return found;
    if (token.type === 'document') {
      if (token.value !== undefined) stack.push({ token: token.value, depth });
      for (const part of token.start) stack.push({ token: part as CST.Token, depth });
    }
    if ('items' in token) {
      for (const item of token.items) {
        const parts = [...item.start, ...('sep' in item ? (item.sep ?? []) : [])] as CST.Token[];
        for (const part of parts) stack.push({ token: part, depth: depth + 1 });
        if (item.key !== undefined && item.key !== null) stack.push({ token: item.key, depth: depth + 1 });
        if (item.value !== undefined) stack.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}

function refusal(token: CST.Token, depth: number): Refused | undefined {
  const offset = 'offset' in token ? token.offset : 0;
  if (depth > maxDepth) return { offset, message: `it is nested more than ${maxDepth} deep` };
  const kind = token.type as string;
  if (kind === 'alias' || kind === 'anchor')
    return { offset, message: 'aliases and anchors are not allowed; write it out' };
  if (kind === 'tag') return { offset, message: 'tags are not allowed' };
  return kind === 'directive' ? { offset, message: 'directives are not allowed' } : undefined;
}

/** The deepest nesting that brackets or dashes of one line could make: an upper bound, cheap to find. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [found] of text.matchAll(/[[\]{}\n]|(?:[-?:] )+/g)) {
    if (found === '[' || found === '{') depth++;
    else if (found === ']' || found === '}') depth = Math.max(0, depth - 1);
    else if (found !== '\n') deepest = Math.max(deepest, found.length / 2);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
