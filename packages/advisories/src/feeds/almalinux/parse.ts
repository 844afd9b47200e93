// One erratum of AlmaLinux's errata.json to an advisory.
import type { Advisory, AffectedPackage } from '@plombe/model';
import { type JsonObject, field, isObject, objectField, objectsField, textField } from '@plombe/kit';
import { clipText, parseDate, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import { severityWord } from '../../normal/cvss.ts';

/** Packages of one erratum, an entry for each architecture: a kernel has about 300. */
const maxPackages = 20_000;

/** Dates are milliseconds in an object (`{"$date": 1620000000000}`), seconds, or text. */
function dateOf(value: unknown): string | undefined {
  const inner = isObject(value) ? field(value, '$date') : value;
  if (typeof inner !== 'number') return parseDate(inner);
  const milliseconds = inner < 1e11 ? inner * 1000 : inner;
  return milliseconds > 0 && milliseconds < 4e12 ? new Date(milliseconds).toISOString() : undefined;
}

function evrOf(pkg: JsonObject): string | undefined {
  const version = parseToken(field(pkg, 'version'));
  const release = parseToken(field(pkg, 'release'));
  if (version === undefined || release === undefined) return undefined;
  const stated = field(pkg, 'epoch');
  const epoch = typeof stated === 'number' ? String(stated) : (parseToken(stated) ?? '');
  return /^[1-9]\d*$/.test(epoch) ? `${epoch}:${version}-${release}` : `${version}-${release}`;
}

function moduleOf(list: JsonObject): string | undefined {
  const module = objectField(list, 'module');
  const name = module === undefined ? undefined : parseToken(field(module, 'name'));
  const stream = module === undefined ? undefined : parseToken(field(module, 'stream'));
  return name === undefined || stream === undefined ? undefined : `${name}:${stream}`;
}

/** One entry for each name and version, with the architectures it is built for; `noarch` and `src` limit nothing. */
function affectedOf(list: JsonObject, ecosystem: string): AffectedPackage[] {
  const module = moduleOf(list);
  const found = new Map<
    string,
    { readonly name: string; readonly fixed: string; readonly architectures: Set<string> }
  >();
  for (const pkg of objectsField(list, 'packages').slice(0, maxPackages)) {
    const name = parseToken(field(pkg, 'name'));
    const fixed = evrOf(pkg);
    const architecture = textField(pkg, 'arch') ?? '';
    if (name === undefined || fixed === undefined || architecture === 'src') continue;
    const key = `${name} ${fixed}`;
    const entry = found.get(key) ?? { name, fixed, architectures: new Set<string>() };
    entry.architectures.add(architecture);
    found.set(key, entry);
  }
  return [...found.values()].map(({ name, fixed, architectures }) => {
    const limited = architectures.has('') || architectures.has('noarch') ? [] : [...architectures].sort();
    const qualifiers = {
      ...(limited.length === 0 ? {} : { architectures: limited }),
      ...(module === undefined ? {} : { module }),
    };
    return {
      ecosystem,
      name,
      ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed }] }],
      versions: [],
      status: 'affected',
      ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    };
  });
}

/** Returns the advisory of an erratum; undefined for one that is no security erratum; or why it cannot be read. */
export function parseErratum(value: unknown, ecosystem: string): Advisory | { readonly cause: string } | undefined {
  if (!isObject(value)) return { cause: 'is no JSON object' };
  const id = parseId(field(value, 'updateinfo_id') ?? field(value, 'id'));
  const list = objectField(value, 'pkglist') ?? (Array.isArray(field(value, 'packages')) ? value : undefined);
  if (id === undefined || list === undefined) return { cause: 'lacks an id or a package list' };
  const type = textField(value, 'type');
  if (type !== undefined && type !== 'security') return undefined;
  const references = objectsField(value, 'references');
  const word = severityWord(textField(value, 'severity'));
  const summary = clipText(textField(value, 'title') ?? textField(value, 'summary'));
  const publishedAt = dateOf(field(value, 'issued_date'));
  const modifiedAt = dateOf(field(value, 'updated_date'));
  return {
    id,
    feed: 'almalinux',
    aliases: [],
    related: parseIds(
      references.map((reference) => field(reference, 'ref_id') ?? field(reference, 'id')),
      [id],
    ),
    upstream: [],
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    severities: word === undefined ? [] : [{ author: 'almalinux', word }],
    references: parseLinks(references.map((reference) => field(reference, 'href'))),
    affected: affectedOf(list, ecosystem),
  };
}
