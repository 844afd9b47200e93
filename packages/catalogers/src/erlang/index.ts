// Applications of Erlang, Elixir and their relatives: of Hex, of OTP, in releases and in build trees.
import { declaredLicences, decodeText, inert, mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { ArchiveDistiller, decodeArchive } from './archives.ts';
import { repositoryOf } from './known.ts';
import {
  type HexPackage,
  type NamedVersion,
  parseApplication,
  parseHexMetadata,
  parseOtpVersion,
  parseRelease,
} from './parse.ts';

/** Applications on the BEAM, and Erlang/OTP itself. */
export const erlangCataloger: Cataloger = {
  id: 'erlang',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['hex_metadata.config', 'OTP_VERSION'], extensions: ['app', 'ez', 'rel'] },
  wants,
  catalog,
};

/** The largest known, wx, has 20 KiB; a release file lists its applications. */
const file: Want = { kind: 'whole', maxBytes: mebibyte };
const archive: Want = { kind: 'distill', create: () => new ArchiveDistiller() };

function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.app')) return applicationPath.test(path) ? file : undefined;
  if (path.endsWith('.ez')) return sizeBytes > 0 ? archive : undefined;
  if (path.endsWith('.rel')) return path.includes('releases/') ? file : undefined;
  return path.endsWith('/hex_metadata.config') || path.endsWith('/OTP_VERSION') ? file : undefined;
}

const applicationPath = /(?:^|\/)ebin\/[^/]+\.app$/;
/** In a tree that was built: the project's folder, and the name of the dependency's. */
const builtPath = /^(|.*\/)_build\/[^/]+\/(?:lib|plugins)\/([^/]+)\//;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const fail = (broken: RawFile): void => {
    const saying = 'names no valid application and version; the package is not in the inventory';
    diagnostics.push(diagnose('package/metadata-invalid', 'warning', broken, saying));
    complete = false;
  };
  const hex = new Map<string, { readonly found: HexPackage; readonly paths: string[] }>();
  const projects = new Set<string>();
  const releases: NamedVersion[] = [];
  const files = view.files().flatMap((one) => {
    if (one.type !== 'file') return [];
    if (!one.path.endsWith('.ez')) return [one];
    const { files: inside, problems } = decodeArchive(one.content);
    for (const problem of problems) diagnostics.push(diagnose('archive/corrupt', 'warning', one, inert(problem)));
    complete &&= problems.length === 0;
    return inside.map(({ name, text }) => ({ ...one, path: `${one.path}!/${name}`, content: Buffer.from(text) }));
  });
  for (const one of files) {
    if (one.path.endsWith('/hex_metadata.config')) {
      const found = parseHexMetadata(one.content);
      if (found === undefined) fail(one);
      else {
        const folder = one.path.slice(0, -'hex_metadata.config'.length);
        hex.set(folder, { found, paths: [one.path] });
        projects.add(projectOf(folder));
      }
    } else if (one.path.endsWith('.rel')) {
      const release = parseRelease(one.content);
      if (release !== undefined) releases.push(release);
    } else if (one.path.endsWith('/OTP_VERSION')) {
      const version = parseOtpVersion(one.content);
      if (version !== undefined) packages.push(otpRelease(version, one.path));
    }
  }
  for (const one of files) {
    if (!one.path.endsWith('.app')) continue;
    const found = parseApplication(one.content);
    if (found === undefined) {
      // A template that the build fills in (`%vsn%`) is no application yet.
      if (decodeText(one.content).includes('{application')) fail(one);
      continue;
    }
    const known = foldersOf(one.path)
      .map((folder) => hex.get(folder))
      .find((entry) => entry?.found.app === found.name);
    if (known !== undefined) known.paths.push(one.path);
    else packages.push(application(found, one.path, projects, releases));
  }
  for (const { found, paths } of hex.values()) {
    const { name, version, app, licences } = found;
    const [first, ...others] = paths as [string, ...string[]];
    const facts = app === name ? {} : { facts: { application: app } };
    packages.push({
      type: 'hex',
      name,
      version,
      licences: declaredLicences(licences),
      paths: [first, ...others.sort()],
      ...facts,
    });
  }
  return { packages, diagnostics, complete };
}

/** Folders in which the metadata of an application's package may be: its own (rebar3), and that below deps (mix). */
function foldersOf(path: string): readonly string[] {
  const own = path.slice(0, path.lastIndexOf('ebin/'));
  const [, root, name] = builtPath.exec(path) ?? [];
  return root === undefined ? [own] : [own, `${root}deps/${name}/`];
}

function projectOf(folder: string): string {
  return builtPath.exec(folder)?.[1] ?? folder.replace(/(^|\/)deps\/[^/]+\/$/, '$1');
}

/** Hex is assumed where nothing speaks against it: releases keep no trace of where an application came from. */
function application(
  { name, version }: NamedVersion,
  path: string,
  projects: ReadonlySet<string>,
  releases: readonly NamedVersion[],
): FoundPackage {
  const repository = repositoryOf(name);
  const base = { version, licences: [], paths: [path] };
  if (repository !== undefined) return { type: 'otp', name, ...base, qualifiers: { repository_url: repository } };
  const project = builtPath.exec(path)?.[1];
  const isOwn = releases.some((one) => one.name === name && one.version === version);
  if (isOwn || (project !== undefined && projects.has(project))) return { type: 'otp', name, ...base };
  return { type: 'hex', name, ...base, weak: true, facts: { identifiedBy: 'application file' } };
}

function otpRelease(version: string, path: string): FoundPackage {
  const cpes = [`cpe:2.3:a:erlang:erlang\\/otp:${version.replaceAll('-', '\\-')}:*:*:*:*:*:*:*`];
  return { type: 'generic', name: 'otp', version, licences: ['Apache-2.0'], cpes, paths: [path] };
}
