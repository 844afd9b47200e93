// Package URLs (purl-spec, ECMA-427): parse and format, kept small because a scan formats thousands.

/** A package URL in its parts, decoded. */
export interface PurlParts {
  readonly type: string;
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
}

/** A canonical package URL. */
export type Purl = string & { readonly __purl: unique symbol };

// Real ones have under 300 characters; longer lines are not package URLs (T56).
const maxCharacters = 4096;

// Types whose namespace and name have no case. Go's have by the specification none either, but its module paths do: theirs is kept,
// because advisories compare with it. npm's is kept for packages older than npm's rule of lower case.
const caseless: ReadonlySet<string> = new Set([
  'alpm',
  'apk',
  'bitbucket',
  'brew',
  'composer',
  'deb',
  'github',
  'hex',
  'luarocks',
  'otp',
  'pypi',
]);
const pathNames: ReadonlySet<string> = new Set(['bitbucket', 'composer', 'github', 'golang', 'npm', 'swift']);
const caselessNames: ReadonlySet<string> = new Set([...caseless, 'oci']);
const caselessNamespaces: ReadonlySet<string> = new Set([...caseless, 'rpm']);

/**
 * Formats the canonical package URL: type, and namespace and name where the type has no case, in lower case; qualifiers sorted by key,
 * empty ones and keys that are none dropped; percent-encoded except letters, digits and `.-_~:`. A lone surrogate becomes U+FFFD.
 */
export function formatPurl(parts: PurlParts): Purl {
  const type = parts.type.toLowerCase();
  let text = `pkg:${type}/`;
  const namespace = encodePath(namespaceOf(type, parts.namespace ?? ''));
  if (namespace !== '') text += `${namespace}/`;
  text += encode(nameOf(type, parts.name));
  if (parts.version !== undefined && parts.version !== '') text += `@${encode(parts.version)}`;
  if (parts.qualifiers !== undefined) text += qualifierText(parts.qualifiers);
  const subpath = (parts.subpath ?? '').split('/').filter(isPathSegment).map(encode).join('/');
  return (subpath === '' ? text : `${text}#${subpath}`) as Purl;
}

/** The package URL of type, namespace, name and version alone. */
export function barePurl({ type, namespace, name, version }: PurlParts): Purl {
  return formatPurl({
    type,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(version === undefined ? {} : { version }),
  });
}

function qualifierText(qualifiers: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(qualifiers)
    .map(([key, value]) => [key.toLowerCase(), value] as const)
    .filter(([key, value]) => value !== '' && keyPattern.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? '' : `?${sorted.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`;
}

/**
 * Parses a package URL, canonical or not; the parts are as canonical as `formatPurl` would write them. Undefined where it is none: no
 * type or name, an encoding that is not UTF-8, a qualifier key that is none or occurs twice, over 4,096 characters, or an encoded slash
 * in a path segment, unless the type's names are paths: some tools write `github.com%2Fowner%2Fmodule`.
 */
export function parsePurl(text: string): PurlParts | undefined {
  if (text.length > maxCharacters || !/^pkg:/i.test(text)) return undefined;
  const [withQualifiers, subpathText] = splitLast(text.slice(4).replace(/^\/+/, ''), '#');
  const [path, qualifierText] = splitLast(withQualifiers, '?');
  const slash = path.indexOf('/');
  const type = path.slice(0, Math.max(slash, 0)).toLowerCase();
  if (!/^[a-z][a-z0-9.+-]*$/.test(type)) return undefined;

  const rest = path.slice(slash + 1).replace(/^\/+|\/+$/g, '');
  const at = rest.lastIndexOf('@');
  const hasVersion = at > 0 && !rest.includes('/', at);
  const version = hasVersion ? decode(rest.slice(at + 1)) : '';
  const written = hasVersion ? rest.slice(0, at) : rest;
  const names = pathNames.has(type) ? written.replaceAll(/%2f/gi, '/') : written;
  const segments = decodeSegments(names, (segment) => segment !== '');
  const name = segments?.pop();
  const qualifiers = parseQualifiers(qualifierText);
  const subpath = decodeSegments(subpathText, isPathSegment);
  if (segments === undefined || name === undefined || version === undefined) return undefined;
  if (qualifiers === undefined || subpath === undefined) return undefined;
  return {
    type,
    ...(segments.length === 0 ? {} : { namespace: namespaceOf(type, segments.join('/')) }),
    name: nameOf(type, name),
    ...(version === '' ? {} : { version }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(subpath.length === 0 ? {} : { subpath: subpath.join('/') }),
  };
}

const keyPattern = /^[a-z._-][a-z0-9._-]*$/;
const plain = /^[A-Za-z0-9.\-_~:]*$/;

function namespaceOf(type: string, namespace: string): string {
  return caselessNamespaces.has(type) ? namespace.toLowerCase() : namespace;
}

function nameOf(type: string, name: string): string {
  const cased = caselessNames.has(type) ? name.toLowerCase() : name;
  return type === 'pypi' ? cased.replaceAll('_', '-') : cased;
}

function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

function encodePath(text: string): string {
  if (plain.test(text)) return text;
  return text
    .split('/')
    .filter((segment) => segment !== '')
    .map(encode)
    .join('/');
}

function isPathSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..';
}

function splitLast(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function decodeSegments(text: string, keep: (segment: string) => boolean): string[] | undefined {
  const segments: string[] = [];
  for (const encoded of text.split('/')) {
    const segment = decode(encoded);
    if (segment === undefined || segment.includes('/')) return undefined;
    if (keep(segment)) segments.push(segment);
  }
  return segments;
}

function parseQualifiers(text: string): Readonly<Record<string, string>> | undefined {
  const qualifiers = Object.create(null) as Record<string, string>;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    const value = decode(pair.slice(equals + 1));
    if (value === undefined || !keyPattern.test(key) || key in qualifiers) return undefined;
    if (value !== '') qualifiers[key] = value;
  }
  return qualifiers;
}
