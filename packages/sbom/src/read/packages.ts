// Components as packages: what can be compared by its package URL, and what cannot, with the reason.
import { by, compareText } from '@plombe/kit';
import {
  formatPurl,
  parsePurl,
  type Diagnostic,
  type Evidence,
  type Package,
  type PackageOrigin,
  type PackageScope,
} from '@plombe/model';
import { factOf, type SbomComponent, type SbomDocument } from './document.ts';
import { maxVersionLength } from './fields.ts';
import type { Layers } from './layers.ts';
import { counted, Gap } from './problems.ts';
import { packageOfPurl } from './purl-package.ts';
import { saidModularity, saidScope, saidSource, toolsThatSaySources } from './said.ts';

export interface FoundPackages {
  /** Sorted by id. */
  readonly packages: readonly Package[];
  readonly diagnostics: readonly Diagnostic[];
}

type Draft = Omit<Package, 'id'> & { readonly owner?: string | undefined };

/** Images and repositories are what a document is about, no packages that advisories name. */
const subjectTypes: ReadonlySet<string> = new Set(['oci', 'docker', 'github', 'gitlab', 'bitbucket', 'generic']);
const systemTypes: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm']);

/** Returns the packages of a document, its subject too where that is a package itself. Nothing is left out without being told. */
export function packagesOf(document: SbomDocument, layers: Layers): FoundPackages {
  const nameless = new Gap();
  const unversioned = new Gap();
  const invalid = new Gap();
  const drafts: Draft[] = [];
  const purls = new Map<string, string>();
  const owned: { readonly at: number; readonly owner: string }[] = [];
  let files = 0;
  for (const component of comparable(document)) {
    if (component.kind === 'file') files += 1;
    if (component.kind === 'file' || component.kind === 'system' || component.kind === 'group') continue;
    const parts = component.purl === undefined ? undefined : parsePurl(component.purl);
    const said = parts === undefined ? undefined : packageOfPurl(parts, parts.version ?? component.version);
    const found = said === undefined || said.version.length > maxVersionLength ? undefined : said;
    const shown = [component.group, component.name].filter((part) => part !== undefined && part !== '').join('/');
    if (component.purl === undefined) nameless.add(shown);
    else if (parts === undefined) invalid.add(component.purl);
    else if (found === undefined) unversioned.add(component.purl);
    const draft = draftOf(component, found ?? unnamed(component, shown), layers.evidenceOf(component));
    if (systemTypes.has(draft.type)) purls.set(component.ref, draft.purl);
    if (component.owner !== undefined) owned.push({ at: drafts.length, owner: component.owner });
    drafts.push(draft);
  }
  for (const { at, owner } of owned) drafts[at] = { owner: purls.get(owner), ...(drafts[at] as Draft) };
  const packages = identified(drafts);
  const code = 'sbom/package-unknown';
  return {
    packages,
    diagnostics: [
      ...nameless.diagnostics(
        code,
        'error',
        (n) => `${counted(n, 'component')} without a package URL cannot be compared`,
      ),
      ...invalid.diagnostics(code, 'error', (n) => `${counted(n, 'package URL')} cannot be read`),
      ...unversioned.diagnostics(
        code,
        'error',
        (n) => `${counted(n, 'package URL')} without a version cannot be compared`,
      ),
      ...sourceGaps(document, packages),
      ...filesNote(files),
    ],
  };
}

function* comparable({ components, subject }: SbomDocument): Iterable<SbomComponent> {
  yield* components;
  if (subject?.purl === undefined || subject.kind !== 'package') return;
  const parts = parsePurl(subject.purl);
  if (parts === undefined || subjectTypes.has(parts.type)) return;
  // An application at the root is what was built; another's package of its name may be in a registry.
  const isPublished = subject.type === 'library' || subject.type === 'framework';
  yield isPublished ? subject : { ...subject, facts: new Map([...subject.facts, ['origin', ['local']]]) };
}

/** A package without a package URL that can be read: of no ecosystem, so that it counts as not compared. */
function unnamed({ version }: SbomComponent, name: string): ReturnType<typeof packageOfPurl> & object {
  const parts = { type: 'generic', name: name === '' ? 'unnamed' : name, version: version ?? '' };
  return { ...parts, purl: formatPurl(parts) };
}

function draftOf(
  component: SbomComponent,
  found: ReturnType<typeof packageOfPurl> & object,
  evidence: Evidence[],
): Draft {
  const { type } = found;
  const version = ownVersion(component) ?? found.version;
  const source = saidSource(component, type, version) ?? found.source;
  const architecture = factOf(component, 'plombe:architecture') ?? found.architecture;
  const modularity = saidModularity(component) ?? found.modularity;
  const owner = factOf(component, 'plombe:ownedBy');
  const facts = ownFacts(component);
  const scope = oneOf(scopes, saidScope(component));
  const origin = oneOf(origins, factOf(component, 'plombe:origin') ?? factOf(component, 'origin'));
  const direct = factOf(component, 'plombe:direct');
  const vendor = component.supplier;
  const { source: _, qualifiers, ...rest } = found;
  const kept = qualifiersOf(type, qualifiers, source !== undefined);
  return {
    ...rest,
    name: ownName(component, found),
    version,
    ...(architecture === undefined ? {} : { architecture }),
    ...(kept === undefined ? {} : { qualifiers: kept }),
    ...(source === undefined ? {} : { source }),
    licences: component.licences,
    ...(vendor === undefined ? {} : { vendor }),
    ...(modularity === undefined || modularity === '' ? {} : { modularity }),
    ...(component.cpes.length === 0 ? {} : { cpes: component.cpes }),
    ...(factOf(component, 'plombe:weak') === 'true' ? { weak: true } : {}),
    ...(scope === undefined ? {} : { scope }),
    ...(direct === undefined ? {} : { direct: direct === 'true' }),
    ...(origin === undefined ? {} : { origin }),
    ...(facts === undefined ? {} : { facts }),
    cataloger: factOf(component, 'plombe:cataloger') ?? 'sbom',
    evidence,
    ...(owner === undefined ? {} : { owner }),
  };
}

