// Folders that real programs made, read as a layer would be.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Cataloger, CatalogResult } from '../cataloger.ts';
import { type FileSpec, viewOf } from './view.ts';

/** Runs a program and returns its output; undefined where it is missing or fails. */
export function run(folder: string, command: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** Returns what a cataloger finds below a folder; files that it does not want are not read. */
export function catalogFolder(cataloger: Cataloger, folder: string): CatalogResult {
  const specs: Record<string, FileSpec> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const full = join(entry.parentPath, entry.name);
    const path = relative(folder, full);
    if (entry.isSymbolicLink()) specs[path] = { link: readlinkSync(full) };
    else if (entry.isFile()) {
      const header = { path, type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 } as const;
      if (cataloger.wants(header) !== undefined) specs[path] = readFileSync(full);
    }
  }
  return cataloger.catalog(viewOf(specs, cataloger), {});
}
