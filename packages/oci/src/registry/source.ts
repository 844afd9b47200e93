// The source `registry:`, images of any registry that the client reaches.
import type { ImageSource } from '../sources/source.ts';
import { parseReference } from '../reference/reference.ts';
import type { RegistryClient } from './client.ts';
import { openAllPlatforms, openRegistryImage } from './image.ts';

/** Returns the source over a client; the client stays the caller's to close, after the images. */
export function registrySource(client: RegistryClient): ImageSource {
  return {
    id: 'registry',
    open: async (text, { subject, platform, allPlatforms }, ctx) => {
      const reference = parseReference(text);
      if (allPlatforms === true) return openAllPlatforms(reference, { client, subject }, ctx);
      return [await openRegistryImage(reference, { client, subject, ...(platform ? { platform } : {}) }, ctx)];
    },
  };
}
