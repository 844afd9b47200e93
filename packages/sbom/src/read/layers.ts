// The layers that a document names, and evidence that points to them.
import { compareText } from '@plombe/kit';
import { parseDigest, type Diagnostic, type Evidence, type LayerSummary } from '@plombe/model';
import { factOf, type Place, type SbomComponent, type SbomDocument } from './document.ts';
import { saidPlaces } from './said.ts';

/** As many as no image has; docker stacks at most 127. */
const maxLayers = 10_000;

export interface Layers {
  readonly layers: readonly LayerSummary[];
  readonly diagnostics: readonly Diagnostic[];
  evidenceOf(component: SbomComponent): Evidence[];
}

/** Plombe's documents name layers in their order. Others only say which one a package is in: those are numbered by their digest, and that is said. */
export function layersOf(document: SbomDocument): Layers {
  const ordered = document.subject === undefined ? [] : ownLayers(document.subject);
  const layers = ordered.length > 0 ? ordered : namedLayers(document);
  const byDiffID = new Map(layers.map(({ diffID }, at) => [diffID as string | undefined, at]));
  const evidenceAt = (place: Place): Evidence => {
    const at = byDiffID.get(place.diffID ?? '') ?? place.layerIndex ?? 0;
    const layer = layers[place.layerIndex ?? at];
    return {
      path: place.path,
      layerIndex: place.layerIndex ?? at,
      ...(layer?.diffID === undefined ? {} : { diffID: layer.diffID }),
      ...(layer?.digest === undefined ? {} : { digest: layer.digest }),
      ...(layer?.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
    };
  };
  return {
    layers,
    diagnostics: notesOf(document, ordered.length, layers.length),
    evidenceOf: (component) => saidPlaces(component).map(evidenceAt),
  };
}

/** Properties `plombe:layer:N:…` of the image. */
function ownLayers(subject: SbomComponent): LayerSummary[] {
  const layers: LayerSummary[] = [];
  for (let index = 0; index < maxLayers; index++) {
    const fact = (name: string): string | undefined => factOf(subject, `plombe:layer:${index}:${name}`);
    const mediaType = fact('mediaType');
    if (mediaType === undefined) break;
    const diffID = parseDigest(fact('diffID') ?? '');
    const digest = parseDigest(fact('digest') ?? '');
    const sizeBytes = /^\d{1,15}$/.exec(fact('sizeBytes') ?? '')?.[0];
    const createdBy = fact('createdBy');
    layers.push({
      index,
      ...(diffID === undefined ? {} : { diffID }),
      ...(digest === undefined ? {} : { digest }),
      mediaType,
      ...(sizeBytes === undefined ? {} : { sizeBytes: Number(sizeBytes) }),
      ...(createdBy === undefined ? {} : { createdBy }),
      complete: fact('complete') !== 'false',
    });
  }
  return layers;
}

function namedLayers({ subject, components }: SbomDocument): LayerSummary[] {
  const digests = new Map<string, string | undefined>();
  for (const diffID of subject?.facts.get('aquasecurity:trivy:DiffID') ?? []) digests.set(diffID, undefined);
  for (const component of components) {
    for (const { diffID } of saidPlaces(component)) {
      if (diffID === undefined || digests.size >= maxLayers) continue;
      const digest = factOf(component, 'aquasecurity:trivy:LayerDigest');
      digests.set(diffID, digests.get(diffID) ?? digest);
    }
  }
  return [...digests]
    .flatMap(([text, blob]) => {
      const diffID = parseDigest(text);
      return diffID === undefined ? [] : [{ diffID, digest: parseDigest(blob ?? '') }];
    })
    .sort((a, b) => compareText(a.diffID, b.diffID))
    .map(({ diffID, digest }, index) => ({
      index,
      diffID,
      ...(digest === undefined ? {} : { digest }),
      mediaType: 'unknown',
      complete: true,
    }));
}

function notesOf({ subject }: SbomDocument, ordered: number, all: number): Diagnostic[] {
  const note = (message: string): Diagnostic[] => [{ code: 'sbom/not-said', level: 'note', message }];
  if (ordered === 0 && all > 1)
    return note('The SBOM does not say the order of the layers; they are numbered in the order of their digests.');
  if (all === 0 && subject?.kind === 'image')
    return note('The SBOM does not say the layers of the image, so none is named beside a package.');
  return [];
}
