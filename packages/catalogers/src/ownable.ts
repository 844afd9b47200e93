// Which paths of an OS package's file list can be evidence of a language package.

const metadataNames: ReadonlySet<string> = new Set([
  '.packlist',
  'METADATA',
  'PKG-INFO',
  'Project.toml',
  'direct_url.json',
  'installed.json',
  'installed.php',
  'package.json',
]);

/** Folders whose files are programs whatever their names, `kubectl.1.27` among them. */
const programFolder = /(?:^|\/)(?:s?bin|libexec)\/[^/]+$/;

/**
 * Archives of Java and Python, applications of Erlang, rocks of Lua, specifications of gems, programs and dependency lists of .NET, packages of PEAR, libraries that may list
 * their crates.
 */
const packageFile = /\.(?:jar|war|ear|whl|egg|pyz|pex|app|ez|rockspec|gemspec|dll|exe|deps\.json|reg|so|so\.[\d.]+)$/;

/** WordPress, its plugins and themes: the files whose headers name them. */
const wordpressFile =
  /\/wp-(?:includes\/version\.php|content\/(?:plugins\/(?:[^/]+\/)?[^/]+\.php|themes\/[^/]+\/style\.css))$/;

/**
 * True for paths that may be the metadata file of a language package, an archive of Java, an assembly of .NET, a library or an executable: names
 * without an extension, under any directory, and all in folders of programs. Keeps owner lists small: a tenth of a distribution's files.
 */
export function isOwnable(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (metadataNames.has(name) || name.endsWith('.egg-info') || programFolder.test(path) || packageFile.test(name))
    return true;
  if (path.includes('/wp-') && wordpressFile.test(path)) return true;
  // Libraries of JavaScript that are no package of npm: Debian's `libjs-*`, and what documentation brings.
  if (name.endsWith('.js')) return !path.includes('node_modules/');
  return !name.includes('.') && !path.startsWith('usr/share/') && !path.startsWith('usr/include/');
}
