// Snaps that lie unpacked or mounted in the image, and the Ubuntu packages that they and their base snaps are made of.
import { inert, kibibyte, mebibyte, decodeText } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { sourceOfBinary } from '../ubuntu-sources.ts';
import { readDpkgList, readPrimed, readSnap, type Snap, type StagedPackage } from './parse.ts';

/** Snaps, and Debian packages inside them that no dpkg knows. */
export const snapCataloger: Cataloger = {
  id: 'snap',
  version: 1,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['snap.yaml', 'manifest.yaml', 'dpkg.list'] },
  wants,
  catalog,
};

const snapFile = 'meta/snap.yaml';
const manifestFile = 'snap/manifest.yaml';
const listFile = 'usr/share/snappy/dpkg.list';

/** Applications, plugs and hooks are listed in it; the longest known has 60 KiB. */
const description: Want = { kind: 'whole', maxBytes: 512 * kibibyte };
/** What was built and from what: 200 KiB for a desktop application. */
const manifest: Want = { kind: 'whole', maxBytes: 8 * mebibyte };
/** A line for each of a base snap's 200 packages. */
const list: Want = { kind: 'whole', maxBytes: mebibyte };

/** Packages named in a message. */
const maxNamed = 8;

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.yaml')) {
    if (isAt(path, snapFile)) return description;
    return isAt(path, manifestFile) ? manifest : undefined;
  }
  return path.endsWith('/dpkg.list') && isAt(path, listFile) ? list : undefined;
}

function isAt(path: string, name: string): boolean {
  return (
    path.endsWith(name) && (path.length === name.length || path.charCodeAt(path.length - name.length - 1) === 0x2f)
  );
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const sourceless = new Set<string>();
  let complete = true;
  let first: RawFile | undefined;
  const report = (file: RawFile, saying: string): void => {
    complete = false;
    diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
  };
  for (const file of view.files()) {
    if (file.type !== 'file' || !isAt(file.path, snapFile)) continue;
    const root = file.path.slice(0, -snapFile.length);
    const snap = readSnap(decodeText(file.content));
    if (snap === undefined) {
      // Other programs have a `meta/snap.yaml` too; snapd's have a name and a version.
      if (view.get(root + listFile) !== undefined || view.get(root + manifestFile) !== undefined)
        report(file, 'has no valid name and version; the snap is not in the inventory');
      continue;
    }
    packages.push(snapPackage(snap, file.path));
    for (const path of [root + listFile, root + manifestFile]) {
      const inner = view.get(path);
      if (inner === undefined) continue;
      if (inner.truncated) report(inner, 'is larger than the limit and was read in part');
      const read = path.endsWith(listFile) ? readDpkgList : readPrimed;
      for (const staged of read(decodeText(inner.content))) {
        const source = sourceOfBinary(staged.name, staged.version);
        if (source === undefined) sourceless.add(staged.name);
        first ??= inner;
        packages.push(debPackage(staged, source ?? staged.name, snap, path));
      }
    }
  }
  if (sourceless.size > 0 && first !== undefined) diagnostics.push(withoutSource(first, [...sourceless].sort()));
  return { packages, diagnostics, complete };
}

/** No purl type is registered for snaps. */
function snapPackage({ name, version, architecture, base, kind }: Snap, path: string): FoundPackage {
  return {
    type: 'generic',
    namespace: 'snap',
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    licences: [],
    paths: [path],
    facts: { ...(base === undefined ? {} : { base }), ...(kind === undefined ? {} : { kind }) },
  };
}

/** A snap runs on its base, and is made of packages of that Ubuntu's release, whatever the image is. */
function debPackage(
  { name, version, architecture }: StagedPackage,
  source: string,
  snap: Snap,
  path: string,
): FoundPackage {
  const { release } = snap;
  const known = architecture ?? snap.architecture;
  return {
    type: 'deb',
    namespace: 'ubuntu',
    name,
    version,
    ...(known === undefined ? {} : { architecture: known }),
    qualifiers: { distro: release === undefined ? 'ubuntu' : `ubuntu-${release}` },
    source: { name: source, version },
    licences: [],
    paths: [path],
    facts: { snap: `${snap.name} ${snap.version}` },
  };
}

/** Advisories name source packages; a snap does not. */
function withoutSource(file: RawFile, names: readonly string[]): Diagnostic {
  const some = names.slice(0, maxNamed).map(inert).join(', ');
  const rest = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  const saying = `does not say the source packages, by which advisories name them; those of ${some}${rest} are not known, and they are compared by their own names`;
  return diagnose('package/metadata-invalid', 'error', file, saying);
}
