// pacman's `desc` (libalpm, "Local database"): names of fields in percent signs, a value in each line below, an empty line behind.
import { decodeText, declaredLicences } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';

/** PKGBUILD(5): lower-case letters, digits and `@._+-`; capitals occur. */
const namePattern = /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]{0,255}$/;
/** `[epoch:]pkgver-pkgrel`, PKGBUILD(5). */
const versionPattern = /^[\x21-\x7e]{1,256}$/;
const maxLicences = 32;
const maxLicenceLength = 200;

const fieldLine = /^%[A-Z0-9]+%$/;

/** Returns the package that a `desc` describes, undefined where it has no valid name or version. Never throws. */
export function parseDesc(
  content: Uint8Array,
  path: string,
  distributionId: string | undefined,
): FoundPackage | undefined {
  const fields = fieldsOf(decodeText(content));
  const name = fields.get('%NAME%')?.[0] ?? '';
  const version = fields.get('%VERSION%')?.[0] ?? '';
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  const architecture = fields.get('%ARCH%')?.[0];
  const base = fields.get('%BASE%')?.[0] ?? '';
  return {
    type: 'alpm',
    namespace: distributionId ?? 'arch',
    name,
    version,
    ...(architecture !== undefined && /^[a-z0-9_]{1,32}$/.test(architecture) ? { architecture } : {}),
    source: { name: namePattern.test(base) ? base : name, version },
    licences: licencesOf(fields.get('%LICENSE%') ?? []),
    paths: [path],
  };
}

function licencesOf(declared: readonly string[]): readonly string[] {
  const names = declared.slice(0, maxLicences).filter((name) => name.length <= maxLicenceLength);
  return declaredLicences(names);
}

/** The first block of each field counts. */
function fieldsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line === '') values = undefined;
    else if (values !== undefined) values.push(line);
    else if (fieldLine.test(line)) {
      values = [];
      if (!fields.has(line)) fields.set(line, values);
    }
  }
  return fields;
}
