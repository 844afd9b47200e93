// WordPress: its core, and the plugins and themes below wp-content.
import { decodeText, kibibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { coreDistiller, headerDistiller, parseHeader, type PluginHeader } from './header.ts';

/** WordPress with its plugins and themes. */
export const wordpressCataloger: Cataloger = {
  id: 'wordpress',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['style.css', 'readme.txt'], extensions: ['php'] },
  wants,
  catalog,
};

const core: Want = { kind: 'distill', create: coreDistiller };
const plugin: Want = { kind: 'distill', create: () => headerDistiller(/^Plugin Name$/i) };
const theme: Want = { kind: 'distill', create: () => headerDistiller(/^Theme Name$/i) };
const readme: Want = { kind: 'head', maxBytes: 8 * kibibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.php')) {
    if (path.endsWith('wp-includes/version.php')) return core;
    return path.includes('wp-content/') && pluginPath.test(path) ? plugin : undefined;
  }
  if (path.endsWith('/style.css')) return path.includes('wp-content/') && themePath.test(path) ? theme : undefined;
  return path.endsWith('/readme.txt') && path.includes('wp-content/') && readmePath.test(path) ? readme : undefined;
}

const corePath = /(?:^|\/)wp-includes\/version\.php$/;
/** A plugin is a file in the folder, or a folder with one in it that has the header; those that must be used are files only. */
const pluginPath = /(?:^|\/)wp-content\/(?:plugins\/(?:([^/]+)\/)?|mu-plugins\/)([^/]+)\.php$/;
const themePath = /(?:^|\/)wp-content\/themes\/((?:[^/]+\/)?[^/]+)\/style\.css$/;
const readmePath = /(?:^|\/)wp-content\/plugins\/[^/]+\/readme\.txt$/;
/** Folders become parts of addresses on wordpress.org: lower case, digits and hyphens; others are of private plugins. */
const slugPattern = /^[\w.+ -]{1,128}$/;
const versionPattern = /^[\w.+-]{1,64}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const fail = (file: RawFile, saying: string): void => {
    diagnostics.push(
      diagnose('package/metadata-invalid', 'warning', file, `${saying}; the package is not in the inventory`),
    );
    complete = false;
  };
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    if (corePath.test(file.path)) {
      const version = decodeText(file.content).trim();
      if (versionPattern.test(version)) packages.push(coreOf(version, file.path));
      else fail(file, 'names no version of WordPress');
      continue;
    }
    const part = partOf(file.path);
    if (part === undefined) continue;
    const header = parseHeader(file.content);
    const stable = header.version === undefined ? stableTag(view, file.path) : undefined;
    const version = header.version ?? stable?.version;
    if (!slugPattern.test(part.slug) || version === undefined || !versionPattern.test(version)) {
      fail(file, `is of a ${part.type === 'wordpress-theme' ? 'theme' : 'plugin'} without a valid version`);
      continue;
    }
    packages.push(partPackage(part, version, header, [file.path, ...(stable === undefined ? [] : [stable.path])]));
  }
  return { packages, diagnostics, complete };
}

interface Part {
  readonly type: 'wordpress-plugin' | 'wordpress-theme';
  readonly slug: string;
}

function partOf(path: string): Part | undefined {
  const [whole, folder, base = ''] = pluginPath.exec(path) ?? [];
  if (whole !== undefined) return { type: 'wordpress-plugin', slug: folder ?? base };
  const slug = themePath.exec(path)?.[1];
  return slug === undefined ? undefined : { type: 'wordpress-theme', slug: slug.slice(slug.lastIndexOf('/') + 1) };
}

function partPackage(part: Part, version: string, header: PluginHeader, paths: readonly string[]): FoundPackage {
  const facts = {
    ...(header.updateUri === undefined ? {} : { updatesFrom: header.updateUri }),
    ...(header.title === undefined ? {} : { title: header.title }),
  };
  return {
    type: part.type,
    name: part.slug,
    version,
    licences: header.licences,
    paths,
    ...(paths.length > 1 ? { weak: true } : {}),
    ...(Object.keys(facts).length === 0 ? {} : { facts: sorted(facts) }),
  };
}

function sorted(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a plugin's readme.txt says for the directory on wordpress.org: `trunk` is no version. */
function stableTag(view: FileView, path: string): { readonly version: string; readonly path: string } | undefined {
  const file = view.get(`${path.slice(0, path.lastIndexOf('/'))}/readme.txt`);
  if (file === undefined || !readmePath.test(file.path)) return undefined;
  const version = /^[ \t*]*Stable tag:[ \t]*v?(\d[\w.-]{0,63})[ \t]*\r?$/im.exec(decodeText(file.content))?.[1];
  return version === undefined ? undefined : { version, path: file.path };
}

function coreOf(version: string, path: string): FoundPackage {
  const [release, update = '*'] = version.split('-', 2);
  const cpes = [`cpe:2.3:a:wordpress:wordpress:${release}:${update}:*:*:*:*:*:*`];
  return { type: 'generic', name: 'wordpress', version, licences: ['GPL-2.0-or-later'], cpes, paths: [path] };
}
