// Go modules, from the build info that Go's linker puts into every program.
import { GoBuildInfoReader, parseGoBuildInfo } from '@plombe/formats';
import { kibibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { modulesOf } from './modules.ts';

/** Modules and the standard library of Go programs, wherever they are. */
export const goCataloger: Cataloger = {
  id: 'go',
  version: 1,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  wants,
  catalog,
};

/** The runtime alone, stripped, has 700 KiB in the oldest release with build info, and over 1 MiB today. */
const minProgramBytes = 256 * kibibyte;

const program: Want = { kind: 'distill', create: () => new GoBuildInfoReader() };

function wants({ type, sizeBytes }: FileHeader): Want | undefined {
  return type === 'file' && sizeBytes >= minProgramBytes ? program : undefined;
}

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file') continue;
    const info = parseGoBuildInfo(file.content);
    if (info !== undefined) packages.push(...modulesOf(info, file.path));
    if (info === undefined || info.toolchain === '') {
      const what = info === undefined ? 'build info that cannot be read' : 'build info whose toolchain cannot be told';
      const saying = `has ${what}; its modules or its standard library are missing`;
      diagnostics.push(diagnose('package/metadata-invalid', 'warning', file, saying));
      complete = false;
    }
  }
  return { packages, diagnostics, complete };
}
