// Which paths of an OS package's file list can be evidence of a language package.

const metadataNames: ReadonlySet<string> = new Set(['METADATA', 'PKG-INFO', 'package.json', 'direct_url.json']);

/**
 * True for paths that may be the metadata file of a language package or an executable: names without an extension, under
 * any directory. Keeps owner lists small: a tenth of a distribution's files.
 */
export function isOwnable(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (metadataNames.has(name) || name.endsWith('.egg-info')) return true;
  return !name.includes('.') && !path.startsWith('usr/share/') && !path.startsWith('usr/include/');
}
