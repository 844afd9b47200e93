// Makes the inventory's packages of what the catalogers found: purl, evidence, owner, one entry per purl.
import { by, compareText } from '@plombe/kit';
import {
  barePurl,
  formatPurl,
  isSystemType,
  type Distribution,
  type Evidence,
  type LayerSummary,
  type Package,
  type Purl,
} from '@plombe/model';
import { type Cataloged, filePath, type PlacedPackage } from './catalog.ts';
import { foundBy, type Said } from './said.ts';

export interface AssembleOptions {
  readonly distribution?: Distribution;
  readonly layers: readonly LayerSummary[];
}

/** Evidence paths listed of one package; a copy in every folder of a monorepo may mean hundreds. */
const maxEvidence = 100;

interface Draft {
  readonly placed: PlacedPackage;
  readonly purl: Purl;
  readonly evidence: Evidence[];
  readonly said: Said[];
  ownerKey?: string;
}

/** Returns the packages sorted by id. OS packages come with `arch`, `distro`, `epoch` and `upstream` as purl qualifiers. */
export function assemblePackages(
  results: readonly (Cataloged & { readonly owner: boolean; readonly declares?: boolean })[],
  options: AssembleOptions,
): readonly Package[] {
  const owners = new Map<string, PlacedPackage>();
  for (const result of results) {
    if (!result.owner) continue;
    for (const [path, index] of result.owners) {
      const owner = result.packages[index];
      if (owner !== undefined) owners.set(path, owner);
    }
  }
  const drafts = new Map<string, Draft>();
  const purls = purlsIn(options.distribution);
  for (const result of results) {
    for (const placed of result.packages) {
      const declares = result.declares === true;
      addDraft(drafts, { placed, declares }, result.owner || declares ? undefined : owners, { ...options, purls });
    }
  }
  return finish([...drafts.values()], options);
}

function addDraft(
  drafts: Map<string, Draft>,
  { placed, declares }: Said,
  owners: ReadonlyMap<string, PlacedPackage> | undefined,
  { layers, purls }: Pick<AssembleOptions, 'layers'> & { readonly purls: (placed: PlacedPackage) => Purl },
): void {
  const purl = purls(placed);
  const owner = owners === undefined ? undefined : ownerOf(placed, owners);
  const ownerKey = owner === undefined ? undefined : purls(owner);
  const key = `${purl}\0${ownerKey ?? ''}`;
  const known = drafts.get(key);
  const evidence = evidenceOf(placed, layers);
  const said = { placed, declares };
  if (known === undefined) drafts.set(key, { placed, purl, evidence, said: [said], ...(ownerKey && { ownerKey }) });
  else {
    if (known.evidence.length < maxEvidence) known.evidence.push(...evidence);
    known.said.push(said);
  }
}

/** The OS package whose file this is, unless a layer above the owner's wrote the file again. */
function ownerOf(placed: PlacedPackage, owners: ReadonlyMap<string, PlacedPackage>): PlacedPackage | undefined {
  const path = filePath(placed.found.paths[0] ?? '', placed.layerOf);
  const owner = owners.get(path);
  if (owner === undefined) return undefined;
  return (placed.layerOf.get(path) ?? 0) <= owner.introducedIn ? owner : undefined;
}

function evidenceOf(placed: PlacedPackage, layers: readonly LayerSummary[]): Evidence[] {
  const evidenceAt = evidenceIn(layers);
  const { introducedIn, introducedAt, layerOf } = placed;
  const paths = introducedAt === undefined ? placed.found.paths : [introducedAt, ...placed.found.paths];
  return paths.slice(0, maxEvidence).map((path, position) => {
    const layerIndex = position === 0 ? introducedIn : (layerOf.get(filePath(path, layerOf)) ?? introducedIn);
    return evidenceAt({ path, layerIndex });
  });
}

