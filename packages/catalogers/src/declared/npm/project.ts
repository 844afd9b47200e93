// The manifests of a project: which package.json files a lock file is for, and what they ask for.
import type { JsonObject } from '@plombe/kit';
import { folderOf } from '../read.ts';

/** Manifests by their folder. */
export type Manifests = ReadonlyMap<string, JsonObject>;

/**
 * Returns the manifests at and below `folder` that belong to its lock file: those below another folder with a lock file are not. `lockFolders` has
 * all folders with one.
 */
export function manifestsOf(folder: string, manifests: Manifests, lockFolders: ReadonlySet<string>): Manifests {
  const own = new Map<string, JsonObject>();
  for (const [place, manifest] of manifests) {
    let above = place;
    while (above !== '' && above !== folder && !lockFolders.has(above)) above = folderOf(above);
    if (above === folder) own.set(place, manifest);
  }
  return own;
}
