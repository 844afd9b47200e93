// CycloneDX 1.6 JSON of an image index: each image that it lists is a component, and so is every package of any of them, once.
import { createHash } from 'node:crypto';
import { digestAlgorithm, formatPurl, type Assessment, type Digest, type Inventory, type Package } from '@plombe/model';
import { imageComponent, packageComponent, propertiesOf, systemComponent } from './cyclonedx-component.ts';
import type { Fact } from './facts.ts';
import { inChunks, jsonArray, jsonObject, jsonOf, mapped, type JsonText } from './json-stream.ts';
import { uuidOf, type SbomOptions } from './sbom.ts';
import { instant, visible } from './text.ts';

/** An image that an index lists. */
export interface IndexMember {
  readonly digest: Digest;
  /** How far its inventory came. */
  readonly assessment: Assessment;
  /** What entries of the index claim that it is for, where its config says otherwise. */
  readonly listedAs: readonly string[];
}

/** What an index lists and its inventory does not speak of. */
export interface SkippedMember {
  readonly digest: Digest;
  readonly reason: string;
  /** False for what is no image, and so lacks nowhere. */
  readonly isGap: boolean;
}

/** The index itself. */
export interface IndexSubject {
  readonly digest: Digest;
  /** `registry/repository`. */
  readonly repository: string;
  readonly skipped: readonly SkippedMember[];
}

/** Takes inventories one after the other and keeps of each what the document needs: a text for each package that no other had. */
export interface IndexBom {
  add(member: IndexMember, inventory: Inventory): void;
  /** An image that could not be read: a component of which nothing is known. */
  addUnread(member: IndexMember): void;
  /** Distinct packages. */
  packages(): number;
  /** The document in pieces; the same input gives the same bytes. `assessment` is that of the whole. */
  render(subject: IndexSubject, options: Pick<SbomOptions, 'tool' | 'timestamp' | 'assessment'>): Iterable<string>;
}

/** Says what kind of image the document is about: whoever reads it as that of a single one reads the union of all. */
export const indexKindProperty = { name: 'plombe:image:kind', value: 'index' } as const;

const indexRef = 'index';

interface Kept {
  readonly digest: Digest;
  readonly component: object;
  readonly refs: readonly string[];
  readonly complete: boolean;
}

/** Opens an empty one. */
export function openIndexBom(): IndexBom {
  const members: Kept[] = [];
  /** Text of each component without its reference → its reference. */
  const shared = new Map<string, string>();
  let packages = 0;

  function refOf(component: object): string {
    const text = jsonOf(component);
    const known = shared.get(text);
    if (known !== undefined) return known;
    const ref = `${shared.size + 1}`;
    shared.set(text, ref);
    return ref;
  }

  function refOfPackage(item: Package): string {
    const before = shared.size;
    const ref = refOf(plainComponent(item));
    packages += shared.size - before;
    return ref;
  }

  return {
    add: (member, inventory) => {
      const { distribution } = inventory;
      const refs = distribution === undefined ? [] : [refOf(withoutRef(systemComponent(distribution, '')))];
      for (const item of inventory.packages) refs.push(refOfPackage(item));
      const image = imageComponent(inventory, member.digest) as { readonly properties: readonly object[] };
      const properties = [...image.properties, ...memberProperties(member)];
      const { digest } = member;
      const component = { ...image, version: digest, hashes: [hashOf(digest)], properties };
      members.push({ digest, component, refs: [...new Set(refs)], complete: inventory.complete });
    },
    addUnread: (member) => {
      const { digest } = member;
      const component = {
        type: 'container',
        'bom-ref': digest,
        name: 'image',
        version: digest,
        hashes: [hashOf(digest)],
        properties: memberProperties(member),
      };
      members.push({ digest, component, refs: [], complete: false });
    },
    packages: () => packages,
    render: (subject, options) => {
      const metadata = metadataOf(subject, options);
      const hash = createHash('sha256').update(jsonOf(['cyclonedx index', metadata]));
      for (const member of members) hash.update(jsonOf(member));
      for (const text of shared.keys()) hash.update(text);
      return inChunks(
        jsonObject([
          ['bomFormat', '"CycloneDX"'],
          ['specVersion', '"1.6"'],
          ['serialNumber', jsonOf(`urn:uuid:${uuidOf(hash.digest())}`)],
          ['version', '1'],
          ['metadata', jsonOf(metadata)],
          ['components', jsonArray(components(members, shared))],
          ['dependencies', jsonArray(dependencies(members))],
          ['compositions', jsonOf(compositions(members, subject))],
        ]),
      );
    },
  };
}

