// Shared frameworks of .NET as the packages that advisories name: `Microsoft.NETCore.App.Runtime.linux-x64`.

/** Where a shared framework is installed: `shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`. */
const sharedPath = /(?:^|\/)shared\/([A-Za-z][A-Za-z0-9.]{0,99})\/(\d[0-9A-Za-z.-]{0,60})\/\1\.deps\.json$/;

/** The framework whose list of files this is; undefined for the list of a program. */
export function sharedFramework(path: string): { readonly name: string; readonly version: string } | undefined {
  const [, name, version] = sharedPath.exec(path) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/**
 * Name of the package that brings a framework to a platform. Since .NET Core 3 advisories name these runtime packs, before it the framework itself;
 * so it does where the platform is not known.
 */
export function runtimePack(framework: string, version: string, platform: string | undefined): string {
  return platform === undefined || Number(version.split('.', 1)[0]) < 3
    ? framework
    : `${framework}.Runtime.${platform}`;
}
