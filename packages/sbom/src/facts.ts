// The facts that both formats carry beside their own fields, as names and values under `plombe:`.
import { formatPlatform, formatPurl, type Distribution, type Inventory, type Package, type Purl } from '@plombe/model';

export type Fact = readonly [name: string, value: string];

// Enough to see what is wrong; the JSON report has all of them.
const maxDiagnostics = 1000;

/** Where a package is from and what else is known of it: layer, path, source package, owner. */
export function packageFacts(item: Package): readonly Fact[] {
  const facts: Fact[] = [];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) facts.push([`plombe:${name}`, String(value)]);
  };
  const origin = item.evidence[0];
  add('layer:diffID', origin?.diffID);
  add('layer:index', origin?.layerIndex);
  add('layer:digest', origin?.digest);
  add('layer:createdBy', origin?.createdBy);
  add('path', origin?.path);
  add('source', item.source && `${item.source.name}@${item.source.version}`);
  add('ownedBy', item.ownedBy);
  add('architecture', item.architecture);
  add('modularity', item.modularity);
  add('cataloger', item.cataloger);
  if (item.weak === true) add('weak', 'true');
  for (const cpe of item.cpes?.slice(1) ?? []) add('cpe', cpe);
  add('scope', item.scope);
  if (item.direct !== undefined) add('direct', String(item.direct));
  add('origin', item.origin);
  for (const [name, value] of Object.entries(item.facts ?? {})) add(`fact:${name}`, value);
  return facts;
}

/** Digests, platform and layers of the image. */
export function imageFacts({ subject, layers }: Inventory): readonly Fact[] {
  const facts: Fact[] = [];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) facts.push([`plombe:${name}`, String(value)]);
  };
  add('image:source', subject.source);
  add('image:reference', subject.reference);
  add('image:digest', subject.digest);
  add('image:indexDigest', subject.indexDigest);
  add('image:configDigest', subject.configDigest);
  add('image:platform', subject.platform && formatPlatform(subject.platform));
  for (const layer of layers) {
    const place = `layer:${layer.index}`;
    add(`${place}:diffID`, layer.diffID);
    add(`${place}:digest`, layer.digest);
    add(`${place}:mediaType`, layer.mediaType);
    add(`${place}:sizeBytes`, layer.sizeBytes);
    add(`${place}:createdBy`, layer.createdBy);
    add(`${place}:complete`, String(layer.complete));
  }
  return facts;
}

/** What of a distribution has no field of its own. */
export function systemFacts({
  codename,
  variantId,
  idLike,
  cpe,
  repositoryRelease,
  repositories,
}: Distribution): readonly Fact[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['plombe:codename', codename],
    ['plombe:variant', variantId],
    ['plombe:idLike', idLike?.join(' ')],
    ['plombe:cpe', cpe],
    ['plombe:repositoryRelease', repositoryRelease],
    ['plombe:repositories', repositories?.join(' ')],
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== undefined);
}

/** What could not be read, one fact each, its level in the name: `code: message (path, layer 3)`. */
export function diagnosticFacts({ diagnostics }: Inventory): readonly Fact[] {
  const facts = diagnostics.slice(0, maxDiagnostics).map((diagnostic): Fact => {
    const { code, level, message, path, layerIndex } = diagnostic;
    const place = [path, layerIndex === undefined ? undefined : `layer ${layerIndex}`].filter(
      (part) => part !== undefined,
    );
    return [`plombe:diagnostic:${level}`, `${code}: ${message}${place.length === 0 ? '' : ` (${place.join(', ')})`}`];
  });
  const more = diagnostics.length - maxDiagnostics;
  return more > 0 ? [...facts, ['plombe:diagnostic:more', `${more} more`]] : facts;
}

/** The image's package URL, for images of a registry whose digest is known (purl-spec, type oci). */
export function imagePurl({ subject }: Inventory): Purl | undefined {
  if (subject.source !== 'registry' || subject.digest === undefined || subject.reference === undefined)
    return undefined;
  const { repository, tag } = splitReference(subject.reference);
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === '') return undefined;
  return formatPurl({
    type: 'oci',
    name,
    version: subject.digest,
    qualifiers: { arch: subject.platform?.architecture ?? '', repository_url: repository, tag: tag ?? '' },
  });
}

/** Splits a canonical reference; the digest is left off. */
export function splitReference(reference: string): { readonly repository: string; readonly tag?: string } {
  const name = reference.split('@', 1)[0] as string;
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon < 0 ? { repository: name } : { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
