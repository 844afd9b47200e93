// package.json (npm documentation, "package.json"): name, version and licence of one package.
import { decodeText, field, isObject, type JsonObject, licenceChoice, listField, textField } from '@plombe/kit';

export type PackageJson =
  | {
      readonly kind: 'package';
      /** `@scope` where the name has one. */
      readonly namespace?: string;
      readonly name: string;
      readonly version: string;
      readonly licences: readonly string[];
      readonly isPrivate: boolean;
    }
  /** Without a valid name or without a version: an application, or the marker of a folder's module type. */
  | { readonly kind: 'nameless' }
  | { readonly kind: 'broken'; readonly cause: string };

/** npm's rule for old and new packages: no slash but behind the scope, no space, nothing that a URL must encode but `@`. */
const namePattern = /^(?:(@[^/@\s%?#:]{1,214})\/)?([^/@\s%?#:][^/@\s%?#:]{0,213})$/;
/** Versions are compared as SemVer; what does not start like one (`${version}`, `workspace:*`) is a template's. */
const versionPattern = /^[v=\s]*\d[\x21-\x7e]{0,255}$/;

/** Parses one package.json. Reads own properties only (T73); never throws. */
export function parsePackageJson(content: Uint8Array): PackageJson {
  let value: unknown;
  try {
    const text = decodeText(content);
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return { kind: 'broken', cause: 'not valid JSON' };
  }
  if (!isObject(value)) return { kind: 'broken', cause: 'not a JSON object' };
  const name = namePattern.exec(textField(value, 'name') ?? '');
  const version = textField(value, 'version')?.trim() ?? '';
  if (name === null || field(value, 'version') === undefined) return { kind: 'nameless' };
  if (!versionPattern.test(version)) return { kind: 'broken', cause: 'of a package whose version is not valid' };
  return {
    kind: 'package',
    ...(name[1] === undefined ? {} : { namespace: name[1] }),
    name: name[2] as string,
    version,
    licences: licencesOf(value),
    isPrivate: field(value, 'private') === true,
  };
}

/** `license` as text or `{ type }`; `licenses`, of old, as a list of either, of which one may be chosen. A licence's text in place of its name is left out. */
function licencesOf(manifest: JsonObject): readonly string[] {
  const declared = field(manifest, 'license') ?? field(manifest, 'licence');
  const all = Array.isArray(declared)
    ? declared
    : declared === undefined
      ? listField(manifest, 'licenses')
      : [declared];
  return licenceChoice((all.slice(0, 16) as readonly unknown[]).flatMap((one) => nameOf(one) ?? []));
}

function nameOf(licence: unknown): string | undefined {
  if (!isObject(licence)) return typeof licence === 'string' ? licence : undefined;
  return textField(licence, 'type') ?? textField(licence, 'name') ?? textField(licence, 'url');
}
