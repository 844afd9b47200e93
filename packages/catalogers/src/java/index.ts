// Java packages: jar, war, ear and their like, with the archives inside them and what was shaded into them.
import { inert } from '@plombe/kit';
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import type { ZipProblem } from '@plombe/formats';
import type { Cataloger, CatalogResult, FileView } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { type ArchiveFacts, decodeFacts } from './facts.ts';
import { packagesOf } from './identify.ts';
import { gemsOf } from '../ruby/index.ts';
import { wants } from './interest.ts';
import { looseProject } from './loose.ts';

/** Maven artifacts wherever they are: as files, inside archives, shaded; and the gems in archives of JRuby. */
export const javaCataloger: Cataloger = {
  id: 'java',
  version: 4,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  where: {
    names: ['pom.properties'],
    extensions: ['jar', 'war', 'ear', 'sar', 'par', 'rar', 'hpi', 'jpi', 'nar', 'kar', 'lpkg', 'aar', 'mar'],
  },
  wants,
  catalog,
};

function catalog(view: FileView): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const file of view.files()) {
    if (file.type !== 'file' || file.sizeBytes === 0) continue;
    if (file.path.endsWith('/pom.properties')) {
      const found = looseProject(file);
      if ('code' in found) diagnostics.push(found);
      else packages.push(found);
      complete &&= !('code' in found);
      continue;
    }
    const facts = decodeFacts(file.content);
    if (facts === undefined) {
      diagnostics.push(
        diagnose(
          'package/metadata-invalid',
          'warning',
          file,
          'could not be read; its packages are not in the inventory',
        ),
      );
      complete = false;
      continue;
    }
    complete = catalogArchive(file, file.path, facts, packages, diagnostics) && complete;
  }
  return { packages, diagnostics, complete };
}

const codes = {
  ambiguous: 'archive/corrupt',
  corrupt: 'archive/corrupt',
  limit: 'archive/limit',
  unsupported: 'archive/unsupported',
} as const;

/** Adds the packages of an archive and of those inside it. `place` is its path, with `!/` before what is inside. False where something was lost. */
function catalogArchive(
  file: RawFile,
  place: string,
  facts: ArchiveFacts,
  packages: FoundPackage[],
  diagnostics: Diagnostic[],
): boolean {
  const tell = (problem: ZipProblem): void => {
    const kind = problem.kind === 'ambiguous' ? ' (it can be read in two ways)' : '';
    const message = `${inert(place)} ${inert(problem.what)}${kind}.`;
    diagnostics.push({
      code: codes[problem.kind],
      level: 'warning',
      message,
      path: file.path,
      layerIndex: file.layerIndex,
    });
  };
  if (!facts.isZip) {
    const message = `${inert(place)} is no archive, whatever its name says.`;
    diagnostics.push({
      code: 'archive/unsupported',
      level: 'note',
      message,
      path: file.path,
      layerIndex: file.layerIndex,
    });
    return true;
  }
  for (const problem of facts.problems) tell(problem);
  const { found, gaps } = packagesOf(place, facts);
  for (const gap of gaps) {
    const message = `${inert(place)} ${inert(gap.what)}.`;
    diagnostics.push({
      code: 'package/metadata-invalid',
      level: gap.level,
      message,
      path: file.path,
      layerIndex: file.layerIndex,
    });
  }
  packages.push(...found);
  const gems = gemsIn(file, place, facts);
  packages.push(...gems.packages);
  diagnostics.push(...gems.diagnostics);
  let complete = facts.problems.length === 0 && gems.complete && gaps.every(({ level }) => level === 'note');
  for (const inner of facts.archives) {
    complete = catalogArchive(file, `${place}!/${inner.name}`, inner, packages, diagnostics) && complete;
  }
  return complete;
}

/** The gems that JRuby brings along, and those of an application that was packed with it. */
function gemsIn({ layerIndex }: RawFile, place: string, { gems }: ArchiveFacts): CatalogResult {
  const { packages, ...rest } = gemsOf(
    gems.map(({ path, text }) => ({ path: `${place}!/${path}`, content: Buffer.from(text), layerIndex })),
  );
  const packedIn = place.slice(place.lastIndexOf('/') + 1);
  const withPlace = (facts: FoundPackage['facts']): FoundPackage['facts'] =>
    Object.fromEntries(Object.entries({ ...facts, packedIn }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...rest, packages: packages.map((one) => ({ ...one, facts: withPlace(one.facts) })) };
}
