// Shared frameworks of .NET as the packages that advisories name: `Microsoft.NETCore.App.Runtime.linux-x64`.

/** Where a shared framework is installed: `shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`. */
const sharedPath = /(?:^|\/)shared\/([A-Za-z][A-Za-z0-9.]{0,99})\/(\d[0-9A-Za-z.-]{0,60})\/\1\.deps\.json$/;

/** The framework whose list of files this is; undefined for the list of a program. */
export function sharedFramework(path: string): { readonly name: string; readonly version: string } | undefined {
  const [, name, version] = sharedPath.exec(path) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Platforms of .NET that a distribution built for itself: `ubuntu.22.04-x64`, `alpine.3.18-arm64`. */
const distributionPlatform =
  /^(alpine|arch|azurelinux|centos|debian|fedora|linuxmint|mariner|ol|opensuse|rhel|rocky|sles|tizen|ubuntu)[.\d]*-(\w{2,10})$/;
const packName = /^(.+\.App)\.Runtime\.([a-z][a-z0-9.-]+)$/;

/** The platform that Microsoft publishes packages for: a distribution's own .NET is the same code. `rhel.6` is one of those itself. */
function publishedPlatform(platform: string): string {
  const [, distribution, architecture] = distributionPlatform.exec(platform) ?? [];
  if (distribution === undefined || platform.startsWith('rhel.6-')) return platform;
  return `${distribution === 'alpine' ? 'linux-musl' : 'linux'}-${architecture}`;
}

/**
 * Name of the package that brings a framework to a platform. Since .NET Core 3 advisories name these runtime packs, before it the framework itself;
 * so it does where the platform is not known.
 */
export function runtimePack(framework: string, version: string, platform: string | undefined): string {
  if (platform === undefined || Number(version.split('.', 1)[0]) < 3) return framework;
  return `${framework}.Runtime.${publishedPlatform(platform)}`;
}

/** The name that advisories have for a runtime pack that a distribution built; any other name as it is. */
export function publishedName(name: string): string {
  const [, framework, platform] = packName.exec(name) ?? [];
  return framework === undefined || platform === undefined
    ? name
    : `${framework}.Runtime.${publishedPlatform(platform)}`;
}
