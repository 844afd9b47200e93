// Oracle Linux's errata, as OVAL in one file for all releases.
import { decompress, XmlError } from '@plombe/formats';
import { defaultLayerLimits, gibibyte, isPlombeError } from '@plombe/kit';
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { malformed } from '../../documents/json.ts';
import { xmlItems } from '../../documents/xml-items.ts';
import { OracleReader, type OracleDefinition } from './oval.ts';
import { parseDefinition } from './parse.ts';

/** Some hundred MiB unpacked; XML packs with bzip2 up to some fifty times. */
const limits = { ...defaultLayerLimits, layerBytes: 4 * gibibyte };

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  let definitions = 0;
  const bytes = decompress(document.open({ signal }), { signal, limits });
  try {
    for await (const definition of xmlItems<OracleDefinition>(bytes, (push) => new OracleReader(push), signal)) {
      const parsed = parseDefinition(definition);
      if ('cause' in parsed) yield { kind: 'problem', record: definition.id.slice(0, 100), cause: parsed.cause };
      else {
        definitions += 1;
        yield { kind: 'advisory', advisory: parsed };
      }
    }
  } catch (cause) {
    if (cause instanceof XmlError) throw malformed(document, cause.message, cause);
    if (isPlombeError(cause) && cause.code.startsWith('archive/'))
      throw malformed(document, `cannot be unpacked: ${cause.message}`, cause);
    throw cause;
  }
  if (definitions === 0) throw malformed(document, 'holds no erratum');
}

/** Oracle Linux 5 to 10, on binary packages with architecture and module stream; ecosystems `Oracle Linux:<major>`. */
export const oracle: AdvisoryFeed = {
  id: 'oracle',
  title: 'Oracle Linux OVAL',
  homepage: 'https://linux.oracle.com/security/oval/',
  licence: 'none stated',
  requests: (ecosystems) =>
    (ecosystems?.some((name) => name === 'Oracle Linux' || name.startsWith('Oracle Linux:')) ?? true)
      ? [
          {
            shard: 'oracle',
            documents: [
              {
                name: 'oracle/com.oracle.elsa-all.xml.bz2',
                url: 'https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (/(?:^|\/)com\.oracle\.elsa-[\w.]+\.xml(?:\.bz2|\.gz)?$/.test(path) ? 'oracle' : undefined),
  covers: () => ['Oracle Linux'],
  parse,
};
