// Rocks of Lua as LuaRocks installs them: the rockspec in each folder of a rocks tree.
import { declaredLicences, decodeText, kibibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { type LuaValue, readAssignments } from './rockspec.ts';

/** Packages of LuaRocks. */
export const luaCataloger: Cataloger = {
  id: 'lua',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['rock_namespace'], extensions: ['rockspec'] },
  wants,
  catalog,
};

/** The largest of the most used rocks, with a list of 300 modules, has 30 KiB. */
const rockspec: Want = { kind: 'whole', maxBytes: 512 * kibibyte };
const namespace: Want = { kind: 'whole', maxBytes: kibibyte };

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith('.rockspec')) return installedPath.test(path) ? rockspec : undefined;
  return path.endsWith('/rock_namespace') && path.includes('/rocks') ? namespace : undefined;
}

/** `lib/luarocks/rocks-5.4/NAME/VERSION/NAME-VERSION.rockspec`; `rocks` alone for Lua 5.1 of old. */
const installedPath = /(?:^|\/)rocks(?:-\d\.\d)?\/([^/]+)\/([^/]+)\/\1-\2\.rockspec$/;
const namePattern = /^[A-Za-z0-9][\w.+-]{0,127}$/;
/** Version and revision of the rockspec: `3.1.0-1`, `scm-2`. */
const versionPattern = /^[A-Za-z0-9][\w.+~]{0,100}-\d{1,9}$/;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    const [, name = '', version = ''] = file.type === 'file' ? (installedPath.exec(file.path) ?? []) : [];
    if (name === '') continue;
    if (!namePattern.test(name) || !versionPattern.test(version)) {
      const saying = 'is of no valid rock and version; the package is not in the inventory';
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    } else packages.push(packageOf(name, version, file, view));
  }
  return { packages, diagnostics, complete };
}

/** LuaRocks itself goes by folder and file name; a rockspec that says otherwise, or nothing that can be read, makes it weaker evidence. */
function packageOf(name: string, version: string, file: RawFile, view: FileView): FoundPackage {
  const spec = readAssignments(decodeText(file.content));
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  const owner = decodeText(view.get(`${folder}rock_namespace`)?.content ?? new Uint8Array(0)).trim();
  const confirmed =
    lower(spec.get('package')) === name.toLowerCase() && lower(spec.get('version')) === version.toLowerCase();
  const licence = inside(spec.get('description'), 'license');
  const source = sourceOf(inside(spec.get('source'), 'url') ?? '');
  return {
    type: 'luarocks',
    ...(namePattern.test(owner) ? { namespace: owner } : {}),
    name,
    version,
    licences: licence === undefined ? [] : declaredLicences([licence]),
    paths: [file.path],
    ...(confirmed ? {} : { weak: true }),
    ...(source === undefined ? {} : { facts: { source } }),
  };
}

function lower(value: LuaValue | undefined): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}

function inside(table: LuaValue | undefined, key: string): string | undefined {
  const value = table === undefined || typeof table === 'string' ? undefined : table.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** Without user, password and query (T24). */
function sourceOf(text: string): string | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.host === '' ? undefined : `${url.protocol}//${url.host}${url.pathname}`;
}
