// endoflife.date: when the releases of distributions and runtimes stop getting fixes.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import { JsonStreamError, jsonMembers } from '../../documents/json-members.ts';
import { decodeText, mebibyte } from '@plombe/kit';
import type { FeedDocument } from '../../feed.ts';
import { archiveFiles } from '../../documents/archive.ts';
import { malformed } from '../../documents/json.ts';
import { parseProduct } from './product.ts';
import { parseYaml } from '@plombe/formats';

/** The longest product has under 200 KiB. */
const maxProductBytes = 4 * mebibyte;

function* itemsOf(value: unknown, name: string | undefined, record: string): Generator<EnrichmentItem> {
  const cycles = parseProduct(value, name);
  if (cycles === undefined) yield { kind: 'problem', record: record.slice(0, 80), cause: 'lacks a name or releases' };
  for (const cycle of cycles ?? []) yield { kind: 'eol', cycle };
}

async function* parseApi(document: FeedDocument, signal: AbortSignal): AsyncGenerator<EnrichmentItem> {
  try {
    for await (const { text } of jsonMembers(document.open({ signal }), {
      path: ['result'],
      maxMemberBytes: maxProductBytes,
    })) {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      yield* itemsOf(value, undefined, text);
    }
  } catch (cause) {
    if (cause instanceof JsonStreamError)
      throw malformed(document, `is not the list of products: it ${cause.message}`, cause);
    throw cause;
  }
}

/** The front matter of a page: YAML between two lines of three dashes. */
function frontMatter(text: string): unknown {
  const [, yaml] = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text) ?? [];
  if (yaml === undefined) return undefined;
  try {
    return parseYaml(yaml);
  } catch {
    return undefined;
  }
}

async function* parsePages(document: FeedDocument, signal: AbortSignal): AsyncGenerator<EnrichmentItem> {
  const wants = (name: string): boolean => /(?:^|\/)products\/[^/]+\.md$/.test(name);
  for await (const file of archiveFiles(document, { wants, maxFileBytes: maxProductBytes, signal })) {
    const product = file.name.replace(/^.*\//, '').replace(/\.md$/, '');
    if ('cause' in file) yield { kind: 'problem', record: product, cause: file.cause };
    else yield* itemsOf(frontMatter(decodeText(file.bytes)), product, product);
  }
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<EnrichmentItem> {
  let products = 0;
  for await (const item of document.name.endsWith('.json')
    ? parseApi(document, signal)
    : parsePages(document, signal)) {
    if (item.kind === 'eol') products += 1;
    yield item;
  }
  if (products === 0) throw malformed(document, 'holds no product');
}

/** End-of-life dates of products, by endoflife.date's names. */
export const endoflife: EnrichmentFeed = {
  id: 'endoflife',
  title: 'endoflife.date',
  homepage: 'https://endoflife.date/',
  licence: 'MIT',
  requests: () => [{ name: 'eol/products-full.json', url: 'https://endoflife.date/api/v1/products/full' }],
  matches: (path) => /(?:^|\/)eol\/[^/]+\.(?:json|tar|tar\.gz|tar\.zst|zip)$/.test(path),
  parse,
};
