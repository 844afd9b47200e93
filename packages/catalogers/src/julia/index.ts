// Packages of Julia in its depots, its standard library, and Julia itself.
import { parseToml } from '@plombe/formats';
import {
  declaredLicences,
  decodeText,
  field,
  isObject,
  kibibyte,
  listField,
  mebibyte,
  objectField,
  textField,
} from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';

/** Packages of Julia's registries. */
export const juliaCataloger: Cataloger = {
  id: 'julia',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** The largest of the General registry have 20 KiB. */
const project: Want = { kind: 'whole', maxBytes: 256 * kibibyte };
/** 500 packages have 100 KiB. */
const manifest: Want = { kind: 'whole', maxBytes: 2 * mebibyte };
/** Only its name is looked at. */
const library: Want = { kind: 'head', maxBytes: 1 };

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('Project.toml')) return packagePath.test(path) || standardPath.test(path) ? project : undefined;
  if (path.endsWith('Manifest.toml')) return path.includes('environments/') ? manifest : undefined;
  return path.includes('libjulia.so.') && libraryPath.test(path) ? library : undefined;
}

/** `DEPOT/packages/NAME/SLUG/Project.toml`: the slug is four to six letters and digits of uuid and content. */
const packagePath = /^((?:.*\/)?)packages\/([^/]+)\/[A-Za-z0-9]{4,6}\/(?:Julia)?Project\.toml$/;
const standardPath = /(?:^|\/)stdlib\/v\d+\.\d+\/([^/]+)\/(?:Julia)?Project\.toml$/;
const libraryPath = /(?:^|\/)libjulia\.so\.(\d+\.\d+\.\d+)$/;
const namePattern = /^[A-Za-z_]\w{0,127}$/;
const versionPattern = /^\d{1,18}\.\d{1,18}\.\d{1,18}[\w.+-]{0,64}$/;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const tracked = trackedPackages(view);
  for (const file of view.files()) {
    if (file.type !== 'file' || file.path.endsWith('Manifest.toml')) continue;
    const language = libraryPath.exec(file.path)?.[1];
    if (language !== undefined) {
      packages.push(juliaItself(language, file.path));
      continue;
    }
    const [, depot, name = standardPath.exec(file.path)?.[1] ?? ''] = packagePath.exec(file.path) ?? [];
    const found = packageOf(file, name);
    if (found === undefined) {
      // Until Julia 1.9 the standard library's parts had no version but Julia's.
      if (depot === undefined) continue;
      const saying = `says no valid version and uuid of ${namePattern.test(name) ? name : 'its package'}; the package is not in the inventory`;
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
      continue;
    }
    const source =
      depot === undefined ? undefined : tracked.get(`${depot} ${found.qualifiers?.['uuid'] ?? ''} ${found.version}`);
    const facts = {
      ...(source === undefined ? {} : { source }),
      ...(depot === undefined ? { standardLibrary: 'true' } : {}),
    };
    packages.push({
      ...found,
      ...(source === undefined ? {} : { origin: 'vcs' as const }),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    });
  }
  return { packages, diagnostics, complete };
}

function packageOf(file: RawFile, folder: string): FoundPackage | undefined {
  const value = tomlOf(file);
  const name = textField(value, 'name') ?? '';
  const version = textField(value, 'version') ?? '';
  const uuid = (textField(value, 'uuid') ?? '').toLowerCase();
  if (name !== folder || !namePattern.test(name) || !versionPattern.test(version) || !uuidPattern.test(uuid))
    return undefined;
  const licence = textField(value, 'license') ?? '';
  const licences = /^[\w.+() -]{1,100}$/.test(licence) ? declaredLicences([licence]) : [];
  return { type: 'julia', name, version, qualifiers: { uuid }, licences, paths: [file.path] };
}

/** Packages that a manifest of the depot took from a repository in place of a registry: `DEPOT UUID VERSION` → the repository. */
function trackedPackages(view: FileView): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of view.files()) {
    const depot = /^((?:.*\/)?)environments\/[^/]+\/(?:Julia)?Manifest(?:-v[\d.]+)?\.toml$/.exec(file.path)?.[1];
    if (depot === undefined || file.type !== 'file') continue;
    const value = tomlOf(file);
    const entries = objectField(value, 'deps') ?? value;
    for (const name of Object.keys(entries)) {
      for (const entry of listField(entries, name)) {
        if (!isObject(entry) || typeof field(entry, 'repo-url') !== 'string') continue;
        const source = withoutSecrets(textField(entry, 'repo-url') ?? '');
        const key = `${depot} ${(textField(entry, 'uuid') ?? '').toLowerCase()} ${textField(entry, 'version') ?? ''}`;
        found.set(key, source ?? 'repository');
      }
    }
  }
  return found;
}

/** Without user, password and query (T24). */
function withoutSecrets(text: string): string | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.host === '' ? undefined : `${url.protocol}//${url.host}${url.pathname}`;
}

function tomlOf(file: RawFile): Readonly<Record<string, unknown>> {
  try {
    const value = parseToml(decodeText(file.content));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function juliaItself(version: string, path: string): FoundPackage {
  const cpes = [`cpe:2.3:a:julialang:julia:${version}:*:*:*:*:*:*:*`];
  return { type: 'generic', name: 'julia', version, licences: ['MIT'], cpes, paths: [path] };
}
