// The source `dir:` — a root file system in a directory of this machine, as one layer that is a tree.
import { realpathSync, statSync } from 'node:fs';
import type { Image } from '@plombe/model';
import { defaultLayerLimits, inert, PlombeError } from '@plombe/kit';
import type { ImageSource, SourceOptions } from '../source.ts';
import { walkTree } from './walk.ts';

export const dirSource: ImageSource = {
  id: 'dir',
  open: async (path, { subject, skipsFolder }) => [openDirectory(path, subject, skipsFolder)],
};

/** Presents a directory as an image of one layer without digests. Throws `source/not-found` and `source/unreadable`. */
function openDirectory(path: string, subject: string, skipsFolder: SourceOptions['skipsFolder']): Image {
  const root = realRoot(path);
  return {
    subject,
    source: 'dir',
    config: { labels: {} },
    layers: [
      {
        index: 0,
        mediaType: 'inode/directory',
        content: {
          kind: 'tree',
          walk: (consumer, { signal }) =>
            walkTree(root, consumer, {
              signal,
              limits: defaultLayerLimits,
              ...(skipsFolder === undefined ? {} : { skipsFolder }),
            }),
        },
      },
    ],
    close: async () => {},
  };
}

function realRoot(path: string): string {
  try {
    const root = realpathSync(path);
    if (statSync(root).isDirectory()) return root;
  } catch (cause) {
    throw new PlombeError('source/not-found', `There is no folder ${inert(path)} that can be entered.`, { cause });
  }
  throw new PlombeError('source/unreadable', `${inert(path)} is not a folder.`);
}
