// Packages that conda, mamba, micromamba and pixi installed, from the records in each environment.
import {
  declaredLicences,
  decodeText,
  field,
  inert,
  isObject,
  type JsonObject,
  textField,
  textsField,
} from '@plombe/kit';
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { metaFolder, wants } from './interest.ts';

/** Packages of conda's environments. They own what they brought: a Python package is one package, though it has a record of conda and one of its own. */
export const condaCataloger: Cataloger = {
  id: 'conda',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: true,
  where: { folders: ['conda-meta'] },
  wants,
  catalog,
};

/** conda-build's rules, CEP 26: lower-case letters, digits, `_-.`; capitals occur in old ones. */
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,255}$/;
const versionPattern = /^[A-Za-z0-9_.!+-]{1,256}$/;
const buildPattern = /^[A-Za-z0-9_.+-]{1,128}$/;
const subdirPattern = /^[a-z0-9]{1,32}(?:-[a-z0-9_]{1,32})?$/;
const channelPattern = /^[A-Za-z0-9_.-]{1,128}(?:\/[A-Za-z0-9_.-]{1,128}){0,4}$/;
const maxProblems = 20;

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const record = recordOf(file);
    const found = record && packageOf(record, file.path);
    if (record === undefined || found === undefined) {
      complete = false;
      const saying =
        'is no record of a conda package with a valid name and version; the package is not in the inventory';
      if (diagnostics.length < maxProblems)
        diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      continue;
    }
    const prefix = file.path.slice(0, file.path.lastIndexOf(metaFolder));
    for (const path of textsField(record, 'files')) owners.set(prefix + path, packages.length);
    packages.push(found);
  }
  return { packages, diagnostics, owners, complete };
}

function recordOf(file: RawFile): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(file.content));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function packageOf(record: JsonObject, path: string): FoundPackage | undefined {
  const name = textField(record, 'name') ?? '';
  const version = textField(record, 'version') ?? '';
  if (!namePattern.test(name) || !versionPattern.test(version)) return undefined;
  const build = textField(record, 'build') ?? '';
  const subdir = textField(record, 'subdir') ?? '';
  const channel = channelOf(textField(record, 'channel') ?? '', subdir);
  const type = /\.(conda|tar\.bz2)$/.exec(textField(record, 'fn') ?? '')?.[1];
  const licence = inert(textField(record, 'license') ?? '').trim();
  return {
    type: 'conda',
    name,
    version,
    qualifiers: {
      ...(buildPattern.test(build) ? { build } : {}),
      ...(channel === undefined ? {} : { channel }),
      ...(subdirPattern.test(subdir) ? { subdir } : {}),
      ...(type === undefined ? {} : { type }),
    },
    licences: declaredLicences([licence]),
    paths: [path],
    ...(field(record, 'noarch') === 'python' ? { facts: { noarch: 'python' } } : {}),
  };
}

/**
 * The channel's name: `conda-forge`, `main`, `team/label/dev`. It is recorded as an address, which may hold a token (`/t/TOKEN/…`) or a password (T24):
 * host and token are left out.
 */
function channelOf(text: string, subdir: string): string | undefined {
  const path = /^[a-z]+:\/\/[^/]*(\/.*)?$/i.test(text) ? text.replace(/^[a-z]+:\/\/[^/]*\/?/i, '') : text;
  let parts = path.split('/').filter((part) => part !== '');
  if (parts[0] === 't' && parts.length > 2) parts = parts.slice(2);
  if (parts[0] === 'pkgs' && parts.length > 1) parts = parts.slice(1);
  if (parts.length > 1 && parts.at(-1) === subdir) parts = parts.slice(0, -1);
  const name = parts.join('/');
  return channelPattern.test(name) && !text.startsWith('file:') ? name : undefined;
}
