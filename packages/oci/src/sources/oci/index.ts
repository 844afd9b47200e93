// The source `oci:` — an OCI image layout in a directory or in a tar file, plain or compressed.
import { statSync } from 'node:fs';
import { openArchive } from '../archive/archive-members.ts';
import { directoryMembers, type Members } from '../archive/members.ts';
import { layoutSelector, splitSelector } from '../selector.ts';
import type { ImageSource } from '../source.ts';
import { openLayout } from './layout.ts';

export const ociSource: ImageSource = {
  id: 'oci',
  open: async (text, options, ctx) => {
    const { path, selector } = splitSelector(text);
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const members: Members = isDirectory
      ? directoryMembers(path)
      : (await openArchive(path, { signal: ctx.signal, anyKind: false })).members;
    return openLayout(members, layoutSelector(selector), options, ctx);
  },
};
