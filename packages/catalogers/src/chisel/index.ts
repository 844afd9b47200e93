// Packages of which Chisel cut slices (Ubuntu's chiselled images, rocks), from the manifest that Chisel leaves.
import { inert, mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogContext, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { statusPath } from '../dpkg/paths.ts';
import { readStatus } from '../dpkg/status.ts';
import { lineDistiller } from '../lines.ts';
import { readManifest, type ChiselPackage } from './manifest.ts';
import { sourceOfBinary } from '../ubuntu-sources.ts';

/** Debian packages of which only slices are installed. */
export const chiselCataloger: Cataloger = {
  id: 'chisel',
  version: 1,
  wantsVersion: 1,
  attribution: 'database',
  owner: true,
  where: { names: ['status', 'manifest.wall'] },
  wants,
  catalog,
};

const baseName = '/manifest.wall';

/** Compressed; an image with all slices there are has 2 MiB. */
const manifest: Want = { kind: 'whole', maxBytes: 16 * mebibyte };
const status: Want = { kind: 'distill', create: () => lineDistiller(statusLine) };

/** Packages named in a message. */
const maxNamed = 8;

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path === statusPath) return status;
  return path.endsWith(baseName) ? manifest : undefined;
}

function statusLine(line: string): string | undefined {
  return line === '' || /^(?:Package|Status|Version|Architecture|Source):/.test(line) ? line : undefined;
}

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  const files = view.files().filter(({ type, path }) => type === 'file' && path.endsWith(baseName));
  if (files.length === 0) return { packages, diagnostics, owners, complete };
  const known = new Map<string, number>();
  const ofDpkg = new Set(readStatus(view, ctx.distribution).installed.map(({ found }) => keyOf(found)));
  const sourceless = new Set<string>();
  for (const file of files) {
    const reading = readManifest(file.content);
    const causes = file.truncated ? [...reading.problems, 'it is larger than 16 MiB'] : reading.problems;
    for (const cause of causes) {
      complete = false;
      diagnostics.push(diagnose('package/database-corrupt', 'error', file, `cannot be read whole: ${cause}`));
    }
    const indexes = new Map<string, number>();
    for (const one of reading.packages) {
      // dpkg's own database says more, and is read by its own cataloger.
      if (ofDpkg.has(keyOf(one))) continue;
      const index = known.get(keyOf(one)) ?? packages.length;
      known.set(keyOf(one), index);
      indexes.set(one.name, index);
      if (index < packages.length) continue;
      const source = sourceOfBinary(one.name, one.version);
      if (source === undefined) sourceless.add(one.name);
      packages.push(packageOf(one, source ?? one.name, file.path, ctx));
    }
    for (const [path, name] of reading.contents) {
      const index = indexes.get(name);
      if (index !== undefined) owners.set(path, index);
    }
  }
  const [first] = files;
  if (sourceless.size > 0 && first !== undefined) diagnostics.push(withoutSource(first, [...sourceless].sort()));
  return { packages, diagnostics, owners, complete };
}

function keyOf({ name, version, architecture }: Pick<ChiselPackage, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} ${architecture ?? ''}`;
}

function packageOf(
  { name, version, architecture, slices }: ChiselPackage,
  source: string,
  path: string,
  { distribution }: CatalogContext,
): FoundPackage {
  return {
    type: 'deb',
    namespace: distribution?.id ?? 'ubuntu',
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    source: { name: source, version },
    licences: [],
    paths: [path],
    ...(slices.length === 0 ? {} : { facts: { slices: slices.join(' ') } }),
  };
}

/** Advisories name source packages; a manifest does not. */
function withoutSource(file: RawFile, names: readonly string[]): Diagnostic {
  const some = names.slice(0, maxNamed).map(inert).join(', ');
  const rest = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  const saying = `does not say the source packages, by which advisories name them; those of ${some}${rest} are not known, and they are compared by their own names`;
  return diagnose('package/metadata-invalid', 'error', file, saying);
}
