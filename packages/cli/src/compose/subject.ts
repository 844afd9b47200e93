// From what the caller wrote to inventories: images through their sources, package URLs and SBOMs directly.
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { buildInventory, Exclusion, parsePurlList } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import { parsePlatform, resolveSubject } from '@plombe/oci';
import type { Context, Image, Inventory } from '@plombe/model';
import { looksLikeSbom, maxSbomBytes, readSbom } from '@plombe/sbom';
import type { Settings } from '../settings/settings.ts';
import { cacheFolder } from './folders.ts';
import { openRegistry } from './registry.ts';

/** A list of a million package URLs has some 80 MB. */
const maxListBytes = 256 * mebibyte;

/**
 * Yields the inventory of each image the subject names: one, or one per platform with `--all-platforms`. Throws what the
 * sources throw (`subject/unresolved`, `registry/…`, `source/…`, `sbom/…`).
 */
export async function* openSubject(subject: string, values: Settings, ctx: Context): AsyncIterable<Inventory> {
  const list = readPurls(subject);
  if (list !== undefined) {
    yield parsePurlList(list, subject);
    return;
  }
  const document = sbomPath(subject);
  if (document !== undefined) {
    yield readSbomFile(document, subject);
    return;
  }
  const exclusion = values.exclude === undefined ? undefined : new Exclusion(values.exclude);
  for await (const image of openImages(subject, values, ctx, exclusion)) {
    yield await buildInventory(
      image,
      {
        cacheDirectory: cacheFolder(values),
        ...(values.cacheMaxMiB === undefined ? {} : { cacheMaxBytes: values.cacheMaxMiB * mebibyte }),
        verify: values.verify ?? 'auto',
        onlySystem: values.packages === 'system',
        ...(exclusion === undefined ? {} : { exclusion }),
        ...(values.declared === undefined ? {} : { declared: values.declared }),
        ...(values.concurrency === undefined ? {} : { concurrency: values.concurrency }),
      },
      ctx,
    );
  }
}

/** Yields the images themselves, each open until the next one is asked for; folders that are excluded are not entered. Throws as `openSubject`. */
export async function* openImages(
  subject: string,
  values: Settings,
  ctx: Context,
  exclusion?: Exclusion,
): AsyncIterable<Image> {
  const platform = platformOf(values);
  const registry = openRegistry(values, ctx);
  try {
    const images = await resolveSubject(
      subject,
      {
        registry: registry.source,
        ...(platform === undefined ? {} : { platform }),
        ...(values.allPlatforms === true ? { allPlatforms: true } : {}),
        ...(exclusion === undefined ? {} : { skipsFolder: (path: string) => exclusion.skipsFolder(path) }),
      },
      ctx,
    );
    for (const image of images) {
      try {
        yield image;
      } finally {
        await image.close();
      }
    }
  } finally {
    registry.close();
  }
}

function platformOf({ platform, allPlatforms }: Settings): ReturnType<typeof parsePlatform> | undefined {
  if (platform === undefined) return undefined;
  if (allPlatforms === true)
    throw new PlombeError('config/invalid', '--platform and --all-platforms exclude each other.');
  try {
    return parsePlatform(platform);
  } catch (thrown) {
    throw new PlombeError('config/invalid', messageOf(thrown), { cause: thrown });
  }
}

/** The text of `purls:FILE` (`-`: standard input) or `purl:…`; undefined for every other subject. */
function readPurls(subject: string): string | undefined {
  if (subject.startsWith('purl:')) return subject.slice('purl:'.length).replace(/^(?!pkg:)/, 'pkg:');
  if (subject.startsWith('pkg:')) return subject;
  if (!subject.startsWith('purls:')) return undefined;
  const path = subject.slice('purls:'.length);
  try {
    if (path !== '-' && statSync(path).size > maxListBytes) throw new Error('it is larger than 256 MiB');
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (thrown) {
    throw new PlombeError('source/unreadable', `The list ${inert(path)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** The path of `sbom:FILE` (`-`: standard input), or of a file that begins as an SBOM does; undefined for every other subject. */
function sbomPath(subject: string): string | undefined {
  if (subject.startsWith('sbom:')) return subject.slice('sbom:'.length);
  if (statSync(subject, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const head = Buffer.alloc(512);
  const file = openSync(subject, 'r');
  try {
    return looksLikeSbom(head.subarray(0, readSync(file, head))) ? subject : undefined;
  } finally {
    closeSync(file);
  }
}

/** Throws `source/unreadable`, `sbom/malformed` and `sbom/limit`. */
function readSbomFile(path: string, subject: string): Inventory {
  const name = path === '-' ? 'standard input' : path;
  let bytes: Uint8Array;
  try {
    bytes = path === '-' ? readFileSync(0) : readBounded(path, maxSbomBytes);
  } catch (thrown) {
    // Larger than any SBOM is said as such, whatever it is read from.
    if (thrown instanceof RangeError)
      throw new PlombeError('sbom/limit', `The SBOM ${inert(name)} is not read: ${thrown.message}`);
    throw new PlombeError('source/unreadable', `The SBOM ${inert(name)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  return readSbom(bytes, name, subject);
}
