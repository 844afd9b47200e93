// SPDX packages: the image, its distribution and its packages.
import { createHash } from 'node:crypto';
import { joinExpressions } from '@plombe/kit';
import { digestAlgorithm, type Distribution, type Inventory, type Package } from '@plombe/model';
import { imageFacts, imagePurl, packageFacts, splitReference, systemFacts, type Fact } from './facts.ts';
import { readLicences } from './licence.ts';
import { visible } from './text.ts';

/** Makes an annotation of facts, with the document's date and tool. */
export type Annotate = (facts: readonly Fact[]) => object;

export const imageId = 'SPDXRef-Image';
export const systemId = 'SPDXRef-Distribution';

/** SPDX id of a package, made of its inventory id. */
export function packageId(id: string): string {
  return `SPDXRef-Package-${shortDigest(id)}`;
}

/** SPDX id of a declared licence that is no SPDX expression. */
export function licenceRef(text: string): string {
  return `LicenseRef-plombe-${shortDigest(text)}`;
}

/** The image; its layers are in the annotation. */
export function imagePackage(inventory: Inventory, annotate: Annotate): object {
  const { subject } = inventory;
  const purl = imagePurl(inventory);
  return {
    ...common,
    SPDXID: imageId,
    name:
      visible(subject.reference === undefined ? subject.name : splitReference(subject.reference).repository) || 'image',
    versionInfo: subject.digest ?? subject.configDigest,
    primaryPackagePurpose: 'CONTAINER',
    ...(subject.digest === undefined
      ? {}
      : {
          checksums: [
            {
              algorithm: digestAlgorithm(subject.digest).toUpperCase(),
              checksumValue: subject.digest.slice(subject.digest.indexOf(':') + 1),
            },
          ],
        }),
    ...(purl === undefined ? {} : { externalRefs: [purlReference(purl)] }),
    annotations: [annotate(imageFacts(inventory))],
  };
}

/** The distribution; what has no field is in the annotation. */
export function systemPackage(distribution: Distribution, annotate: Annotate): object {
  const { id, versionId, name, evidencePath } = distribution;
  const facts = systemFacts(distribution);
  return {
    ...common,
    SPDXID: systemId,
    name: visible(id) || 'unknown',
    versionInfo: versionId === undefined ? undefined : visible(versionId),
    summary: name === undefined ? undefined : visible(name),
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    sourceInfo: `read from ${visible(evidencePath)}`,
    annotations: facts.length === 0 ? undefined : [annotate(facts)],
  };
}

/** A package; layer, path and source package are in the annotation. */
export function spdxPackage(item: Package, annotate: Annotate): object {
  const paths = item.evidence.map(({ path, layerIndex }) => `${visible(path)} (layer ${layerIndex})`);
  return {
    ...common,
    SPDXID: packageId(item.id),
    name: visible(namedLikeItsPurl(item)),
    versionInfo: visible(item.version),
    supplier: item.vendor?.trim() ? `Organization: ${visible(item.vendor.trim())}` : 'NOASSERTION',
    licenseDeclared: declaredLicence(item.licences),
    sourceInfo: paths.length === 0 ? undefined : `read from ${paths.join(', ')}`,
    externalRefs: [purlReference(item.purl), ...(item.cpes ?? []).map(cpeReference)],
    annotations: [annotate(packageFacts(item))],
  };
}

const common = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
  supplier: 'NOASSERTION',
};

function purlReference(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function cpeReference(cpe: string): object {
  return { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: visible(cpe) };
}

function namedLikeItsPurl({ type, namespace, name }: Package): string {
  return namespace !== undefined && (type === 'npm' || type === 'golang') ? `${namespace}/${name}` : name;
}

/** Several declarations hold together, as every package manager means them. */
function declaredLicence(licences: readonly string[]): string {
  const read = readLicences(licences);
  if (read.length === 0) return 'NOASSERTION';
  const parts = read.map(({ kind, text }) => (kind === 'name' ? licenceRef(text) : text));
  return joinExpressions(parts, 'AND');
}

/** 24 hexadecimal digits of a digest, so that millions of ids stay distinct. */
function shortDigest(text: string): string {
  return createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 24);
}
