// pom.xml (Maven POM 4.0.0): only what names the project, its parent, its properties and its licences; nothing is fetched (T16).

/** What is kept of a pom.xml. Values as written, with `${…}` in them. */
export interface Pom {
  readonly group?: string;
  readonly artifact?: string;
  readonly version?: string;
  readonly parent?: { readonly group: string; readonly artifact: string; readonly version: string };
  readonly properties: Readonly<Record<string, string>>;
  readonly licences: readonly string[];
}

const maxProperties = 500;
const maxLicences = 8;
const maxDepth = 64;
const maxText = 512;
/** The elements of which text is kept, as paths below `project`. */
const wanted =
  /^(?:groupId|artifactId|version|parent\/(?:groupId|artifactId|version)|properties\/[^/]+|licenses\/license\/(?:name|url))$/;

/** Reads a pom. Undefined where the root is not `project`, or the elements are not closed as they were opened. */
export function parsePom(xml: string): Pom | undefined {
  const values = new Map<string, string>();
  const licences: string[] = [];
  const stack: string[] = [];
  let text = '';
  const token =
    /<!--[^]*?(?:-->|$)|<!\[CDATA\[([^]*?)(?:\]\]>|$)|<\?[^]*?(?:\?>|$)|<![^<>]{0,4096}>|<(\/?)([^\s/<>]{1,256})(?=[\s/>])([^<>]{0,4096})>|([^<]+)|</g;
  for (let match = token.exec(xml); match !== null; match = token.exec(xml)) {
    const [, cdata, slash, name, attributes, plain] = match;
    if (plain !== undefined) text += text.length > maxText ? '' : decodeEntities(plain);
    else if (cdata !== undefined) text += text.length > maxText ? '' : cdata;
    else if (name === undefined) continue;
    else if (slash === '') {
      text = '';
      if (attributes?.endsWith('/') === true) continue;
      stack.push(name);
      if (stack.length > maxDepth || stack[0] !== 'project') return undefined;
    } else {
      if (stack.pop() !== name) return undefined;
      keep([...stack.slice(1), name].join('/'), text.trim(), values, licences);
      text = '';
    }
  }
  if (values.size === 0 || stack.length > 0) return undefined;
  const of = (path: string): string | undefined => values.get(path);
  const parentVersion = of('parent/version');
  const parentGroup = of('parent/groupId');
  const [group, artifact, version] = [of('groupId'), of('artifactId'), of('version')];
  return {
    ...(group === undefined ? {} : { group }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(version === undefined ? {} : { version }),
    ...(parentVersion === undefined || parentGroup === undefined
      ? {}
      : { parent: { group: parentGroup, artifact: of('parent/artifactId') ?? '', version: parentVersion } }),
    properties: Object.fromEntries(
      [...values].flatMap(([path, value]) => (path.startsWith('properties/') ? [[path.slice(11), value]] : [])),
    ),
    licences,
  };
}

function keep(path: string, text: string, values: Map<string, string>, licences: string[]): void {
  if (text === '' || text.length > maxText || !wanted.test(path)) return;
  if (path.startsWith('licenses/')) {
    if (path.endsWith('/name') && licences.length < maxLicences) licences.push(text);
  } else if (values.size < maxProperties && !values.has(path)) values.set(path, text);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five of XML and numbers; a pom's own entities are not expanded. */
function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, dec, hex) => {
    if (name !== undefined) return entities[name as string] as string;
    const code = dec === undefined ? Number.parseInt(hex as string, 16) : Number(dec);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : (whole as string);
  });
}

export interface Coordinates {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/** Parents that inherit from each other in a circle end here; real ones are under ten deep. */
const maxParents = 16;
const maxExpansions = 32;

/** Fills in what a pom inherits, from its own text and from the poms beside it. Undefined where something stays open. */
export function resolvePom(
  pom: Pom,
  others: readonly Pom[],
): (Coordinates & { readonly licences: readonly string[] }) | undefined {
  const chain = lineage(pom, others);
  const properties = new Map<string, string>();
  for (const one of chain)
    for (const [key, value] of Object.entries(one.properties)) if (!properties.has(key)) properties.set(key, value);
  const { parent } = pom;
  const group = pom.group ?? parent?.group ?? '';
  const version = pom.version ?? parent?.version ?? '';
  for (const prefix of ['project.', 'pom.', '']) {
    const own = { groupId: group, version, artifactId: pom.artifact ?? '' };
    const inherited = parent === undefined ? {} : { 'parent.version': parent.version, 'parent.groupId': parent.group };
    for (const [key, value] of Object.entries({ ...own, ...inherited })) {
      if (prefix !== '' || !properties.has(key)) properties.set(prefix + key, value);
    }
  }
  const filled = [group, pom.artifact ?? '', version].map((text) => expand(text, properties));
  if (filled.some((text) => text === '' || text.includes('${'))) return undefined;
  const licences = chain.find((one) => one.licences.length > 0)?.licences ?? [];
  return { group: filled[0] as string, artifact: filled[1] as string, version: filled[2] as string, licences };
}

function lineage(pom: Pom, others: readonly Pom[]): readonly Pom[] {
  const chain = [pom];
  for (let next = pom.parent; next !== undefined && chain.length < maxParents;) {
    const parent: Pom | undefined = others.find(
      (one) => one.artifact === next?.artifact && (one.group ?? one.parent?.group) === next?.group,
    );
    if (parent === undefined || chain.includes(parent)) break;
    chain.push(parent);
    next = parent.parent;
  }
  return chain;
}

/** Replaces `${name}` again and again, at most 32 times in all: a property that names itself stays as it is. */
function expand(text: string, properties: ReadonlyMap<string, string>): string {
  let left = maxExpansions;
  let result = text;
  while (left > 0) {
    left -= 1;
    const found = /\$\{([^${}]{1,256})\}/.exec(result);
    const value = found === null ? undefined : properties.get(found[1] as string);
    if (found === null || value === undefined || value.length + result.length > 1024) break;
    result = result.slice(0, found.index) + value + result.slice(found.index + found[0].length);
  }
  return result;
}
