// Gems of Ruby as RubyGems and bundler install them.
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { type Gemspec, gemspecDistiller, parseGemspec } from './gemspec.ts';
import { type GemName, type GemPlace, gemPlace, parseFullName } from './names.ts';

/** Installed gems, default ones of Ruby itself among them. */
export const rubyCataloger: Cataloger = {
  id: 'ruby',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { extensions: ['gemspec'] },
  wants,
  catalog,
};

const specification: Want = { kind: 'distill', create: gemspecDistiller };

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.endsWith('.gemspec') || (type !== 'file' && type !== 'hardlink')) return undefined;
  return gemPlace(path) === undefined ? undefined : specification;
}

function catalog(view: FileView): CatalogResult {
  return gemsOf(view.files().filter(({ type }) => type === 'file'));
}

/** A specification as `gemspecDistiller` leaves it; of one in an archive, `app.jar!/` is before its path. */
export type SpecificationFile = Pick<RawFile, 'path' | 'content' | 'layerIndex'>;

/** Returns the gems that these specifications name, by where they lie; those of no gem's place are left out. */
export function gemsOf(files: readonly SpecificationFile[]): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const placed = files.flatMap((file) => {
    const place = gemPlace(file.path);
    return place === undefined ? [] : [{ file, place }];
  });
  const specified = new Set(
    placed.flatMap(({ place }) => (place.kind === 'installed' ? [place.home + place.full] : [])),
  );
  for (const { file, place } of placed) {
    // What RubyGems installed is told by its specification; a gem's own copy counts where that was removed.
    if (place.kind === 'copy' && specified.has(place.home + place.full)) continue;
    const named = place.kind === 'checkout' ? undefined : parseFullName(place.full);
    if (place.kind === 'copy' && named === undefined) continue;
    const found = packageOf(file.path, place, parseGemspec(file.content), named);
    if (found !== undefined) packages.push(found);
    else {
      const saying = 'names no valid gem and version; the gem is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    }
  }
  return { packages, diagnostics, complete };
}

/** The gem by what its specification says, else, as weak evidence, by what the file or folder is called. */
function packageOf(path: string, place: GemPlace, spec: Gemspec, named: GemName | undefined): FoundPackage | undefined {
  // A gem may carry specifications of others: its folder says which it is.
  const says = place.kind === 'copy' ? named : spec;
  const name = says?.name ?? named?.name;
  const version = says?.version ?? named?.version;
  if (name === undefined || version === undefined) return undefined;
  const platform = spec.platform ?? named?.platform;
  const facts = factsOf(place, { name, version }, named);
  const weak = place.kind !== 'installed' || spec.name === undefined || spec.version === undefined;
  return {
    type: 'gem',
    name,
    version,
    ...(platform === undefined ? {} : { qualifiers: { platform } }),
    licences: spec.licences,
    paths: [path],
    ...(weak ? { weak } : {}),
    ...(place.kind === 'checkout' ? { origin: 'vcs' as const } : {}),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

function factsOf(place: GemPlace, gem: GemName, named: GemName | undefined): Readonly<Record<string, string>> {
  if (place.kind === 'checkout') return { checkout: place.folder };
  const differs = named !== undefined && (named.name !== gem.name || named.version !== gem.version);
  return {
    ...(place.kind === 'installed' && place.isDefault ? { default: 'true' } : {}),
    ...(differs ? { fileName: place.full } : {}),
    ...(place.kind === 'copy' ? { specification: 'missing' } : {}),
  };
}
