// `plombe registry list`: what is in a registry, with state, size and what the registry's own scanner says.
import {
  listingDocument,
  listingPage,
  readListing,
  type ConnectedArtifact,
  type Language,
  type Listing,
} from '@plombe/connectors';
import { layoutTable, paletteFor } from '@plombe/engine';
import { inert } from '@plombe/kit';
import { namesOf } from '../compose/connector.ts';
import { gapLines } from '../compose/connected/gaps.ts';
import { viewRegistry } from '../compose/connected/view.ts';
import type { TextOptions } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/**
 * Lists repositories and artifacts. Returns 3 where this login does not see all of them and `--allow partial` is not given. Throws what the registry's
 * refusal is.
 */
export async function listCommand(
  name: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  return viewRegistry(name, loaded, flags, async ({ connector, write, language, ctx }) => {
    const listing = await readListing(connector, namesOf(flags, 'repository'), ctx, ctx);
    write({
      json: () => listingDocument(listing),
      table: (options) => tableOf(listing, language, options),
      html: () => listingPage(listing, language),
    });
    const isFine = listing.causes.length === 0 || loaded.values.allow?.includes('partial') === true;
    return isFine ? exitCodes.fine : exitCodes.notAssessed;
  });
}

function tableOf(
  { repositories: listed, causes }: Listing,
  language: Language,
  { colour, width }: TextOptions,
): string {
  const palette = paletteFor(colour);
  const gaps = gapLines(causes, language, palette, width);
  const artifacts = listed.flatMap(({ artifacts: own }) => own);
  const lines = layoutTable<ConnectedArtifact>(
    [
      { title: 'REPOSITORY', text: ({ repository }) => inert(repository), dropOrder: 0, whole: true },
      { title: 'TAGS', text: ({ tags }) => inert(tags.join(', ')), dropOrder: 0, elastic: true },
      { title: 'DIGEST', text: ({ digest }) => digest.slice(0, 19), dropOrder: 1, whole: true },
      {
        title: 'TYPE',
        text: ({ artifactType, mediaType }) => shortType(artifactType ?? mediaType),
        dropOrder: 3,
        maxWidth: 32,
      },
      { title: 'SIZE', text: ({ sizeBytes }) => sizeText(sizeBytes), dropOrder: 2, alignRight: true },
      { title: 'PUSHED', text: ({ pushedAt }) => inert(pushedAt?.slice(0, 10) ?? ''), dropOrder: 4 },
      {
        title: 'STATE',
        text: ({ state }) => state,
        paint: ({ state }, cell) => (state === 'free' ? cell : palette.warn(cell)),
        dropOrder: 1,
      },
      { title: 'SCAN', text: ({ scan }) => inert(scan?.severity ?? scan?.status ?? '-'), dropOrder: 5, maxWidth: 24 },
      { title: 'REFERRERS', text: ({ referrers }) => String(referrers?.length ?? '-'), dropOrder: 6, alignRight: true },
    ],
    artifacts,
    width,
  );
  const empty = listed.filter(({ artifacts: own }) => own.length === 0).map(({ name }) => inert(name));
  return `${[
    ...gaps,
    ...lines,
    '',
    `${artifacts.length} artifacts in ${listed.length} repositories${empty.length === 0 ? '' : `; empty: ${empty.join(', ')}`}`,
  ].join('\n')}\n`;
}

/** `application/vnd.oci.image.config.v1+json` → `oci.image.config.v1`. */
function shortType(type: string): string {
  return inert(type.replace(/^application\/(?:vnd\.)?/, '').replace(/\+json$/, ''));
}

function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
