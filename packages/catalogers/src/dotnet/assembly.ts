// Assemblies that no dependency list names: what they say of themselves, as weak evidence of a NuGet package.
import type { AssemblyFacts } from '@plombe/formats';
import type { FoundPackage } from '@plombe/model';
import { nugetVersionPattern } from './deps.ts';

/** Package ids that can be: NuGet's rule is wider, names of assemblies are narrower. */
const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,199}$/;
/** `8.0.1+COMMIT`, `4.6.26515.06 @BuiltBy: …`. */
const versionText = /^v?(\d{1,10}(?:\.\d{1,10}){1,3}(?:-[0-9A-Za-z.-]{1,100})?)(?:\+\S*)?(?:[ @,].*)?$/s;
/** NuGet's cache of unpacked packages: the folder says which. */
const cachedPath = /(?:^|\/)\.nuget\/packages\/([^/]{1,200})\/(\d[^/]{0,100})\//;
/** Assemblies without code, to compile against. */
const referencePath = /(?:^|\/)refs?\/(?:[^/]+\/)?[^/]+$/;
/** Class libraries of runtimes that are installed and updated as a whole, under versions that no NuGet package has. */
const runtimeProduct = /^(?:Mono Common Language Infrastructure|Microsoft(?:\u00ae|\(R\)) \.NET Framework)$/;

/** Returns the package that an assembly speaks for; undefined for translations, reference assemblies and what has no version. */
export function assemblyPackage(path: string, { assembly, texts }: AssemblyFacts): FoundPackage | undefined {
  const [, cachedName, cachedVersion] = cachedPath.exec(path) ?? [];
  if (
    cachedName !== undefined &&
    cachedVersion !== undefined &&
    namePattern.test(cachedName) &&
    nugetVersionPattern.test(cachedVersion)
  ) {
    const facts = { nugetCache: 'true' };
    return { type: 'nuget', name: cachedName, version: cachedVersion, licences: [], paths: [path], weak: true, facts };
  }
  if (assembly?.culture !== undefined || referencePath.test(path) || runtimeProduct.test(texts.ProductName ?? ''))
    return undefined;
  const name = assembly?.name ?? path.slice(path.lastIndexOf('/') + 1).replace(/\.(?:dll|exe)$/i, '');
  const said = [texts.ProductVersion, texts.FileVersion, assembly?.version].map(
    (text) => versionText.exec(text ?? '')?.[1],
  );
  const version = said.find((one) => one !== undefined && !/^0(?:\.0)*$/.test(one));
  if (version === undefined || !namePattern.test(name)) return undefined;
  const vendor = texts.CompanyName?.slice(0, 200);
  const facts = {
    ...(assembly === undefined ? {} : { assemblyVersion: assembly.version }),
    ...(texts.FileVersion === undefined ? {} : { fileVersion: texts.FileVersion.slice(0, 100) }),
    ...(texts.ProductName === undefined ? {} : { product: texts.ProductName.slice(0, 200) }),
  };
  return {
    type: 'nuget',
    name,
    version,
    licences: [],
    ...(vendor === undefined || vendor === name ? {} : { vendor }),
    paths: [path],
    weak: true,
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}
