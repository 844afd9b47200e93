// Licences that NuGet packages declare, in the manifest that NuGet unpacks with each (learn.microsoft.com/nuget/reference/nuspec).
import { parseXml } from '@plombe/formats';
import { decodeText, declaredLicences, licenceExpression } from '@plombe/kit';
import type { FoundPackage, RawFile } from '@plombe/model';

/** Ending of a manifest of NuGet. */
export const nuspecEnd = '.nuspec';

/** What NuGet writes as the address where the licence is said otherwise, which is no licence. */
const noAddress = /^https?:\/\/aka\.ms\/deprecateLicenseUrl$/i;
/** Addresses of NuGet itself, which have the expression in them. */
const nugetAddress = /^https?:\/\/licenses\.nuget\.org\/(.+)$/i;

/** Returns the packages with the licences of those whose manifest is among the files; a package that has some keeps them. */
export function withLicences(packages: readonly FoundPackage[], files: readonly RawFile[]): readonly FoundPackage[] {
  const licences = new Map<string, readonly string[]>();
  for (const file of files) {
    const said = file.path.endsWith(nuspecEnd) && !file.truncated ? licenceIn(decodeText(file.content)) : undefined;
    if (said !== undefined) licences.set(keyOf(said), said.licences);
  }
  if (licences.size === 0) return packages;
  return packages.map((one) => {
    const found = one.licences.length > 0 ? undefined : licences.get(keyOf(one));
    return found === undefined ? one : { ...one, licences: found };
  });
}

/** NuGet compares names without case. */
function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name.toLowerCase()} ${version.toLowerCase()}`;
}

/** Reads a manifest; undefined where it cannot be read or declares no licence by name or address. Never throws. */
export function licenceIn(
  text: string,
): { readonly name: string; readonly version: string; readonly licences: readonly string[] } | undefined {
  let name = '';
  let version = '';
  let expression: string | undefined;
  let address: string | undefined;
  try {
    parseXml(text.replace(/^\uFEFF/, ''), {
      close(element) {
        if (element.path.length !== 2 || element.path[1] !== 'metadata') return;
        if (element.name === 'id') name = element.text;
        if (element.name === 'version') version = element.text;
        if (element.name === 'license' && element.attributes['type'] === 'expression') expression = element.text;
        if (element.name === 'licenseUrl') address = element.text;
      },
    });
  } catch {
    return undefined;
  }
  const licences = expression === undefined ? addressed(address) : declaredLicences([expression]);
  return name === '' || version === '' || licences.length === 0 ? undefined : { name, version, licences };
}

/** What an address means; an address that means no licence of the list says nothing. */
function addressed(address: string | undefined): readonly string[] {
  if (address === undefined || noAddress.test(address)) return [];
  const own = nugetAddress.exec(address)?.[1];
  const meant = licenceExpression(own === undefined ? address : own.replaceAll(/%20|\+(?=OR|AND|WITH)/g, ' '));
  return meant === undefined ? [] : [meant];
}
