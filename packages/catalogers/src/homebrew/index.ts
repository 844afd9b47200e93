// Formulae that Homebrew installed (Linuxbrew on Linux), from the receipt in each keg.
import { decodeText, isObject, mebibyte, objectField, textField, type JsonObject } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { licenceDistiller, licencesOf } from './licences.ts';

/** Packages of Homebrew, in any prefix. */
export const homebrewCataloger: Cataloger = {
  id: 'homebrew',
  version: 2,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  where: { names: ['INSTALL_RECEIPT.json'], extensions: ['rb'] },
  wants,
  catalog,
};

const receiptName = '/INSTALL_RECEIPT.json';

/** Dependencies and changed files are listed in it; the longest known has 60 KiB. */
const receipt: Want = { kind: 'whole', maxBytes: 2 * mebibyte };
/** The copy of the formula, of which the licence counts. */
const formula: Want = {
  kind: 'distill',
  create: licenceDistiller,
};

const receiptPath = /^(?:.*\/)?Cellar\/([^/]+)\/([^/]+)\/INSTALL_RECEIPT\.json$/;
const formulaPath = /^(?:.*\/)?Cellar\/[^/]+\/[^/]+\/\.brew\/[^/]+\.rb$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9+._@-]{0,127}$/;
const versionPattern = /^[A-Za-z0-9][A-Za-z0-9+._~-]{0,127}$/;
const tapPattern = /^[a-z0-9_.-]{1,64}\/[a-z0-9_.-]{1,128}$/i;
const defaultTap = 'homebrew/core';

function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (path.endsWith(receiptName)) return receiptPath.test(path) ? receipt : undefined;
  return path.endsWith('.rb') && path.includes('/.brew/') && formulaPath.test(path) ? formula : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    const keg = file.type === 'file' ? receiptPath.exec(file.path) : null;
    if (keg === null) continue;
    const [, name = '', version = ''] = keg;
    const record = recordOf(file);
    if (record === undefined || !namePattern.test(name) || !versionPattern.test(version)) {
      complete = false;
      diagnostics.push(
        diagnose(
          'package/metadata-invalid',
          'warning',
          file,
          'is no receipt of a formula; the package is not in the inventory',
        ),
      );
      continue;
    }
    const source = view.get(`${file.path.slice(0, -receiptName.length)}/.brew/${name}.rb`);
    packages.push(packageOf(name.toLowerCase(), version, record, file.path, source));
  }
  return { packages, diagnostics, complete };
}

function recordOf(file: RawFile): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(file.content));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The folder's names count: Homebrew itself has name and version from them. */
function packageOf(
  name: string,
  version: string,
  record: JsonObject,
  path: string,
  formulaFile: RawFile | undefined,
): FoundPackage {
  const tap = textField(objectField(record, 'source') ?? {}, 'tap')?.toLowerCase() ?? '';
  const architecture = textField(record, 'arch') ?? '';
  return {
    type: 'brew',
    ...(tapPattern.test(tap) && tap !== defaultTap ? { namespace: tap } : {}),
    name,
    version,
    ...(/^[a-z0-9_]{1,32}$/.test(architecture) ? { architecture } : {}),
    licences: formulaFile === undefined ? [] : licencesOf(decodeText(formulaFile.content)),
    paths: [path],
  };
}
