// The package lists of Azure Linux and Mariner distroless images, whose database was removed when they were built.
import { decodeText } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';
import type { RpmFields } from './package.ts';

/** As for databases; a longer list is cut and told. */
const maxPackages = 100_000;

export interface ManifestContent {
  readonly fields: readonly RpmFields[];
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
}

/** Reads `container-manifest-2` or, weaker because it does not separate name from version safely, `container-manifest-1`. */
export function readManifest(file: RawFile): ManifestContent {
  const parse = file.path.endsWith('-2') ? parseRow : parseLabel;
  const fields: RpmFields[] = [];
  let invalid = 0;
  const lines = decodeText(file.content).split(/\r?\n/, maxPackages + 1);
  for (const line of lines.slice(0, maxPackages)) {
    if (line === '' || line.startsWith('gpg-pubkey')) continue;
    const rpm = parse(line, file.path);
    if (rpm === undefined) invalid += 1;
    else fields.push(rpm);
  }
  const told: string[] = [];
  if (invalid > 0) told.push(`${invalid} lines are not valid`);
  if (file.truncated || lines.length > maxPackages) told.push('it is longer than the limit and was read in part');
  const common = {
    code: 'package/database-corrupt',
    level: 'error',
    path: file.path,
    layerIndex: file.layerIndex,
  } as const;
  const diagnostics = told.map((sentence) => ({ ...common, message: `rpm manifest /${file.path}: ${sentence}` }));
  return { fields, diagnostics, complete: told.length === 0 };
}

/** Name, version-release, install time, build time, vendor, epoch, size, architecture, epoch as a number, source rpm; `(none)` is absence. */
function parseRow(line: string, path: string): RpmFields | undefined {
  const columns = line.split('\t').map((text) => (text === '(none)' ? '' : text));
  const [name, versionRelease, , , vendor, , , architecture, epoch, sourceRpm] = columns;
  if (!name || !versionRelease?.includes('-') || !/^\d{0,10}$/.test(epoch ?? '')) return undefined;
  return {
    name,
    versionRelease,
    epoch: Number(epoch ?? ''),
    ...(architecture ? { architecture } : {}),
    ...(vendor ? { vendor } : {}),
    ...(sourceRpm ? { sourceRpm } : {}),
    path,
  };
}

/** `name-version-release.arch`, or with a dot after the name: the version begins at the last separator that a digit follows. */
function parseLabel(line: string, path: string): RpmFields | undefined {
  const dot = line.lastIndexOf('.');
  const dash = line.lastIndexOf('-', dot);
  const label = line.slice(0, Math.max(dash, 0));
  const lastDash = label.lastIndexOf('-');
  const separator = /^-\d/.test(label.slice(lastDash)) ? lastDash : label.search(/\.\d/);
  if (separator <= 0 || dot - dash < 2) return undefined;
  const versionRelease = line.slice(separator + 1, dot);
  return {
    name: label.slice(0, separator),
    versionRelease,
    epoch: 0,
    architecture: line.slice(dot + 1),
    path,
    weak: true,
  };
}