/** Completes evidence by what the image says of its layer. */
export function evidenceIn(
  layers: readonly Pick<LayerSummary, 'diffID' | 'digest' | 'createdBy'>[],
): (place: Pick<Evidence, 'path' | 'layerIndex'>) => Evidence {
  return ({ path, layerIndex }) => {
    const layer = layers[layerIndex];
    return {
      path,
      layerIndex,
      ...(layer?.diffID === undefined ? {} : { diffID: layer.diffID }),
      ...(layer?.digest === undefined ? {} : { digest: layer.digest }),
      ...(layer?.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
    };
  };
}

/** Formats the package URL of each once: one package may own the files of a thousand others. */
function purlsIn(distribution: Distribution | undefined): (placed: PlacedPackage) => Purl {
  const known = new Map<PlacedPackage, Purl>();
  return (placed) => {
    const purl = known.get(placed) ?? purlOf(placed, distribution);
    known.set(placed, purl);
    return purl;
  };
}

function purlOf({ found }: PlacedPackage, distribution: Distribution | undefined): Purl {
  const { type, namespace, name, version, architecture, source, subpath } = found;
  const qualifiers: Record<string, string> = { ...found.qualifiers };
  if (architecture !== undefined) qualifiers['arch'] = architecture;
  if (isSystemType(type)) {
    if (distribution !== undefined) qualifiers['distro'] ??= distroOf(distribution);
    if (source !== undefined && qualifiers['upstream'] === undefined && type !== 'rpm') {
      const other = source.version === version ? '' : `@${source.version}`;
      if (source.name !== name || other !== '') qualifiers['upstream'] = `${source.name}${other}`;
    }
  }
  // rpm's epoch is a qualifier, purl-spec's type definition for rpm; deb keeps it in the version.
  const bare = type === 'rpm' ? version.replace(/^\d+:/, '') : version;
  return formatPurl({
    type,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    version: bare,
    qualifiers,
    ...(subpath === undefined ? {} : { subpath }),
  });
}

/** `debian-12`, the form of the `distro` qualifier. */
function distroOf(distribution: Distribution): string {
  const release = distribution.versionId ?? distribution.codename;
  return release === undefined ? distribution.id : `${distribution.id}-${release}`;
}

function finish(drafts: readonly Draft[], options: AssembleOptions): readonly Package[] {
  const counts = new Map<string, number>();
  for (const { purl } of drafts) counts.set(purl, (counts.get(purl) ?? 0) + 1);
  const idOf = (draft: Draft): string =>
    counts.get(draft.purl) === 1 ? draft.purl : `${draft.purl}|${draft.evidence[0]?.path ?? ''}`;
  const needed = dependenciesOf(drafts, idOf);
  const idByPurl = new Map(drafts.map((draft) => [draft.purl as string, idOf(draft)]));
  return drafts
    .map((draft): Package => {
      const { paths: _, requires: __, ...found } = foundBy(draft.said);
      const dependsOn = needed(draft);
      const [first, ...rest] = draft.evidence.sort(
        by(
          (e) => e.layerIndex,
          (e) => e.path,
        ),
      );
      const distro =
        isSystemType(found.type) && options.distribution !== undefined
          ? {
              qualifiers: {
                ...found.qualifiers,
                distro: found.qualifiers?.['distro'] ?? distroOf(options.distribution),
              },
            }
          : {};
      return {
        ...found,
        ...distro,
        id: idOf(draft),
        purl: draft.purl,
        cataloger: draft.placed.cataloger,
        evidence: first === undefined ? [] : [first, ...rest],
        ...(draft.ownerKey === undefined ? {} : { ownedBy: idByPurl.get(draft.ownerKey) ?? draft.ownerKey }),
        ...(dependsOn.length === 0 ? {} : { dependsOn }),
      };
    })
    .sort((a, b) => compareText(a.id, b.id));
}

/** Which packages of the inventory each needs, as the files that speak of it say: of several with one name and version the one of the same file. */
function dependenciesOf(drafts: readonly Draft[], idOf: (draft: Draft) => string): (draft: Draft) => readonly string[] {
  if (!drafts.some(({ said }) => said.some(({ placed }) => placed.found.requires !== undefined))) return () => [];
  const byPurl = Map.groupBy(drafts, ({ placed }) => barePurl(placed.found));
  return (draft) => {
    const ids = new Set<string>();
    for (const { placed } of draft.said) {
      const [path = ''] = placed.found.paths;
      for (const purl of placed.found.requires ?? []) {
        const all = byPurl.get(purl) ?? [];
        const near = all.filter(({ said }) => said.some((other) => other.placed.found.paths[0] === path));
        for (const one of near.length > 0 ? near : all) if (one !== draft) ids.add(idOf(one));
      }
    }
    return [...ids].sort(compareText);
  };
}
