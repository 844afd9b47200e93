// What Composer says is installed: vendor/composer/installed.json of either version, and installed.php beside it.
import {
  decodeText,
  field,
  isObject,
  type JsonObject,
  licenceChoice,
  listField,
  objectField,
  textField,
  textsField,
} from '@plombe/kit';
import type { FoundPackage, PackageOrigin } from '@plombe/model';
import { arrayAt, type PhpArray, parsePhpArray, textAt } from './literal.ts';

/** The packages of one file, and how many of its entries name none. */
export interface ComposerPackages {
  readonly packages: readonly FoundPackage[];
  readonly invalid: number;
}

/** Composer's rule for names (its schema, "name"), with a limit of length: vendor and project. */
export const composerNamePattern = /^([a-z0-9](?:[a-z0-9_.-]{0,99}))\/([a-z0-9](?:[a-z0-9_.-]{0,149}))$/i;
/** `v1.2.3`, `1.2.3-beta1`, `dev-feature/x`, `1.x-dev`. */
const versionPattern = /^(?:v?\d|dev-)[\x21-\x7e]{0,200}$/;

/** Reads installed.json: a list (Composer 1) or an object with `packages` and `dev-package-names` (Composer 2). Undefined where it is neither. */
export function parseInstalledJson(content: Uint8Array, path: string): ComposerPackages | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(content));
  } catch {
    return undefined;
  }
  const list: readonly unknown[] | undefined = Array.isArray(value)
    ? (value as readonly unknown[])
    : isObject(value) && Array.isArray(field(value, 'packages'))
      ? listField(value, 'packages')
      : undefined;
  if (list === undefined) return undefined;
  const told = isObject(value) ? field(value, 'dev-package-names') : undefined;
  const development =
    isObject(value) && told !== undefined ? new Set(textsField(value, 'dev-package-names')) : undefined;
  const packages = list.map((one) => (isObject(one) ? packageOf(one, path, development) : undefined));
  return {
    packages: packages.filter((one) => one !== undefined),
    invalid: packages.filter((one) => one === undefined).length,
  };
}

function packageOf(
  entry: JsonObject,
  path: string,
  development: ReadonlySet<string> | undefined,
): FoundPackage | undefined {
  const name = textField(entry, 'name') ?? '';
  const dist = objectField(entry, 'dist') ?? {};
  const source = objectField(entry, 'source') ?? {};
  const type = textField(entry, 'type');
  return found(path, name, textField(entry, 'version'), {
    licences: composerLicences(textsField(entry, 'license')),
    reference: textField(dist, 'reference') ?? textField(source, 'reference'),
    isLocal: textField(dist, 'type') === 'path',
    isDevelopment: development?.has(name),
    ...(type === undefined ? {} : { packageType: type }),
  });
}

/** Reads installed.php, which lists the same packages without licences, and those they replace or provide, which are none. */
export function parseInstalledPhp(content: Uint8Array, path: string): ComposerPackages | undefined {
  const value = parsePhpArray(decodeText(content));
  const versions = arrayAt(value, 'versions');
  if (versions === undefined) return undefined;
  const root = textAt(arrayAt(value, 'root'), 'name');
  const packages: FoundPackage[] = [];
  let invalid = 0;
  for (const [name, entry] of versions) {
    const version = textAt(entry, 'pretty_version');
    if (name === root || version === undefined) continue;
    const required = entry instanceof Map ? (entry as PhpArray).get('dev_requirement') : undefined;
    const one = found(path, name, version, {
      licences: [],
      reference: textAt(entry, 'reference'),
      isLocal: false,
      isDevelopment: typeof required === 'boolean' ? required : undefined,
    });
    if (one === undefined) invalid += 1;
    else packages.push(one);
  }
  return { packages, invalid };
}

interface Details {
  readonly licences: readonly string[];
  readonly reference: string | undefined;
  readonly isLocal: boolean;
  readonly isDevelopment: boolean | undefined;
  readonly packageType?: string;
}

function found(path: string, name: string, version: string | undefined, details: Details): FoundPackage | undefined {
  const [, vendor, project] = composerNamePattern.exec(name) ?? [];
  if (vendor === undefined || project === undefined || version === undefined || !versionPattern.test(version))
    return undefined;
  const origin = originOf(version, details.isLocal);
  const facts = {
    ...(origin === 'vcs' && details.reference !== undefined ? { commit: details.reference.slice(0, 100) } : {}),
    ...(details.packageType === 'metapackage' ? { composerType: 'metapackage' } : {}),
  };
  return {
    type: 'composer',
    namespace: vendor.toLowerCase(),
    name: project.toLowerCase(),
    version,
    licences: details.licences,
    paths: [path],
    ...(details.isDevelopment === undefined ? {} : { scope: details.isDevelopment ? 'development' : 'runtime' }),
    ...(origin === undefined ? {} : { origin }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Branches (`dev-main`, `2.x-dev`) are commits of a repository; a path repository is a part of the project. */
function originOf(version: string, isLocal: boolean): PackageOrigin | undefined {
  if (isLocal) return 'local';
  return version.startsWith('dev-') || version.endsWith('-dev') ? 'vcs' : undefined;
}

/** Returns the licences of a package: several are a choice (Composer's schema, "license"), one expression. */
export function composerLicences(declared: readonly string[]): readonly string[] {
  return licenceChoice(declared.slice(0, 16));
}
