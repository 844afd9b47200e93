// One package that several files speak of: what is installed describes it, what declares it says what it is for.
import type { FoundPackage, PackageScope } from '@plombe/model';
import type { PlacedPackage } from './catalog.ts';

/** What one cataloger says of a package. */
export interface Said {
  readonly placed: PlacedPackage;
  /** True where a lock file or manifest says it. */
  readonly declares: boolean;
}

/** Strongest first. */
const scopeOrder: readonly PackageScope[] = ['runtime', 'optional', 'development'];

/**
 * Returns the one package that these are. The strongest scope holds; one that is installed where no file speaks for it (outside the folders of those
 * that declare it) is `runtime`, and comes from a registry: no lock file can take away what lies elsewhere. Weak evidence of a package that is a
 * part of the tree is that part itself.
 */
export function foundBy(said: readonly Said[]): FoundPackage {
  const declared = said.filter(({ declares }) => declares).map(({ placed }) => placed.found);
  const installed = said.filter(({ declares }) => !declares).map(({ placed }) => placed.found);
  const first = installed.length === 0 ? (said[0] as Said).placed.found : together(installed);
  if (declared.length === 0) return first;
  const folders = declared.map(({ paths }) => folderOf(paths[0] ?? ''));
  const elsewhere = installed.some(({ paths: [path = ''] }) => !folders.some((folder) => path.startsWith(folder)));
  const { scope: _, direct: __, origin: ___, facts: ____, ...rest } = first;
  const scope = elsewhere ? 'runtime' : strongest(declared);
  const direct =
    declared.some((one) => one.direct === true) || declared.find((one) => one.direct !== undefined)?.direct;
  const origin = !elsewhere && installed.every(({ weak }) => weak === true) ? commonOrigin(declared) : undefined;
  const facts = Object.assign({}, ...[...declared, ...installed].map((one) => one.facts ?? {})) as Record<
    string,
    string
  >;
  const keys = Object.keys(facts).sort();
  return {
    ...rest,
    licences:
      rest.licences.length > 0 ? rest.licences : (declared.find((one) => one.licences.length > 0)?.licences ?? []),
    scope,
    ...(direct === undefined ? {} : { direct }),
    ...(origin === undefined ? {} : { origin }),
    ...(keys.length === 0 ? {} : { facts: Object.fromEntries(keys.map((key) => [key, facts[key] as string])) }),
  };
}

/**
 * One of several that are installed: evidence of a registry's package counts before that of a part of the tree, strong before weak, so that no program
 * built from a copy takes away what another was built with.
 */
function together(installed: readonly FoundPackage[]): FoundPackage {
  const weight = ({ origin, weak }: FoundPackage): number => (origin === undefined ? 0 : 2) + (weak === true ? 1 : 0);
  const best = installed.reduce((one, other) => (weight(other) < weight(one) ? other : one));
  if (installed.length === 1) return best;
  const { scope: _, direct: __, ...rest } = best;
  const told = installed.every(({ scope }) => scope !== undefined);
  const direct =
    installed.some((one) => one.direct === true) || installed.find((one) => one.direct !== undefined)?.direct;
  return {
    ...rest,
    ...(told ? { scope: strongest(installed) } : {}),
    ...(direct === undefined ? {} : { direct }),
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function strongest(declared: readonly FoundPackage[]): PackageScope {
  const scopes = new Set(declared.map(({ scope }) => scope ?? 'runtime'));
  return scopeOrder.find((scope) => scopes.has(scope)) ?? 'runtime';
}

/** From elsewhere than a registry only where every file says so. */
function commonOrigin(declared: readonly FoundPackage[]): FoundPackage['origin'] {
  return declared.every(({ origin }) => origin !== undefined) ? declared[0]?.origin : undefined;
}
