// What cpanm, ExtUtils::MakeMaker and modules say of distributions that were installed.
import { decodeText, isObject, objectField, textField, textsField } from '@plombe/kit';
import { licencesOf } from './licences.ts';

export interface Distribution {
  readonly name: string;
  readonly version: string;
  /** The author's id on CPAN, in capitals. */
  readonly author?: string;
  /** Modules in it. */
  readonly modules: readonly string[];
}

const namePattern = /^[A-Za-z][\w.+-]{0,127}$/;
const versionPattern = /^v?\d[\w.]{0,63}(?:-TRIAL\d*)?$/;
const modulePattern = /^[A-Za-z_]\w*(?:::\w+)*$/;
const maxModules = 2000;

/** Reads install.json of a `.meta` folder; undefined where it names no distribution. Its `version` may be a number that lost its zeros. */
export function parseInstall(content: Uint8Array): Distribution | undefined {
  const value = parseJson(content);
  const [, name, version] = /^(.+?)-(v?\d[^-]*(?:-TRIAL\d*)?)$/.exec(textField(value, 'dist') ?? '') ?? [];
  if (name === undefined || version === undefined) return undefined;
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  const [, author] = /^[A-Z]\/[A-Z][A-Z0-9-]\/([A-Z][A-Z0-9-]{1,31})\//.exec(textField(value, 'pathname') ?? '') ?? [];
  const provided = Object.keys(objectField(value, 'provides') ?? {}).slice(0, maxModules);
  const modules = [textField(value, 'name') ?? '', ...provided].filter((one) => modulePattern.test(one));
  return { name, version, modules, ...(author === undefined ? {} : { author }) };
}

/** Returns version and licences of MYMETA.json. */
export function parseMeta(content: Uint8Array): { readonly version?: string; readonly licences: readonly string[] } {
  const value = parseJson(content);
  const version = textField(value, 'version') ?? '';
  const single = textField(value, 'license');
  const licences = licencesOf(single === undefined ? textsField(value, 'license') : [single]);
  return { licences, ...(versionPattern.test(version) ? { version } : {}) };
}

function parseJson(content: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Returns module → version of perllocal.pod, the last entry of each; only the lines that `isLocalLine` accepts need be there. */
export function parsePerlLocal(content: Uint8Array): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  let module = '';
  for (const line of decodeText(content).split('\n')) {
    const head = /^=head2 .*C<Module> L<([\w:]+)\|/.exec(line)?.[1];
    if (head !== undefined) module = modulePattern.test(head) ? head : '';
    const version = /^C<VERSION: (\S{1,64})>/.exec(line)?.[1];
    if (module !== '' && version !== undefined && versionPattern.test(version)) versions.set(module, version);
  }
  return versions;
}

export function isLocalLine(line: string): boolean {
  return line.startsWith('=head2 ') || line.startsWith('C<VERSION: ');
}

const versionLine =
  /(?:^|[\s;({])\$(?:\w+::)*VERSION\s*=\s*(?:(?:version\s*->\s*(?:declare|parse|new)|version::qv|qv)\s*\(?)?\s*['"]?(v?\d[\d._]*)|^\s*package\s+[\w:]+\s+(v?\d[\d._]*)\s*[;{]/;

/** Returns the version that a line of a module sets. */
export function versionOfLine(line: string): string | undefined {
  const found = versionLine.exec(line);
  return found?.[1] ?? found?.[2];
}
