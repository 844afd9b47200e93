// CycloneDX components: the image, its distribution and its packages.
import { digestAlgorithm, type Distribution, type Inventory, type Package } from '@plombe/model';
import { imageFacts, imagePurl, packageFacts, splitReference, systemFacts, type Fact } from './facts.ts';
import { readLicences } from './licence.ts';
import { visible } from './text.ts';

/** The image as `metadata.component`; its layers are properties. */
export function imageComponent(inventory: Inventory, ref: string): object {
  const { subject } = inventory;
  return {
    type: 'container',
    'bom-ref': ref,
    name:
      visible(subject.reference === undefined ? subject.name : splitReference(subject.reference).repository) || 'image',
    version: subject.digest ?? subject.configDigest,
    purl: imagePurl(inventory),
    ...(subject.digest === undefined
      ? {}
      : {
          hashes: [
            {
              alg: digestAlgorithm(subject.digest) === 'sha512' ? 'SHA-512' : 'SHA-256',
              content: subject.digest.slice(subject.digest.indexOf(':') + 1),
            },
          ],
        }),
    properties: propertiesOf(imageFacts(inventory)),
  };
}

/** The distribution as a component of type operating-system. */
export function systemComponent(distribution: Distribution, ref: string): object {
  const { id, versionId, name, evidencePath } = distribution;
  return {
    type: 'operating-system',
    'bom-ref': ref,
    name: visible(id) || 'unknown',
    version: versionId === undefined ? undefined : visible(versionId),
    description: name === undefined ? undefined : visible(name),
    evidence: { occurrences: [{ location: visible(evidencePath) }] },
    properties: propertiesOf(systemFacts(distribution)),
  };
}

/** CycloneDX calls `excluded` what is used for tests and other purposes than to run. */
const componentScopes = { runtime: 'required', optional: 'optional', development: 'excluded' } as const;

/** A package; `bom-ref` is its id. `more` are facts beside its own. */
export function packageComponent(item: Package, more: readonly Fact[] = []): object {
  const occurrences = item.evidence.map(({ path, layerIndex, diffID }) => ({
    location: visible(path),
    additionalContext: diffID === undefined ? `layer ${layerIndex}` : `layer ${layerIndex} ${diffID}`,
  }));
  return {
    type: 'library',
    'bom-ref': visible(item.id),
    ...(item.vendor === undefined ? {} : { supplier: { name: visible(item.vendor) } }),
    ...nameOf(item),
    version: visible(item.version),
    ...(item.scope === undefined ? {} : { scope: componentScopes[item.scope] }),
    ...licencesOf(item.licences),
    cpe: item.cpes?.[0],
    purl: item.purl,
    ...(occurrences.length === 0 ? {} : { evidence: { occurrences } }),
    properties: propertiesOf([...packageFacts(item), ...more]),
  };
}

/** Facts as CycloneDX properties, inert. */
export function propertiesOf(facts: readonly Fact[]): readonly { readonly name: string; readonly value: string }[] {
  return facts.map(([name, value]) => ({ name: visible(name), value: visible(value) }));
}

/** npm's scope is the group; Go's module path is one name; a distribution's namespace stays in the purl. */
function nameOf({ type, namespace, name }: Package): object {
  if (namespace !== undefined && type === 'npm') return { group: visible(namespace), name: visible(name) };
  return { name: visible(namespace !== undefined && type === 'golang' ? `${namespace}/${name}` : name) };
}

// An expression may only stand alone; beside text that is none it becomes a name.
function licencesOf(licences: readonly string[]): object {
  const read = readLicences(licences);
  if (read.length === 0) return {};
  const acknowledgement = 'declared';
  if (read.length === 1 && read[0]?.kind === 'expression') {
    return { licenses: [{ expression: read[0].text, acknowledgement }] };
  }
  return {
    licenses: read.map(({ kind, text }) => ({
      license: { ...(kind === 'id' ? { id: text } : { name: visible(text) }), acknowledgement },
    })),
  };
}
