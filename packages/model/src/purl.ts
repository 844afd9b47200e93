// Package URLs (purl-spec): parse and format, kept small because a scan formats thousands.

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

const plain = /^[A-Za-z0-9.\-_~:]*$/;

function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

function encodePath(text: string): string {
  return text.split('/').filter(Boolean).map(encode).join('/');
}

const lowerCaseNames: ReadonlySet<string> = new Set(['deb', 'apk', 'pypi', 'github', 'bitbucket', 'composer', 'hex']);

/** Formats the canonical package URL: qualifiers sorted by key, empty ones dropped, percent-encoding per purl-spec. */
export function formatPurl(parts: PurlParts): Purl {
  const type = parts.type.toLowerCase();
  let name = lowerCaseNames.has(type) ? parts.name.toLowerCase() : parts.name;
  if (type === 'pypi') name = name.replaceAll('_', '-');
  let text = `pkg:${type}/`;
  if (parts.namespace) {
    const namespace = lowerCaseNames.has(type) || type === 'rpm' ? parts.namespace.toLowerCase() : parts.namespace;
    text += `${encodePath(namespace)}/`;
  }
  text += encode(name);
  if (parts.version) text += `@${encode(parts.version)}`;
  const qualifiers = Object.entries(parts.qualifiers ?? {})
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key.toLowerCase()}=${encode(value)}`)
    .sort();
  if (qualifiers.length > 0) text += `?${qualifiers.join('&')}`;
  const subpath = parts.subpath ? encodePath(parts.subpath) : '';
  return (subpath ? `${text}#${subpath}` : text) as Purl;
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Parses a package URL per purl-spec; undefined where it is not one. Input over 4,096 characters is refused. */
export function parsePurl(text: string): PurlParts | undefined {
  if (text.length > 4096 || !/^pkg:/i.test(text)) return undefined;
  let rest = text.slice(4).replace(/^\/+/, '');
  let subpath: string | undefined;
  const hash = rest.lastIndexOf('#');
  if (hash >= 0) {
    subpath = decode(rest.slice(hash + 1).replace(/^\/+|\/+$/g, ''));
    rest = rest.slice(0, hash);
  }
  const qualifiers: Record<string, string> = Object.create(null) as Record<string, string>;
  const question = rest.lastIndexOf('?');
  if (question >= 0) {
    for (const pair of rest.slice(question + 1).split('&')) {
      const equals = pair.indexOf('=');
      if (equals <= 0) continue;
      const value = decode(pair.slice(equals + 1));
      if (value === undefined) return undefined;
      if (value !== '') qualifiers[pair.slice(0, equals).toLowerCase()] = value;
    }
    rest = rest.slice(0, question);
  }
  const slash = rest.indexOf('/');
  if (slash <= 0) return undefined;
  const type = rest.slice(0, slash).toLowerCase();
  if (!/^[a-z][a-z0-9.+-]*$/.test(type)) return undefined;
  rest = rest.slice(slash + 1).replace(/^\/+|\/+$/g, '');
  const at = rest.lastIndexOf('@');
  const hasVersion = at > 0 && rest.indexOf('/', at) < 0;
  const version = hasVersion ? decode(rest.slice(at + 1)) : undefined;
  const segments = (hasVersion ? rest.slice(0, at) : rest).split('/').filter(Boolean).map(decode);
  const name = segments.pop();
  if (name === undefined || name === '' || segments.includes(undefined)) return undefined;
  if (hasVersion && version === undefined) return undefined;
  const namespace = segments.length > 0 ? segments.join('/') : undefined;
  return {
    type,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(version === undefined ? {} : { version }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(subpath ? { subpath } : {}),
  };
}
