// The source `docker-archive:` — the tar file of `docker save`, also compressed as a whole.
import { openArchive } from '../archive/archive-members.ts';
import { splitSelector } from '../selector.ts';
import type { ImageSource } from '../source.ts';
import { openDockerArchive } from './open.ts';

export const dockerArchiveSource: ImageSource = {
  id: 'docker-archive',
  open: async (text, options, ctx) => {
    const { path, selector } = splitSelector(text);
    const { members } = await openArchive(path, { signal: ctx.signal, anyKind: false });
    return [await openDockerArchive(members, selector, options, ctx)];
  },
};
