// Packages of Dart and Flutter in pub's cache, what a program was resolved to, and the two SDKs.
import { decodeText, isObject, kibibyte, mebibyte, objectsField, textField } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';

/** Packages of pub. */
export const dartCataloger: Cataloger = {
  id: 'dart',
  version: 1,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['pubspec.yaml', 'package_config.json', 'flutter.version.json', 'version'] },
  wants,
  catalog,
};

/** The largest of the most used packages have 10 KiB. */
const pubspec: Want = { kind: 'whole', maxBytes: 256 * kibibyte };
/** 300 packages have 80 KiB. */
const config: Want = { kind: 'whole', maxBytes: 2 * mebibyte };
const sdk: Want = { kind: 'whole', maxBytes: 4 * kibibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('/pubspec.yaml')) return cachePath.test(path) || gitPath.test(path) ? pubspec : undefined;
  if (path.endsWith('.dart_tool/package_config.json')) return config;
  return path.endsWith('flutter.version.json') || path.endsWith('dart-sdk/version') || path.endsWith('lib/dart/version')
    ? sdk
    : undefined;
}

/** pub's cache: `hosted/HOST/NAME-VERSION/`, `git/NAME-COMMIT/` (dart.dev "dart pub cache"). */
const cachePath = /(?:^|\/)hosted\/([^/]+)\/([a-z_][a-z0-9_]*)-(\d[^/]*)\/pubspec\.yaml$/;
const gitPath = /(?:^|\/)git\/([^/]+)-([0-9a-f]{40})\/(?:.*\/)?pubspec\.yaml$/;
const namePattern = /^[a-z_][a-z0-9_]{0,127}$/i;
const versionPattern = /^\d{1,18}\.\d{1,18}\.\d{1,18}[\w.+-]{0,64}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const cached = new Set<string>();
  for (const file of view.files()) {
    if (file.type !== 'file' || !file.path.endsWith('/pubspec.yaml')) continue;
    const found = cachedPackage(file) ?? gitPackage(file);
    if (found === undefined) {
      if (gitPath.test(file.path)) continue;
      const saying = 'names no valid package and version; the package is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
      continue;
    }
    packages.push(found);
    cached.add(`${found.name} ${found.version}`);
  }
  for (const file of view.files()) {
    if (file.type !== 'file' || file.path.endsWith('/pubspec.yaml')) continue;
    if (!file.path.endsWith('package_config.json')) packages.push(...sdkPackage(file));
    else {
      const resolved = resolvedPackages(file);
      if (resolved === undefined) {
        const saying = 'is no configuration of packages; what the program uses is not in the inventory';
        diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
        complete = false;
      } else packages.push(...resolved.filter(({ name, version }) => !cached.has(`${name} ${version}`)));
    }
  }
  return { packages, diagnostics, complete };
}

/** pub names the folder after package and version; the pubspec in it says the same, or is weaker evidence. */
function cachedPackage(file: RawFile): FoundPackage | undefined {
  const [, host = '', name = '', version = ''] = cachePath.exec(file.path) ?? [];
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  const declared = topLevel(file.content);
  const confirmed = declared.get('name') === name && declared.get('version') === version;
  return { ...pubPackage(name, version, host, file.path), ...(confirmed ? {} : { weak: true }) };
}

function gitPackage(file: RawFile): FoundPackage | undefined {
  const commit = gitPath.exec(file.path)?.[2];
  const declared = topLevel(file.content);
  const name = declared.get('name') ?? '';
  const version = declared.get('version') ?? '';
  if (commit === undefined || !namePattern.test(name) || !versionPattern.test(version)) return undefined;
  return { type: 'pub', name, version, licences: [], paths: [file.path], origin: 'vcs', facts: { commit } };
}

function pubPackage(name: string, version: string, host: string, path: string): FoundPackage {
  const isPublic = host === 'pub.dev' || host === 'pub.dartlang.org';
  const server = decodeHost(host);
  return {
    type: 'pub',
    name,
    version,
    licences: [],
    paths: [path],
    ...(isPublic || server === undefined ? {} : { qualifiers: { repository_url: `https://${server}` } }),
  };
}

/** pub writes what may be in no file name as `%` and a decimal number. */
function decodeHost(host: string): string | undefined {
  const text = host.replace(/%(34|37|42|47|58|6[023]|92|124)/g, (_all, code: string) =>
    String.fromCharCode(Number(code)),
  );
  return /^[\w.-]+(?::\d+)?(?:\/[\w.~/-]*)?$/.test(text) ? text : undefined;
}

const scalar = /^(name|version):[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#"'][^\s#]*))[ \t]*(?:#.*)?\r?$/gm;

/** Returns the plain fields of a pubspec that are read here; they stand at a line's beginning. */
function topLevel(content: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, key = '', double, single, plain] of decodeText(content).matchAll(scalar)) {
    if (!found.has(key)) found.set(key, double ?? single ?? plain ?? '');
  }
  return found;
}

const rootPath = /\/hosted\/([^/]+)\/([a-z_][a-z0-9_]*)-(\d[^/]*)\/?$/;

/** Returns what a program was resolved to from pub's cache; its own package and those of the SDK have no version there. */
function resolvedPackages(file: RawFile): readonly FoundPackage[] | undefined {
  const value = parseJson(file.content);
  if (!Array.isArray(value['packages'])) return undefined;
  return objectsField(value, 'packages').flatMap((entry) => {
    const [, host = '', name = '', folder = ''] = rootPath.exec(textField(entry, 'rootUri') ?? '') ?? [];
    const version = folder.replaceAll(/%2B/gi, '+');
    if (name !== textField(entry, 'name') || !versionPattern.test(version)) return [];
    const facts = { identifiedBy: 'package_config.json' };
    return [{ ...pubPackage(name, version, decodeURIComponentSafe(host), file.path), weak: true, facts }];
  });
}

function decodeURIComponentSafe(text: string): string {
  return text.replaceAll(/%25/g, '%');
}

function sdkPackage(file: RawFile): readonly FoundPackage[] {
  if (file.path.endsWith('flutter.version.json')) {
    const version = textField(parseJson(file.content), 'frameworkVersion') ?? '';
    if (!versionPattern.test(version)) return [];
    return [{ type: 'generic', name: 'flutter', version, licences: ['BSD-3-Clause'], paths: [file.path] }];
  }
  const version = decodeText(file.content).trim();
  if (!versionPattern.test(version)) return [];
  const [release, update = '*'] = version.split('-', 2);
  const cpes = [`cpe:2.3:a:dart:dart_software_development_kit:${release}:${update}:*:*:*:*:*:*`];
  return [{ type: 'generic', name: 'dart', version, licences: ['BSD-3-Clause'], cpes, paths: [file.path] }];
}

function parseJson(content: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
