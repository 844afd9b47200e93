// SPDX 2.3 documents (JSON) that name pkg:bitnami, and Bitnami's list of components. Never throws; reads own properties only (T73).
import { declaredLicences, decodeText, field, isObject, type JsonObject, objectsField, textField } from '@plombe/kit';
import { parsePurl, type FoundPackage } from '@plombe/model';

export interface ParsedComponents {
  readonly packages: readonly FoundPackage[];
  /** What is wrong with the file, as the end of a sentence. */
  readonly cause?: string;
}

/** Packages of one document, and components of one list: real ones have under 500 and 20. */
const maxPackages = 20_000;
const maxCpes = 10;

function parseObject(content: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The locators of one kind of reference: `purl`, `cpe23Type`. */
function referencesOf(item: JsonObject, type: string): string[] {
  return objectsField(item, 'externalRefs')
    .slice(0, 1000)
    .filter((reference) => textField(reference, 'referenceType') === type)
    .map((reference) => textField(reference, 'referenceLocator') ?? '');
}

/** SPDX's words for nothing said are no licences. */
function licenceOf(item: JsonObject): readonly string[] {
  const text = (textField(item, 'licenseDeclared') ?? textField(item, 'licenseConcluded') ?? '').trim();
  return declaredLicences([text]);
}

function packageOf(item: JsonObject, path: string): FoundPackage | undefined {
  const purl = referencesOf(item, 'purl')
    .map(parsePurl)
    .find((parts) => parts?.type === 'bitnami');
  if (purl === undefined) return undefined;
  const version = purl.version ?? textField(item, 'versionInfo') ?? '';
  if (purl.name === '' || !isPlain(version)) return undefined;
  const { arch, ...qualifiers } = purl.qualifiers ?? {};
  // Bitnami leaves the part open: `cpe:2.3:*:redis:redis:…`.
  const cpes = referencesOf(item, 'cpe23Type')
    .filter((cpe) => /^cpe:2\.3:[aoh*]:\S{3,500}$/.test(cpe))
    .map((cpe) => cpe.replace(/^cpe:2\.3:\*/, 'cpe:2.3:a'));
  return {
    type: 'bitnami',
    name: purl.name,
    version,
    ...(arch === undefined || arch === '' ? {} : { architecture: arch }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    licences: licenceOf(item),
    vendor: 'Bitnami',
    ...(cpes.length === 0 ? {} : { cpes: cpes.slice(0, maxCpes) }),
    paths: [path],
  };
}

function isPlain(text: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(text);
}

/** Returns the packages with a purl of type bitnami: the component, and what of Bitnami's is in it. */
export function parseBitnamiSpdx(content: Uint8Array, path: string): ParsedComponents {
  const value = parseObject(content);
  if (value === undefined || !/^SPDX-2\.\d/.test(textField(value, 'spdxVersion') ?? ''))
    return { packages: [], cause: 'is no SPDX document in JSON' };
  const packages = objectsField(value, 'packages')
    .slice(0, maxPackages)
    .map((item) => packageOf(item, path))
    .filter((found) => found !== undefined);
  return { packages };
}

/** Returns the components of `.bitnami_components.json`: `{ "redis": { "arch": "amd64", "distro": "debian-11", "version": "7.0.4-1" } }`. */
export function parseComponentList(content: Uint8Array, path: string): ParsedComponents {
  const value = parseObject(content);
  if (value === undefined) return { packages: [], cause: 'is no list of components' };
  const packages = Object.keys(value)
    .slice(0, maxPackages)
    .flatMap((name): FoundPackage[] => {
      const component = field(value, name);
      const version = isObject(component) ? (textField(component, 'version') ?? '') : '';
      if (!isObject(component) || !/^[A-Za-z0-9][\w.+-]{0,199}$/.test(name) || !isPlain(version)) return [];
      const architecture = textField(component, 'arch') ?? '';
      const distro = textField(component, 'distro') ?? '';
      return [
        {
          type: 'bitnami',
          name: name.toLowerCase(),
          version,
          ...(isPlain(architecture) ? { architecture } : {}),
          ...(isPlain(distro) ? { qualifiers: { distro } } : {}),
          licences: [],
          vendor: 'Bitnami',
          paths: [path],
        },
      ];
    });
  return { packages };
}
