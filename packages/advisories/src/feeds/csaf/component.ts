// The package that a component of a CSAF document is: by its package URL, else by a name as rpm writes it.
import { parsePurl } from '@plombe/model';
import { parseToken } from '../../normal/ids.ts';
import type { CsafPlace, CsafProduct } from './product-tree.ts';

/** A package of a statement. Without a version the statement is about every version. */
export interface CsafComponent {
  readonly type: string;
  readonly name: string;
  /** `epoch:version-release` for rpm; epoch 0 is left out. */
  readonly version?: string;
  readonly architecture?: string;
  /** rpm module `name:stream`. */
  readonly module?: string;
}

const architectures =
  'src|noarch|x86_64|i[3-6]86|aarch64|ppc64le|ppc64|ppc|s390x?|ia64|armv7hl|armv6hl|riscv64|loongarch64';
const nevra = new RegExp(
  `^(.+)-(?:(\\d+):)?([^-:\\s]+)-([^-:\\s]+?)(?:\\.(${architectures}))?(?:\\.rpm)?(?:-[^\\s]+:[^\\s]+)?$`,
);

/** Returns the package of a place; undefined where it is none that can be installed (a container image, a device). */
export function componentOf({ component, within }: CsafPlace): CsafComponent | undefined {
  const found = component.purl === undefined ? undefined : ofPurl(component.purl);
  if (found === null) return undefined;
  const named = found ?? ofName(component.id) ?? ofName(component.name);
  if (named === undefined) return undefined;
  const outer = named.module ?? within.map(moduleOf).find((module) => module !== undefined);
  return outer === undefined ? named : { ...named, module: outer };
}

function rpmVersion(epoch: string | undefined, version: string): string {
  return epoch === undefined || /^0*$/.test(epoch) ? version : `${Number(epoch)}:${version}`;
}

/** `name:stream:version:context` → `name:stream`. */
function moduleName(label: string): string | undefined {
  const [name, stream] = label.split(':');
  return name && stream ? parseToken(`${name}:${stream}`) : undefined;
}

/** A product without CPE that a package is inside of is a module: `nodejs:16`, `nodejs:16:8080020230906091311:63b34585`. */
function moduleOf({ id, cpe }: CsafProduct): string | undefined {
  return cpe === undefined && /^[\w.+-]+:[\w.+-]+(?::\d+)?(?::[0-9a-z]+)?$/.test(id) ? moduleName(id) : undefined;
}

/** Null where the package URL is of something else, undefined where it is none. */
function ofPurl(text: string): CsafComponent | null | undefined {
  if (/^pkg:rpmmod\//i.test(text)) return ofModulePurl(text);
  const purl = parsePurl(text);
  if (purl === undefined) return undefined;
  if (purl.type === 'oci' || purl.type === 'docker' || purl.type === 'generic') return null;
  const name = parseToken(
    purl.type === 'rpm' || purl.namespace === undefined ? purl.name : `${purl.namespace}/${purl.name}`,
  );
  if (name === undefined) return undefined;
  const { arch, epoch, rpmmod } = purl.qualifiers ?? {};
  const module = rpmmod === undefined ? undefined : moduleName(rpmmod);
  const written = parseToken(purl.version);
  const version = written === undefined || purl.type !== 'rpm' ? written : rpmVersion(epoch, written);
  return {
    type: purl.type,
    name,
    ...(version === undefined ? {} : { version }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(module === undefined ? {} : { module }),
  };
}

/** `pkg:rpmmod/redhat/container-tools:rhel8/buildah`, also with `@` before the stream: a package of a module. */
function ofModulePurl(text: string): CsafComponent | null {
  const path = text.replaceAll(/%3a/gi, ':').replaceAll(/%2f/gi, '/');
  const [, module, stream, name] = /^pkg:rpmmod\/[^/]+\/([^/@:]+)[@:]([^/@:]+)[^/]*\/([^/?#]+)/i.exec(path) ?? [];
  if (module === undefined || stream === undefined || parseToken(name) === undefined) return null;
  return { type: 'rpm', name: name as string, architecture: 'src', module: `${module}:${stream}` };
}

/** Product ids of Red Hat and SUSE are their rpm's file name; a bare word is a package of any version. */
function ofName(text: string): CsafComponent | undefined {
  const inModule = /^([\w.+-]+:[\w.+-]+)\/([\w.+-]+)$/.exec(text);
  if (inModule !== null) {
    return { type: 'rpm', name: inModule[2] as string, architecture: 'src', module: inModule[1] as string };
  }
  const [, name, epoch, version, release, architecture] = nevra.exec(text) ?? [];
  if (name !== undefined && /\d/.test(version ?? '') && /\d/.test(release ?? '')) {
    const parsed = parseToken(rpmVersion(epoch, `${version}-${release}`));
    if (parsed === undefined || parseToken(name) === undefined) return undefined;
    return { type: 'rpm', name, version: parsed, ...(architecture === undefined ? {} : { architecture }) };
  }
  return /^[A-Za-z0-9][\w.+-]*$/.test(text) ? { type: 'rpm', name: text } : undefined;
}
