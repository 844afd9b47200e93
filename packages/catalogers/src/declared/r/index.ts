// Packages of R as renv.lock and pkg.lock declare them (rstudio.github.io/renv, "Lockfiles"; pak.r-lib.org, "lockfile_create").
import { field, isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import { licencesOf } from '../../r/licences.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { baseName, jsonOf, lockFile } from '../read.ts';

/** renv.lock, and the lock files of pak. */
export const rLockCataloger = declaring(
  'r-lock',
  byBaseName({ 'renv.lock': lockFile, 'pkg.lock': lockFile, 'pak.lock': lockFile }),
  (files, into) => {
    for (const file of files) {
      const lock = jsonOf(file, into);
      if (lock === undefined) continue;
      if (baseName(file.path) === 'renv.lock') readRenvLock(file, lock, into);
      else readPakLock(file, lock, into);
    }
  },
);

const namePattern = /^[A-Za-z][A-Za-z0-9.]{0,126}$/;
const versionPattern = /^\d{1,18}(?:[.-]\d{1,18}){1,20}$/;

function readRenvLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  const packages = objectField(lock, 'Packages');
  if (packages === undefined) return into.unreadable(file, 'is no lock file of renv: it has no Packages');
  for (const entry of Object.values(packages)) {
    const said = isObject(entry) ? entry : {};
    const source = textField(said, 'Source') ?? '';
    const isBioconductor =
      source === 'Bioconductor' ||
      /bioc/i.test(textField(said, 'Repository') ?? '') ||
      (textField(said, 'git_url')?.startsWith('https://git.bioconductor.org/') ?? false);
    const place = [textField(said, 'RemoteUsername'), textField(said, 'RemoteRepo')].filter((one) => one !== undefined);
    add(file, into, {
      name: textField(said, 'Package') ?? '',
      version: textField(said, 'Version') ?? '',
      isBioconductor,
      origin: isBioconductor || /^(?:Repository|CRAN|RSPM|PPM)$/i.test(source) ? undefined : originOf(source),
      from: place.length === 2 ? place.join('/') : textField(said, 'RemoteUrl'),
      commit: textField(said, 'RemoteSha'),
      licence: textField(said, 'License'),
    });
  }
}

function readPakLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  if (!Array.isArray(field(lock, 'packages')))
    return into.unreadable(file, 'is no lock file of pak: it has no packages');
  for (const entry of objectsField(lock, 'packages')) {
    const type = textField(entry, 'type') ?? '';
    // The project itself, of which only the dependencies are asked for.
    if (type === 'deps') continue;
    const isBioconductor = type === 'bioc' || textField(entry, 'repotype') === 'bioc';
    const metadata = objectField(entry, 'metadata') ?? {};
    add(file, into, {
      name: textField(entry, 'package') ?? '',
      version: textField(entry, 'version') ?? '',
      isBioconductor,
      origin: isBioconductor || /^(?:standard|cran|installed)$/.test(type) ? undefined : originOf(type),
      from: textField(entry, 'ref'),
      commit: textField(metadata, 'RemoteSha'),
      licence: textField(entry, 'license'),
      direct: field(entry, 'direct') === true,
    });
  }
}

interface Said {
  readonly name: string;
  readonly version: string;
  readonly isBioconductor: boolean;
  readonly origin: PackageOrigin | undefined;
  readonly from: string | undefined;
  readonly commit: string | undefined;
  readonly licence: string | undefined;
  readonly direct?: boolean;
}

function add(file: RawFile, into: DeclaredPackages, said: Said): void {
  const { name, version, isBioconductor, origin, from, commit, licence, direct } = said;
  if (!namePattern.test(name) || !versionPattern.test(version))
    return into.unreadable(file, 'has an entry without valid name and version');
  into.add(file, {
    type: isBioconductor ? 'bioconductor' : 'cran',
    name,
    version,
    licences: licencesOf(licence ?? ''),
    direct,
    origin,
    facts: {
      ...(origin === undefined || from === undefined ? {} : { resolved: from.slice(0, 1024) }),
      ...(origin === 'vcs' && commit !== undefined ? { commit: commit.slice(0, 100) } : {}),
    },
  });
}

function originOf(source: string): PackageOrigin | undefined {
  if (/^(?:git|github|gitlab|bitbucket|git2r|xgit|svn)$/i.test(source)) return 'vcs';
  return source === '' ? undefined : 'archive';
}
