// Which paths of an OS package's file list can be evidence of a language package.

const metadataNames: ReadonlySet<string> = new Set(['METADATA', 'PKG-INFO', 'package.json', 'direct_url.json']);

/** Folders whose files are programs whatever their names, `kubectl.1.27` among them. */
const programFolder = /(?:^|\/)(?:s?bin|libexec)\/[^/]+$/;

const javaArchive = /\.(?:jar|war|ear)$/;

/**
 * True for paths that may be the metadata file of a language package, an archive of Java or an executable: names without an extension, under
 * any directory, and all in folders of programs. Keeps owner lists small: a tenth of a distribution's files.
 */
export function isOwnable(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (metadataNames.has(name) || name.endsWith('.egg-info') || programFolder.test(path) || javaArchive.test(name))
    return true;
  return !name.includes('.') && !path.startsWith('usr/share/') && !path.startsWith('usr/include/');
}
