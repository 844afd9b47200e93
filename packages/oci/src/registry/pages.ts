// Paged lists of a registry: tags and repositories, bounded in pages, bytes and entries (T28).
import { PlombeError, decodeText, isObject, textsField, type JsonObject } from '@plombe/kit';
import { readDocument } from '../network/client.ts';
import { maxManifestBytes } from '../manifest/manifest.ts';
import type { Transport } from './transport.ts';

export interface PagesRequest {
  readonly registry: string;
  readonly repository?: string;
  /** First page, from `/v2/` on. */
  readonly path: string;
  /** Member of each page that holds the entries. */
  readonly member: 'tags' | 'repositories';
  readonly signal: AbortSignal;
}

/** The largest public repositories have some 60,000 tags. */
const maxEntries = 200_000;
/** Registries give 100 or 1,000 entries a page; some ignore what is asked for and give fewer. */
const maxPages = 2000;

/** Reads all pages, following `Link: …; rel="next"` on the same origin. Throws `registry/invalid-answer` beyond the limits. */
export async function readPages(transport: Transport, request: PagesRequest): Promise<readonly string[]> {
  const { registry, repository, member, signal } = request;
  const fail = (reason: string): PlombeError =>
    new PlombeError('registry/invalid-answer', `The list of ${member} of ${repository ?? registry} ${reason}.`);
  const origin = transport.originOf(registry);
  const entries: string[] = [];
  const seen = new Set<string>();
  for (let path: string | undefined = request.path; path !== undefined;) {
    if (seen.has(path)) throw fail('has a page that leads to an earlier one');
    if (seen.size >= maxPages) throw fail(`has more than ${maxPages} pages`);
    seen.add(path);
    const response = await transport.get({
      registry,
      path,
      signal,
      ...(repository === undefined ? {} : { repository }),
    });
    const document = parseObject(await readDocument(response, registry, maxManifestBytes));
    if (document === undefined) throw fail('is not a JSON object');
    for (const entry of textsField(document, member)) if (entry.length <= 255) entries.push(entry);
    if (entries.length > maxEntries) throw fail(`has more than ${maxEntries} entries`);
    path = nextPath(response.headers.link, origin + path, origin);
  }
  return entries;
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const nextLink = /<([^>]*)>\s*;[^,]*\brel="?next"?/i;

function textOf(link: string | string[] | undefined): string {
  return Array.isArray(link) ? link.join(', ') : (link ?? '');
}

/** True where a header says that there is another page, wherever it is: also one that nobody may follow, or too long to read. */
export function hasNext(link: string | string[] | undefined): boolean {
  const text = textOf(link);
  return text.length > 8192 || nextLink.test(text);
}

/** Returns path and query of the next page (RFC 8288); undefined without one or where it is on another origin. */
export function nextPath(link: string | string[] | undefined, base: string, origin: string): string | undefined {
  const text = textOf(link);
  const target = text.length > 8192 ? undefined : nextLink.exec(text)?.[1];
  if (target === undefined || !URL.canParse(target, base)) return undefined;
  const url = new URL(target, base);
  return url.origin === origin && url.pathname.startsWith('/v2/') ? url.pathname + url.search : undefined;
}
