// Packages of Bottlerocket, which has no package manager: from the inventory that its build writes.
import { decodeText, field, isObject, mebibyte, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';

/** Packages of Bottlerocket's image and of its core kits, built as rpms. */
export const bottlerocketCataloger: Cataloger = {
  id: 'bottlerocket',
  version: 1,
  wantsVersion: 1,
  attribution: 'database',
  owner: false,
  where: { names: ['application-inventory.json'] },
  wants,
  catalog,
};

const baseName = '/application-inventory.json';
/** `/usr` is a link to the folder of the architecture's sysroot. */
const inventoryPath =
  /^(?:(?:x86_64|aarch64)-bottlerocket-linux-gnu\/sys-root\/)?usr\/share\/bottlerocket\/application-inventory\.json$/;

/** 150 packages have 60 KiB. */
const inventory: Want = { kind: 'whole', maxBytes: 8 * mebibyte };
const maxPackages = 10_000;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,255}$/;
const partPattern = /^[A-Za-z0-9][A-Za-z0-9+._~^]{0,255}$/;

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.endsWith(baseName) || (type !== 'file' && type !== 'hardlink')) return undefined;
  return inventoryPath.test(path) ? inventory : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const { content, cause } = contentOf(file);
    const found = content.map((entry) => packageOf(entry, file.path));
    packages.push(...found.filter((one) => one !== undefined));
    const lost = found.filter((one) => one === undefined).length;
    const causes = [cause, lost === 0 ? undefined : `${lost} of its entries have no valid name, version or release`];
    for (const why of causes)
      if (why !== undefined)
        diagnostics.push(diagnose('package/database-corrupt', 'error', file, `cannot be read whole: ${why}`));
  }
  return { packages, diagnostics, complete: diagnostics.length === 0 };
}

function contentOf(file: RawFile): { readonly content: readonly JsonObject[]; readonly cause?: string } {
  if (file.truncated) return { content: [], cause: 'it is larger than 8 MiB' };
  let value: unknown;
  try {
    value = JSON.parse(decodeText(file.content));
  } catch {
    return { content: [], cause: 'it is not valid JSON' };
  }
  if (!isObject(value) || !Array.isArray(field(value, 'Content')))
    return { content: [], cause: 'it has no list `Content`' };
  const all = objectsField(value, 'Content');
  return all.length > maxPackages
    ? { content: all.slice(0, maxPackages), cause: `it lists more than ${maxPackages} packages` }
    : { content: all };
}

function packageOf(entry: JsonObject, path: string): FoundPackage | undefined {
  const name = textField(entry, 'Name') ?? '';
  const version = textField(entry, 'Version') ?? '';
  const release = textField(entry, 'Release') ?? '';
  const epoch = textField(entry, 'Epoch') ?? '';
  const architecture = textField(entry, 'Architecture') ?? '';
  if (!namePattern.test(name) || !partPattern.test(version) || !partPattern.test(release)) return undefined;
  const hasEpoch = /^\d{1,9}$/.test(epoch) && Number(epoch) > 0;
  const publisher = textField(entry, 'Publisher') ?? '';
  return {
    type: 'rpm',
    namespace: 'bottlerocket',
    name,
    version: `${hasEpoch ? `${Number(epoch)}:` : ''}${version}-${release}`,
    ...(/^[a-z0-9_]{1,32}$/.test(architecture) ? { architecture } : {}),
    ...(hasEpoch ? { qualifiers: { epoch: String(Number(epoch)) } } : {}),
    licences: [],
    ...(publisher !== '' && publisher.length <= 200 ? { vendor: publisher } : {}),
    paths: [path],
  };
}
