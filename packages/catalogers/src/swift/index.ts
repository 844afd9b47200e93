// Packages that Swift's package manager has checked out beside a build: the one trace that an image keeps of them.
import {
  decodeText,
  field,
  isObject,
  mebibyte,
  objectField,
  objectsField,
  textField,
  type JsonObject,
} from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';

/** Packages of Swift. */
export const swiftCataloger: Cataloger = {
  id: 'swift',
  version: 1,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['workspace-state.json'] },
  wants,
  catalog,
};

/** 50 dependencies have 30 KiB; binary artefacts add to it. */
const state: Want = { kind: 'whole', maxBytes: 4 * mebibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  return path.endsWith('/workspace-state.json') && (type === 'file' || type === 'hardlink') ? state : undefined;
}

const namePattern = /^[\w.+-]{1,128}$/;
/** Tags that Swift's package manager takes for versions, and what the state of older ones says. */
export const swiftVersionPattern = /^v?\d{1,18}\.\d{1,18}(?:\.\d{1,18})?[\w.+-]{0,64}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const dependencies = dependenciesIn(file.content);
    if (dependencies === undefined) {
      const saying = 'is no state of a workspace; what was checked out is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
      continue;
    }
    for (const dependency of dependencies) {
      const found = packageOf(dependency, file.path);
      if (found === 'local') continue;
      if (found !== undefined) packages.push(found);
      else {
        const saying = 'has a dependency without valid location and version; it is not in the inventory';
        diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
        complete = false;
      }
    }
  }
  return { packages, diagnostics, complete };
}

function dependenciesIn(content: Uint8Array): readonly JsonObject[] | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    if (!isObject(value)) return undefined;
    // Version 1 of the file has no object around its lists.
    const object = objectField(value, 'object') ?? value;
    return Array.isArray(field(object, 'dependencies')) ? objectsField(object, 'dependencies') : undefined;
  } catch {
    return undefined;
  }
}

/** Versions 1 to 7 of the file: `repositoryURL` became `packageRef.path`, which became `location`; `checkout` became `sourceControlCheckout`. */
function packageOf(dependency: JsonObject, path: string): FoundPackage | 'local' | undefined {
  const reference = objectField(dependency, 'packageRef') ?? {};
  const now = objectField(dependency, 'state') ?? {};
  const kind = textField(reference, 'kind') ?? '';
  if (
    /^(?:local|fileSystem|root|localSourceControl)$/.test(kind) ||
    /^(?:local|fileSystem|edited)$/.test(textField(now, 'name') ?? '')
  ) {
    return 'local';
  }
  if (kind === 'registry')
    return registryPackage(textField(reference, 'identity') ?? '', textField(now, 'version') ?? '', path);
  const checkout = objectField(now, 'checkoutState') ?? {};
  const place = repositoryPlace(
    textField(reference, 'location') ?? textField(reference, 'path') ?? textField(dependency, 'repositoryURL') ?? '',
  );
  const version = textField(checkout, 'version') ?? textField(dependency, 'currentVersion') ?? '';
  const commit = /^[0-9a-f]{40,64}$/.exec(
    textField(checkout, 'revision') ?? textField(dependency, 'currentRevision') ?? '',
  )?.[0];
  if (place === undefined) return undefined;
  const facts = commit === undefined ? {} : { facts: { commit } };
  const base = { type: 'swift', ...place, licences: [], paths: [path], ...facts };
  if (swiftVersionPattern.test(version)) return { ...base, version };
  return commit === undefined ? undefined : { ...base, version: commit, origin: 'vcs' };
}

/** Packages of a registry have a scope and no repository, by which advisories name them: they are not compared. */
function registryPackage(identity: string, version: string, path: string): FoundPackage | undefined {
  const [, scope, name] = /^([\w-]{1,39})\.([\w-]{1,100})$/.exec(identity) ?? [];
  if (scope === undefined || name === undefined || !swiftVersionPattern.test(version)) return undefined;
  return {
    type: 'swift',
    namespace: scope,
    name,
    version,
    licences: [],
    paths: [path],
    origin: 'archive',
    facts: { registry: identity },
  };
}

/** Returns host with owner, and repository, of `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/…` and `git@HOST:OWNER/NAME.git`. */
export function repositoryPlace(location: string): { readonly namespace: string; readonly name: string } | undefined {
  const text = location.replace(/^[\w.-]+@([\w.-]+):(?!\/\/)/, 'ssh://$1/');
  if (text.length > 1024 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const parts = [
    url.hostname,
    ...url.pathname
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split('/'),
  ].filter(Boolean);
  if (parts.length < 2 || !parts.every((part) => namePattern.test(part))) return undefined;
  return { namespace: parts.slice(0, -1).join('/'), name: parts.at(-1) as string };
}
