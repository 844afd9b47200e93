// Where tests find real data that is not part of the project: published schemas, advisories, root file systems.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = process.env['PLOMBE_SHARED'] ?? fileURLToPath(new URL('../../../../../shared/', import.meta.url));

/** Returns the path of a file in the folder `shared` beside the project (or in PLOMBE_SHARED), or undefined where it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = `${root.replace(/\/$/, '')}/${relative}`;
  return existsSync(path) ? path : undefined;
}
