// Streams the errata of an updateinfo.xml, plain or compressed, and finds it in its repository.
import { decompress, XmlError } from '@plombe/formats';
import { defaultLayerLimits, gibibyte, isPlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { malformed } from '../../documents/json.ts';
import { xmlItems } from '../../documents/xml-items.ts';
import type { FeedDocument, FeedItem } from '../../feed.ts';
import { ErrataReader, type Erratum } from './errata.ts';
import { parseErratum, type ErrataSource } from './parse.ts';

/** The largest known, AlmaLinux's, has under 200 MiB unpacked; XML packs up to some fifty times. */
const limits = { ...defaultLayerLimits, layerBytes: 4 * gibibyte };

/** Yields the advisories of a document. Throws `feed/malformed` where it is no updateinfo.xml, is cut off, or holds no erratum. */
export async function* parseUpdateInfo(
  document: FeedDocument,
  source: ErrataSource,
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  let errata = 0;
  const bytes = decompress(document.open({ signal }), { signal, limits });
  try {
    for await (const erratum of xmlItems<Erratum>(bytes, (push) => new ErrataReader(push), signal)) {
      const parsed = parseErratum(erratum, source);
      if (parsed !== undefined && 'cause' in parsed) {
        yield { kind: 'problem', record: (erratum.id ?? '').slice(0, 100), cause: parsed.cause };
        continue;
      }
      errata += 1;
      if (parsed !== undefined) yield { kind: 'advisory', advisory: parsed };
    }
  } catch (cause) {
    if (cause instanceof XmlError) throw malformed(document, cause.message, cause);
    if (isPlombeError(cause) && cause.code.startsWith('archive/'))
      throw malformed(document, `cannot be unpacked: ${cause.message}`, cause);
    throw cause;
  }
  if (errata === 0) throw malformed(document, 'holds no erratum');
}

/** From a repository's repomd.xml to its updateinfo.xml: the address is relative to the folder above. */
export function updateInfoOf(repomd: string): string | undefined {
  const data = /<data\s+type="updateinfo"\s*>([\s\S]{0,4000}?)<\/data>/.exec(repomd)?.[1];
  const href = /<location\s[^>]*href="([^"]{1,500})"/.exec(data ?? '')?.[1];
  return href === undefined ? undefined : `../${href}`;
}
