// An erratum of updateinfo.xml to an advisory.
import type { Advisory, AffectedPackage } from '@plombe/model';
import { sortedUnique } from '@plombe/kit';
import { severityWord } from '../../normal/cvss.ts';
import { clipText, findCves, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import type { Erratum, ErratumPackage } from './errata.ts';

/** What sets one publisher's errata apart. */
export interface ErrataSource {
  readonly feed: string;
  readonly ecosystem: string;
  /** A repository beside the main one, which counts for images that have it. */
  readonly repository?: string;
  /** False where the repository is of one architecture and its errata are for all. */
  readonly architectures: boolean;
}

/** `2023-02-17 20:41` and `2023-02-17 20:41:00`, in UTC. */
function dateOf(text: string | undefined): string | undefined {
  const [, day, time, seconds = '00'] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d))?)?/.exec(text ?? '') ?? [];
  if (day === undefined) return undefined;
  return time === undefined ? day : `${day}T${time}:${seconds}Z`;
}

function evrOf({ epoch, version, release }: ErratumPackage): string | undefined {
  if (parseToken(version) === undefined || parseToken(release) === undefined) return undefined;
  return /^[1-9]\d*$/.test(epoch) ? `${epoch}:${version}-${release}` : `${version}-${release}`;
}

/** Packages that only serve debugging are not installed in images. */
const debugNames = /-debug(?:info|source)(?:-|$)/;

interface Built {
  readonly name: string;
  readonly fixed: string;
  readonly module?: string;
  readonly architectures: Set<string>;
}

function affectedOf(erratum: Erratum, source: ErrataSource): AffectedPackage[] {
  const found = new Map<string, Built>();
  for (const pkg of erratum.packages) {
    const fixed = evrOf(pkg);
    const { architecture, module } = pkg;
    if (parseToken(pkg.name) === undefined || fixed === undefined) continue;
    if (architecture === 'src' || architecture === 'nosrc' || debugNames.test(pkg.name)) continue;
    const key = `${pkg.name} ${fixed} ${module ?? ''}`;
    const entry: Built = found.get(key) ?? {
      name: pkg.name,
      fixed,
      ...(module === undefined ? {} : { module }),
      architectures: new Set<string>(),
    };
    entry.architectures.add(architecture);
    found.set(key, entry);
  }
  return [...found.values()].map((built) => packageOf(built, source));
}

function packageOf({ name, fixed, module, architectures }: Built, source: ErrataSource): AffectedPackage {
  const isForAll = !source.architectures || architectures.has('') || architectures.has('noarch');
  const parsedModule = parseToken(module);
  const qualifiers = {
    ...(isForAll ? {} : { architectures: sortedUnique([...architectures]) }),
    ...(parsedModule === undefined ? {} : { module: parsedModule }),
    ...(source.repository === undefined ? {} : { pocket: source.repository }),
  };
  return {
    ecosystem: source.ecosystem,
    name,
    ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed }] }],
    versions: [],
    status: 'affected',
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
  };
}

/** Returns the advisory of an erratum; undefined for one about no security or no package; or why it cannot be read. */
export function parseErratum(
  erratum: Erratum,
  source: ErrataSource,
): Advisory | { readonly cause: string } | undefined {
  if (erratum.type !== '' && erratum.type !== 'security') return undefined;
  const id = parseId(erratum.id);
  if (id === undefined) return { cause: 'has no id' };
  const affected = affectedOf(erratum, source);
  if (affected.length === 0) return undefined;
  const cves = erratum.references.flatMap((reference) => findCves(`${reference.id} ${reference.href}`));
  const word = severityWord(erratum.severity);
  const summary = clipText(erratum.title) ?? clipText(erratum.description);
  const publishedAt = dateOf(erratum.issued);
  const modifiedAt = dateOf(erratum.updated);
  return {
    id,
    feed: source.feed,
    aliases: [],
    related: parseIds(cves.length > 0 ? cves : findCves(erratum.description ?? ''), [id]),
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    severities: word === undefined ? [] : [{ author: source.feed, word }],
    references: parseLinks(
      erratum.references.filter(({ type }) => type === 'self' || type === 'cve').map(({ href }) => href),
    ),
    affected,
  };
}
