// Projects as their own tools wrote them, kept as files beside the tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult } from '../../cataloger.ts';
import { type FileSpecs, viewOf } from '../../testing/view.ts';

/** Returns every file of a folder, by its path in it. */
export function readFolder(folder: URL): FileSpecs {
  const root = fileURLToPath(folder);
  const specs: Record<string, string> = {};
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const full = join(entry.parentPath, entry.name);
    if (entry.isFile()) specs[relative(root, full)] = readFileSync(full, 'utf8');
  }
  return specs;
}

/** Runs a cataloger as a scan would. */
export function catalogOf(cataloger: Cataloger, specs: FileSpecs): CatalogResult {
  return cataloger.catalog(viewOf(specs, cataloger), {});
}

/** Returns one line a package: `@s/name@1.0.0 development direct local`. */
export function lines({ packages }: Pick<CatalogResult, 'packages'>): readonly string[] {
  return packages.map(line).sort();
}

function line({ type, namespace, name, version, scope, direct, origin }: FoundPackage): string {
  const full = namespace === undefined ? name : `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
  const parts = [`${full}@${version}`, scope, direct === true ? 'direct' : '', origin ?? ''];
  return parts.filter((part) => part !== '').join(' ');
}
