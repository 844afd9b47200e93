// Well-known software that no package manager installed, by what its programs and libraries say of their version.
import type { FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { cpeOf } from './cpe.ts';
import { wants } from './interest.ts';
import { runtimeOf } from './jvm.ts';
import { softwareOf } from './table.ts';

/** Programs and libraries of the table, wherever they are; what a distribution's package owns is reported through its owner. */
export const binaryCataloger: Cataloger = {
  id: 'binary',
  version: 1,
  wantsVersion: 6,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

function catalog(view: FileView): CatalogResult {
  const packages = view.files().flatMap((file) => (file.type === 'file' ? (packageOf(file) ?? []) : []));
  return { packages, diagnostics: [], complete: true };
}

function packageOf(file: RawFile): FoundPackage | undefined {
  const { path, content } = file;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'release') return runtimeOf(content, path);
  const [id = '', said = ''] = Buffer.from(content.buffer, content.byteOffset, content.length)
    .toString('latin1')
    .split('\t');
  const row = softwareOf(id);
  const version = said === '' ? row?.named?.name.exec(name)?.[1] : said;
  if (row === undefined || version === undefined) return undefined;
  return {
    type: 'generic',
    name: id,
    version,
    licences: row.licence === undefined ? [] : [row.licence],
    cpes: row.cpes.map((product) => cpeOf(product, version)),
    paths: [path],
    ...(said === '' ? { weak: true } : {}),
  };
}
