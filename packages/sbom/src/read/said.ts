// What tools say of a package beside the fields of the standard: source package, layer, path, module stream.
import type { SourcePackage } from '@plombe/model';
import { factOf, type Place, type SbomComponent } from './document.ts';
import { sourceOfUpstream } from './purl-package.ts';

/** Tools whose documents name the source package wherever it is another than the package. */
export const toolsThatSaySources: ReadonlySet<string> = new Set(['plombe', 'syft', 'trivy']);

/** Stands where a document says the layer of a package and not its path. */
const unknownPath = 'unknown-path';

/** Locations that are read of one component. */
const maxPlaces = 100;

/** The source package, in the words of Plombe, Trivy, Syft or cdxgen. */
export function saidSource(component: SbomComponent, type: string, version: string): SourcePackage | undefined {
  const own = factOf(component, 'plombe:source') ?? factOf(component, 'source');
  if (own !== undefined) return withVersion(sourceOfUpstream('', own, version), type, version);
  for (const prefix of ['aquasecurity:trivy:Src', 'Src']) {
    const name = factOf(component, `${prefix}Name`);
    if (name === undefined) continue;
    return withVersion({ name, version: composed(component, prefix) }, type, version);
  }
  const rpm = factOf(component, 'syft:metadata:sourceRpm');
  if (rpm !== undefined && rpm !== '') return sourceOfUpstream('rpm', rpm, version);
  const name = factOf(component, 'syft:metadata:source') ?? factOf(component, 'syft:metadata:originPackage');
  if (name === undefined || name === '') return undefined;
  return withVersion({ name, version: factOf(component, 'syft:metadata:sourceVersion') ?? '' }, type, version);
}

/** `EPOCH:VERSION-RELEASE` out of three properties. */
function composed(component: SbomComponent, prefix: string): string {
  const version = factOf(component, `${prefix}Version`) ?? '';
  const release = factOf(component, `${prefix}Release`) ?? '';
  const epoch = factOf(component, `${prefix}Epoch`) ?? '0';
  if (version === '') return '';
  return `${/^0*$/.test(epoch) ? '' : `${epoch}:`}${version}${release === '' ? '' : `-${release}`}`;
}

/** A source without a version of its own has the package's; a Debian binary rebuild (`+b1`) is no version of its source, though Trivy writes it as one. */
function withVersion(source: SourcePackage | undefined, type: string, version: string): SourcePackage | undefined {
  if (source === undefined || (source.version !== '' && source.version !== version)) return source;
  return { name: source.name, version: type === 'deb' ? version.replace(/\+b\d+$/, '') : version };
}

/** The label of a module stream. */
export function saidModularity(component: SbomComponent): string | undefined {
  return (
    factOf(component, 'plombe:modularity') ??
    factOf(component, 'aquasecurity:trivy:Modularitylabel') ??
    factOf(component, 'syft:metadata:modularityLabel')
  );
}

/** What the package is for; cdxgen calls what npm installs for development alone optional, and says so beside it. */
export function saidScope(component: SbomComponent): string | undefined {
  const isDevelopment = factOf(component, 'cdx:npm:package:development') === 'true';
  return factOf(component, 'plombe:scope') ?? (isDevelopment ? 'development' : factOf(component, 'scope'));
}

/** Where the component lies: what the document's own field says, else what the tool's properties do. */
export function saidPlaces(component: SbomComponent): readonly Place[] {
  const places = component.places.length > 0 ? component.places : toolPlaces(component);
  const layer = layerOf(component);
  return places.slice(0, maxPlaces).map((place) => {
    const known = place.layerIndex !== undefined || place.diffID !== undefined;
    return { ...(known ? {} : layer), ...place, path: place.path.replace(/^\.?\/+/, '') };
  });
}

function toolPlaces(component: SbomComponent): readonly Place[] {
  const places: Place[] = [];
  for (let at = 0; at < maxPlaces; at++) {
    const path = factOf(component, `syft:location:${at}:path`);
    if (path === undefined) break;
    const diffID = factOf(component, `syft:location:${at}:layerID`);
    places.push({ path, ...(diffID === undefined ? {} : { diffID }) });
  }
  if (places.length > 0) return places;
  const path =
    factOf(component, 'plombe:path') ??
    factOf(component, 'aquasecurity:trivy:FilePath') ??
    factOf(component, 'SrcFile');
  if (path !== undefined) return [{ path }];
  return layerOf(component) === undefined ? [] : [{ path: unknownPath }];
}

function layerOf(component: SbomComponent): Pick<Place, 'layerIndex' | 'diffID'> | undefined {
  const index = /^\d{1,4}$/.exec(factOf(component, 'plombe:layer:index') ?? '')?.[0];
  const diffID =
    factOf(component, 'plombe:layer:diffID') ??
    factOf(component, 'aquasecurity:trivy:LayerDiffID') ??
    factOf(component, 'LayerDiffID');
  if (index === undefined && diffID === undefined) return undefined;
  return { ...(index === undefined ? {} : { layerIndex: Number(index) }), ...(diffID === undefined ? {} : { diffID }) };
}
