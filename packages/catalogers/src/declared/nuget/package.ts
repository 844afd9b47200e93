// A package of NuGet by id and version as files say them.
import type { PackageScope, RawFile } from '@plombe/model';
import { nugetVersionPattern } from '../../dotnet/deps.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import type { Links } from '../graph.ts';

const idPattern = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}$/;

/** Adds a package; an id or version that is none is told. */
export function addPackage(
  file: RawFile,
  into: DeclaredPackages,
  name: string,
  version: string,
  said: {
    readonly scope?: PackageScope | undefined;
    readonly direct?: boolean | undefined;
    readonly weak?: boolean;
    readonly facts?: Readonly<Record<string, string>>;
    readonly links?: Links;
  },
): void {
  if (idPattern.test(name) && nugetVersionPattern.test(version))
    into.add(file, { type: 'nuget', name, version, ...said });
  else into.unreadable(file, 'has an entry whose id or version is not valid');
}

/** Returns the version that `[1.2.3]` and `1.2.3` name; undefined for ranges and floating versions. */
export function singleVersion(written: string): string | undefined {
  const version = /^\[\s*([^,\s]+)\s*\]$/.exec(written)?.[1] ?? written;
  return nugetVersionPattern.test(version) ? version : undefined;
}
