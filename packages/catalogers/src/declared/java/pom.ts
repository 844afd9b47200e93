// pom.xml of source trees: what a project asks for, with what it inherits from poms of the same tree (maven.apache.org, "POM Reference").
import { parseXml } from '@plombe/formats';

export interface PomDependency {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly scope: string;
  readonly type: string;
  readonly classifier: string;
  readonly optional: boolean;
}

export interface PomParent {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  /** Absent: Maven's default, the pom.xml of the folder above. Empty: not in the tree. */
  readonly relativePath?: string;
}

/** What is kept of a pom.xml. Values as written, with `${…}` in them. */
export interface SourcePom {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly parent?: PomParent;
  readonly properties: ReadonlyMap<string, string>;
  readonly dependencies: readonly PomDependency[];
  readonly managed: readonly PomDependency[];
}

const base = 'project';
const dependencyPath = `${base}/dependencies/dependency`;
const managedPath = `${base}/dependencyManagement/dependencies/dependency`;
/** The largest managed list known to us, Quarkus' BOM, has 4,000. */
const maxDependencies = 20_000;
const maxProperties = 20_000;

/** Reads a pom.xml; undefined where its root is another element. Throws XmlError where it is no XML. Profiles and plugins are left out. */
export function parseSourcePom(text: string): SourcePom | undefined {
  const own = new Map<string, string>();
  const properties = new Map<string, string>();
  const dependencies: PomDependency[] = [];
  const managed: PomDependency[] = [];
  let current = new Map<string, string>();
  let root: string | undefined;
  parseXml(text, {
    open: ({ name, path }) => {
      root ??= name;
      if (name === 'dependency' && path.length < 5) current = new Map();
    },
    close: ({ name, path, text: value }) => {
      if (root !== base) return;
      const place = path.join('/');
      if (place === dependencyPath || place === managedPath) current.set(name, value.trim());
      else if (
        name === 'dependency' &&
        (place === `${base}/dependencies` || place === `${base}/dependencyManagement/dependencies`)
      ) {
        const list = place === `${base}/dependencies` ? dependencies : managed;
        if (list.length < maxDependencies) list.push(dependencyOf(current));
      } else if (place === `${base}/properties` && properties.size < maxProperties) properties.set(name, value.trim());
      else if (place === base || place === `${base}/parent`)
        own.set(place === base ? name : `parent/${name}`, value.trim());
    },
  });
  if (root !== base) return undefined;
  const [group = '', artifact = '', version = ''] = ['groupId', 'artifactId', 'version'].map((name) =>
    own.get(`parent/${name}`),
  );
  const relativePath = own.get('parent/relativePath');
  return {
    group: own.get('groupId') ?? group,
    artifact: own.get('artifactId') ?? '',
    version: own.get('version') ?? version,
    ...(artifact === ''
      ? {}
      : { parent: { group, artifact, version, ...(relativePath === undefined ? {} : { relativePath }) } }),
    properties,
    dependencies,
    managed,
  };
}

function dependencyOf(values: ReadonlyMap<string, string>): PomDependency {
  const of = (name: string, fallback = ''): string => values.get(name) ?? fallback;
  return {
    group: of('groupId'),
    artifact: of('artifactId'),
    version: of('version'),
    scope: of('scope'),
    type: of('type', 'jar'),
    classifier: of('classifier'),
    optional: of('optional') === 'true',
  };
}