/** What a package is wherever it lies; its layer and path are in the inventory of each image. */
function plainComponent(item: Package): object {
  const { evidence: _, properties: __, ...rest } = packageComponent(item) as Record<string, unknown>;
  return withoutRef(rest);
}

function withoutRef(component: object): object {
  const { 'bom-ref': _, ...rest } = component as Record<string, unknown>;
  return rest;
}

function* components(members: readonly Kept[], shared: ReadonlyMap<string, string>): Iterable<JsonText> {
  for (const { component } of members) yield jsonOf(component);
  for (const [text, ref] of shared) yield `{"bom-ref":${jsonOf(ref)},${text.slice(1)}`;
}

function* dependencies(members: readonly Kept[]): Iterable<JsonText> {
  yield jsonOf({ ref: indexRef, dependsOn: members.map(({ digest }) => digest) });
  for (const { digest, refs } of members) {
    yield jsonObject([
      ['ref', jsonOf(digest)],
      ['dependsOn', jsonArray(mapped(refs, jsonOf))],
    ]);
  }
}

function compositions(members: readonly Kept[], { skipped }: IndexSubject): readonly object[] {
  const whole = members.every(({ complete }) => complete) && !skipped.some(({ isGap }) => isGap);
  const of = (complete: boolean, ref: string): object => ({
    aggregate: complete ? 'complete' : 'incomplete',
    assemblies: [ref],
  });
  return [of(whole, indexRef), ...members.map(({ complete, digest }) => of(complete, digest))];
}

function metadataOf(
  { digest, repository, skipped }: IndexSubject,
  { tool, timestamp, assessment }: Pick<SbomOptions, 'tool' | 'timestamp' | 'assessment'>,
): object {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const facts = [
    ...stateFacts(assessment),
    ...skipped.map((one): Fact => ['plombe:skipped', `${one.digest}: ${one.reason}`]),
  ];
  return {
    timestamp: instant(timestamp),
    tools: { components: [{ type: 'application', name: tool.name, version: tool.version }] },
    component: {
      type: 'container',
      'bom-ref': indexRef,
      name: visible(repository),
      version: digest,
      purl: formatPurl({ type: 'oci', name, version: digest, qualifiers: { repository_url: repository } }),
      hashes: [hashOf(digest)],
      properties: [indexKindProperty, ...propertiesOf([['plombe:image:digest', digest]])],
    },
    ...(facts.length === 0 ? {} : { properties: propertiesOf(facts) }),
  };
}

function memberProperties({ assessment, listedAs }: IndexMember): readonly object[] {
  return propertiesOf([
    ...listedAs.map((platform): Fact => ['plombe:image:listedAs', platform]),
    ...stateFacts(assessment),
  ]);
}

function stateFacts(assessment: Assessment | undefined): readonly Fact[] {
  if (assessment === undefined) return [];
  const causes = assessment.causes.map(({ code, message }): Fact => ['plombe:cause', `${code}: ${message}`]);
  return [['plombe:state', assessment.state], ...causes];
}

function hashOf(digest: Digest): object {
  const alg = digestAlgorithm(digest) === 'sha512' ? 'SHA-512' : 'SHA-256';
  return { alg, content: digest.slice(digest.indexOf(':') + 1) };
}
