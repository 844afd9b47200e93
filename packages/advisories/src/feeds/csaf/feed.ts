// Makes a feed of CSAF documents: an archive of them, or single files.
import { decodeText, mebibyte } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { archiveFiles } from '../../documents/archive.ts';
import { malformed, readBytes } from '../../documents/json.ts';
import { parseCsaf, type CsafVendor } from './document.ts';

/** The largest in use, a kernel's VEX of Red Hat, has about 30 MiB; parsed it takes some five times as much. */
const maxDocumentBytes = 64 * mebibyte;

/** What sets one feed of CSAF documents apart from another. */
export type CsafSource = Omit<AdvisoryFeed, 'parse' | 'join'> & { readonly vendor: CsafVendor };

function isDocument(name: string): boolean {
  return name.endsWith('.json') && !/(?:^|\/)(?:index|provider-metadata|aggregator)\.json$/.test(name);
}

function* itemsOf(name: string, bytes: Uint8Array, vendor: CsafVendor): Generator<FeedItem> {
  const record = name.slice(-100);
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes));
  } catch {
    yield { kind: 'problem', record, cause: 'cannot be parsed' };
    return;
  }
  const parsed = parseCsaf(value, vendor);
  if ('cause' in parsed) yield { kind: 'problem', record, cause: parsed.cause };
  else for (const advisory of parsed) yield { kind: 'advisory', advisory };
}

async function* parseDocument(
  document: FeedDocument,
  vendor: CsafVendor,
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  if (isDocument(document.name)) {
    for (const item of itemsOf(document.name, await readBytes(document, maxDocumentBytes, signal), vendor)) {
      if (item.kind === 'problem') throw malformed(document, item.cause);
      yield item;
    }
    return;
  }
  let advisories = 0;
  for await (const file of archiveFiles(document, { wants: isDocument, maxFileBytes: maxDocumentBytes, signal })) {
    if ('cause' in file) {
      yield { kind: 'problem', record: file.name.slice(-100), cause: file.cause };
      continue;
    }
    for (const item of itemsOf(file.name, file.bytes, vendor)) {
      if (item.kind === 'advisory') advisories += 1;
      yield item;
    }
  }
  if (advisories === 0) throw malformed(document, 'holds no CSAF document about packages');
}

/** Returns a feed that reads a vendor's CSAF 2.0 documents, security advisories and VEX alike. */
export function createCsafFeed({ vendor, ...feed }: CsafSource): AdvisoryFeed {
  return { ...feed, parse: (document, ctx) => parseDocument(document, vendor, ctx) };
}
