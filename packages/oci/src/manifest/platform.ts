// Choice of a platform in an index, with the defaults and variants of containerd.
import type { Descriptor, Platform } from '@plombe/model';
import { formatPlatform } from '@plombe/model';
import { PlombeError, inert, sortedUnique } from '@plombe/kit';
import type { IndexDocument } from './manifest.ts';
import { isImageConfig, manifestKind } from './media-types.ts';

const architectureNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  i386: '386',
  ia32: '386',
};

/** Parses `os/architecture[/variant]` as `--platform` takes it, or `windows(10.0.17763)/amd64`. Throws `config/invalid`. */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9_]+)(?:\(([0-9A-Za-z.]+)\))?\/([a-z0-9_-]+)(?:\/([a-z0-9.]+))?$/i.exec(text);
  if (text.length > 100 || match === null) {
    throw new PlombeError('config/invalid', `"${inert(text.slice(0, 100))}" is not a platform.`, {
      remedy: 'Write os/architecture or os/architecture/variant, such as linux/amd64 or linux/arm/v7.',
    });
  }
  const [, os = '', osVersion, architecture = '', variant] = match;
  const lower = architecture.toLowerCase();
  const implied = lower === 'armel' ? 'v6' : undefined;
  return normalisePlatform({
    os: os.toLowerCase() === 'macos' ? 'darwin' : os.toLowerCase(),
    architecture: architectureNames[lower] ?? lower,
    ...((variant ?? implied) ? { variant: (variant ?? implied ?? '').toLowerCase() } : {}),
    ...(osVersion ? { osVersion } : {}),
  });
}

/** Returns the platform whose images this machine would run: Linux and its architecture. */
export function hostPlatform(): Platform {
  const architecture = architectureNames[process.arch] ?? process.arch;
  return normalisePlatform({ os: 'linux', architecture });
}

/** Drops the variant that an architecture means anyway (`amd64/v1`, `arm64/v8`) and names the one it implies (`arm` is `arm/v7`). */
export function normalisePlatform(platform: Platform): Platform {
  const { variant, ...rest } = platform;
  const architecture = architectureNames[rest.architecture] ?? rest.architecture;
  const plain = variant?.replace(/^(?=[0-9])/, 'v');
  const implied = architecture === 'amd64' ? 'v1' : architecture === 'arm64' ? 'v8' : undefined;
  if (architecture === 'arm') return { ...rest, architecture, variant: plain ?? 'v7' };
  return plain === undefined || plain === implied
    ? { ...rest, architecture }
    : { ...rest, architecture, variant: plain };
}

/** Entries of an index that are images or indexes: attestations (`unknown/unknown`) and other artifacts are left out. One per digest. */
export function imageEntries(index: IndexDocument): readonly Descriptor[] {
  const seen = new Set<string>();
  return index.manifests.filter((entry) => {
    if (seen.has(entry.digest) || !isImageEntry(entry)) return false;
    seen.add(entry.digest);
    return true;
  });
}

function isImageEntry(entry: Descriptor): boolean {
  const kind = manifestKind(entry.mediaType);
  if (kind !== 'manifest' && kind !== 'index') return false;
  if (entry.platform?.os === 'unknown' || entry.platform?.architecture === 'unknown') return false;
  if (entry.annotations?.['vnd.docker.reference.type'] !== undefined) return false;
  return entry.artifactType === undefined || isImageConfig(entry.artifactType);
}

/**
 * Chooses the entry for a platform. Without one asked for it is this machine's, or the only image there is. The best variant
 * at or below the one wanted wins, the first of equals. Throws `registry/platform` with the list of what there is.
 */
export function choosePlatform(index: IndexDocument, wanted: Platform | undefined, subject: string): Descriptor {
  const entries = imageEntries(index);
  const platform = normalisePlatform(wanted ?? hostPlatform());
  let best: { entry: Descriptor; rank: number } | undefined;
  for (const entry of entries) {
    const rank = entry.platform === undefined ? undefined : platformRank(platform, entry.platform);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { entry, rank };
  }
  if (best !== undefined) return best.entry;
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && (wanted === undefined || only.platform === undefined)) return only;
  const offered = sortedUnique(entries.map((entry) => (entry.platform ? formatPlatform(entry.platform) : 'unnamed')));
  const list = offered.length === 0 ? 'no image at all' : inert(offered.slice(0, 50).join(', ').slice(0, 1000));
  throw new PlombeError(
    'registry/platform',
    `${subject} has no image for ${formatPlatform(platform)}; it has ${list}.`,
  );
}

/** Returns 0 for an exact match, more for a lower variant that runs there too, undefined for none. */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const want = normalisePlatform(wanted);
  const have = normalisePlatform(offered);
  if (want.os !== have.os || want.architecture !== have.architecture) return undefined;
  if (want.osVersion !== undefined && want.osVersion !== have.osVersion) return undefined;
  if (want.variant === have.variant) return 0;
  const level = (platform: Platform): number =>
    Number(/^v([0-9]{1,3})$/.exec(platform.variant ?? (platform.architecture === 'arm64' ? 'v8' : 'v1'))?.[1]);
  const difference = level(want) - level(have);
  return difference > 0 ? difference : undefined;
}