const scopes: readonly PackageScope[] = ['runtime', 'optional', 'development'];
const origins: readonly PackageOrigin[] = ['local', 'vcs', 'archive', 'image'];

function oneOf<Word extends string>(words: readonly Word[], text: string | undefined): Word | undefined {
  return words.find((word) => word === text);
}

/** Plombe writes the version as its database does, the package URL without an rpm's epoch. */
function ownVersion(component: SbomComponent): string | undefined {
  return component.facts.has('plombe:cataloger') ? component.version : undefined;
}

/** The name as the component has it, where the package URL is only its other spelling: `Flask_Login` and `flask-login`. */
function ownName({ name: written }: SbomComponent, found: ReturnType<typeof packageOfPurl> & object): string {
  const { type, namespace, name } = found;
  // PEP 503 has one spelling, by which the package is listed where it is installed.
  if (type === 'pypi') return name;
  const prefix = `${namespace ?? ''}/`;
  const bare = namespace !== undefined && written.startsWith(prefix) ? written.slice(prefix.length) : written;
  return bare !== name && formatPurl({ type, name: bare }) === formatPurl({ type, name }) ? bare : name;
}

/** What the package URL of a deb or apk says of its source is said by `source`. */
function qualifiersOf(
  type: string,
  qualifiers: Readonly<Record<string, string>> | undefined,
  hasSource: boolean,
): Readonly<Record<string, string>> | undefined {
  if (qualifiers === undefined || !hasSource || (type !== 'deb' && type !== 'apk')) return qualifiers;
  const { upstream: _, ...rest } = qualifiers;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function ownFacts({ facts }: SbomComponent): Readonly<Record<string, string>> | undefined {
  const prefix = 'plombe:fact:';
  const own = [...facts]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, values]) => [name.slice(prefix.length), values[0] ?? '']);
  return own.length === 0 ? undefined : (Object.fromEntries(own) as Record<string, string>);
}

/** Places of one package that are kept; a copy in every folder of a monorepo may mean hundreds. */
const maxEvidence = 100;

/** Joins what is the same package and gives ids, as an inventory does: the package URL, with the path where owners differ. */
function identified(drafts: readonly Draft[]): Package[] {
  const joined = new Map<string, Draft & { readonly evidence: Evidence[] }>();
  for (const draft of drafts) {
    const key = `${draft.purl}\0${draft.owner ?? ''}`;
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { ...draft, evidence: [...draft.evidence] });
    else if (known.evidence.length < maxEvidence) known.evidence.push(...draft.evidence);
  }
  for (const { evidence } of joined.values()) {
    evidence.sort(
      by(
        (e) => e.layerIndex,
        (e) => e.path,
      ),
    );
  }
  const counts = new Map<string, number>();
  for (const { purl } of joined.values()) counts.set(purl, (counts.get(purl) ?? 0) + 1);
  const idOf = ({ purl, evidence }: Draft): string =>
    counts.get(purl) === 1 ? purl : `${purl}|${evidence[0]?.path ?? ''}`;
  const byId = new Map([...joined.values()].map((draft) => [idOf(draft), draft]));
  return [...byId]
    .map(([id, { owner, ...item }]): Package => {
      const owned = owner === undefined ? undefined : byId.get(owner);
      // Only a package of the distribution that is owned by none takes another's place, else both could vanish.
      const isOwned = owned !== undefined && systemTypes.has(owned.type) && owned.owner === undefined;
      return { ...item, id, ...(isOwned ? { ownedBy: owner as string } : {}) };
    })
    .sort((a, b) => compareText(a.id, b.id));
}

/** Most distributions' advisories name source packages: without them a package of another name looks unaffected. */
function sourceGaps({ tools }: SbomDocument, packages: readonly Package[]): Diagnostic[] {
  if (tools.some((tool) => toolsThatSaySources.has(tool))) return [];
  return [...systemTypes].flatMap((type): Diagnostic[] => {
    const own = packages.filter((item) => item.type === type);
    if (own.length === 0 || own.some(({ source }) => source !== undefined)) return [];
    const message = `The SBOM names the source package of none of ${counted(own.length, `${type} package`)}; advisories name source packages.`;
    return [{ code: 'sbom/incomplete', level: 'error', message }];
  });
}

function filesNote(files: number): Diagnostic[] {
  if (files === 0) return [];
  return [
    {
      code: 'sbom/not-read',
      level: 'note',
      message: `Files and data in the SBOM, which are no packages: ${files}.`,
    },
  ];
}
