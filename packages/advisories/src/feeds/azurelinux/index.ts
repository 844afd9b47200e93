// Azure Linux and CBL-Mariner: OVAL, one definition per source package and vulnerability.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { XmlError, readXml } from '@plombe/formats';
import { OvalReader } from './oval.ts';
import { malformed } from '../../documents/json.ts';
import { parseDefinition } from './parse.ts';

interface Release {
  readonly shard: string;
  readonly ecosystem: string;
  readonly file: string;
}

const releases: readonly Release[] = [
  { shard: 'azurelinux-3.0', ecosystem: 'Azure Linux:3', file: 'azurelinux-3.0-oval.xml' },
  { shard: 'mariner-2.0', ecosystem: 'Mariner:2.0', file: 'cbl-mariner-2.0-oval.xml' },
  { shard: 'mariner-1.0', ecosystem: 'Mariner:1.0', file: 'cbl-mariner-1.0-oval.xml' },
];

function releaseOf(path: string): Release | undefined {
  return releases.find(({ file }) => path === file || path.endsWith(`/${file}`));
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const release = releaseOf(document.name) ?? releaseOf(document.origin);
  if (release === undefined)
    throw malformed(document, 'is no OVAL file of a known release of Azure Linux or CBL-Mariner');
  const oval = new OvalReader();
  try {
    await readXml(document.open({ signal }), oval, signal);
  } catch (cause) {
    if (cause instanceof XmlError) throw malformed(document, cause.message, cause);
    throw cause;
  }
  if (oval.definitions.length === 0) throw malformed(document, 'holds no definition');
  for (const definition of oval.definitions) {
    const item = parseDefinition(definition, oval, release.ecosystem);
    if (item !== undefined) yield item;
  }
}

/** Azure Linux 3 and CBL-Mariner 1 and 2, on source packages; ecosystems `Azure Linux:3`, `Mariner:2.0` and `Mariner:1.0`. */
export const azurelinux: AdvisoryFeed = {
  id: 'azurelinux',
  title: 'Azure Linux OVAL',
  homepage: 'https://github.com/microsoft/AzureLinuxVulnerabilityData',
  licence: 'MIT',
  requests: (ecosystems) =>
    releases
      .filter(
        ({ ecosystem }) => ecosystems?.some((name) => name === ecosystem || ecosystem.startsWith(`${name}:`)) ?? true,
      )
      .map(({ shard, file }) => ({
        shard,
        documents: [
          {
            name: `azurelinux/${file}`,
            url: `https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/${file}`,
          },
        ],
      })),
  matches: (path) => releaseOf(path)?.shard,
  parse,
};
