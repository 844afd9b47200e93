// The distribution of a document: its component of an operating system, in the words of the tool that wrote it.
import type { Distribution, Package } from '@plombe/model';
import { factOf, type SbomComponent, type SbomDocument } from './document.ts';
import { optional } from './fields.ts';
import { saidPlaces } from './said.ts';

/** Names that tools use where os-release has another `ID`. */
const ids: ReadonlyMap<string, string> = new Map([
  ['alma', 'almalinux'],
  ['amazon', 'amzn'],
  ['cbl-mariner', 'mariner'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['oracle', 'ol'],
  ['redhat', 'rhel'],
  ['slem', 'sle-micro'],
  ['suse linux enterprise micro', 'sle-micro'],
  ['suse linux enterprise server', 'sles'],
]);

/** What tools write where they found none. */
const nameless: ReadonlySet<string> = new Set(['', 'none', 'unknown']);

/** Returns the distribution; undefined where the document has none, or several that differ. Without a component of it the package URLs may all say the same. */
export function distributionOf(
  { components, subject }: SbomDocument,
  packages: readonly Package[],
): Distribution | undefined {
  const found = new Map<string, Distribution>();
  for (const component of components) {
    if (component.kind !== 'system' || nameless.has(component.name)) continue;
    const distribution = fromComponent(component);
    found.set(`${distribution.id} ${distribution.versionId ?? ''}`, distribution);
  }
  if (found.size === 1) return [...found.values()][0];
  if (found.size > 0) return undefined;
  const own = subject === undefined ? undefined : fromSyft(subject, '');
  return own ?? fromQualifiers(packages);
}

/** Qualifiers `distro=debian-12`, where all that have one say the same. */
function fromQualifiers(packages: readonly Package[]): Distribution | undefined {
  const said = new Set(packages.flatMap(({ qualifiers }) => qualifiers?.['distro'] ?? []));
  const [, id, versionId] =
    /^([a-z][a-z_.-]*?)-(v?\d[\w.]*)$/.exec(said.size === 1 ? ([...said][0] as string) : '') ?? [];
  if (id === undefined || versionId === undefined) return undefined;
  return { id: ids.get(id) ?? id, versionId, evidencePath: '' };
}

function fromComponent(component: SbomComponent): Distribution {
  const place = saidPlaces(component)[0]?.path ?? '';
  const syft = fromSyft(component, place);
  if (syft !== undefined) return syft;
  const name = component.name.toLowerCase();
  const fact = (key: string): string | undefined => factOf(component, `plombe:${key}`);
  const idLike = fact('idLike')?.split(' ');
  const repositories = fact('repositories')?.split(' ');
  return {
    id: ids.get(name) ?? name,
    ...optional('versionId', component.version),
    ...optional('name', component.description),
    ...optional('codename', fact('codename')),
    ...optional('variantId', fact('variant')),
    ...(idLike === undefined ? {} : { idLike }),
    ...optional('cpe', fact('cpe')),
    ...optional('repositoryRelease', fact('repositoryRelease')),
    ...(repositories === undefined ? {} : { repositories }),
    evidencePath: place,
  };
}

/** Properties `syft:distro:…`. */
function fromSyft(component: SbomComponent, evidencePath: string): Distribution | undefined {
  const fact = (key: string): string | undefined => factOf(component, `syft:distro:${key}`);
  const id = fact('id');
  if (id === undefined) return undefined;
  return {
    id: id.toLowerCase(),
    ...optional('versionId', fact('versionID') ?? component.version),
    ...optional('name', fact('prettyName')),
    ...optional('codename', fact('versionCodename')),
    ...optional('variantId', fact('variantID')),
    ...optional('cpe', fact('cpeName')),
    evidencePath,
  };
}
