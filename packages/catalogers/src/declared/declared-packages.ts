// What the files of one ecosystem declare, gathered: one package per name and version in a file, and what could not be read.
import { by, compareText, declaredLicences, inert, type ErrorCode } from '@plombe/kit';
import {
  barePurl,
  type Diagnostic,
  type FoundPackage,
  type PackageOrigin,
  type PackageScope,
  type PackageType,
  type RawFile,
} from '@plombe/model';
import type { CatalogResult } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import type { Links } from './graph.ts';

/** A package as an entry of a lock file or manifest says it. */
export interface Declaration {
  readonly type: PackageType;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version: string;
  readonly qualifiers?: Readonly<Record<string, string>> | undefined;
  readonly subpath?: string | undefined;
  readonly licences?: readonly string[] | undefined;
  readonly weak?: boolean | undefined;
  readonly scope?: PackageScope | undefined;
  readonly direct?: boolean | undefined;
  readonly origin?: PackageOrigin | undefined;
  readonly facts?: Readonly<Record<string, string>> | undefined;
  /** Its place in the graph of the file; keys are the file's own. */
  readonly links?: Links | undefined;
}

/** The largest lock files known to us have 15,000 entries; a million would be an attack on the memory. (T25) */
const maxPackages = 200_000;
/** Longer ones are no names and versions: npm's limit is 214, Maven's longest coordinate has under 150. */
const maxNameLength = 512;
const maxVersionLength = 256;
/** Lines between packages that are kept, of all files: five to a package are usual. */
const maxLinks = 2_000_000;
/** Requirements that a diagnostic names one by one. */
const maxNamed = 5;
/** Diagnostics of one cataloger; the rest is counted. */
const maxDiagnostics = 200;

/** Strongest first: what one place needs to run is not development for another. */
const scopeOrder: readonly PackageScope[] = ['runtime', 'optional', 'development'];

/** Returns the stronger of two scopes; absent counts as `runtime`. */
export function strongerScope(a: PackageScope = 'runtime', b: PackageScope = 'runtime'): PackageScope {
  return scopeOrder.find((scope) => scope === a || scope === b) as PackageScope;
}

/** Gathers packages, requirements without a version and unreadable files, and makes the result of a cataloger of them. */
export class DeclaredPackages {
  readonly #found = new Map<string, FoundPackage>();
  /** For each file, which package its keys are of; and for each package, the files that speak of it and what it needs there. */
  readonly #keys = new Map<RawFile, Map<string, string>>();
  readonly #needs = new Map<string, { readonly file: RawFile; readonly needs: readonly string[] }[]>();
  #links = 0;
  readonly #open = new Map<RawFile, Set<string>>();
  readonly #diagnostics: Diagnostic[] = [];
  #hidden = 0;
  #complete = true;
  #full = false;

  /** Adds a package that `file` declares. The same one again makes its scope stronger; entries without a usable name or version are told. */
  add(file: RawFile, declared: Declaration): void {
    const { type, namespace, name, version, qualifiers, subpath } = declared;
    if (!isUsable(name, maxNameLength) || !isUsable(version, maxVersionLength)) {
      this.#tell('package/metadata-invalid', 'warning', file, 'has an entry whose name or version is not valid');
      return;
    }
    const key = JSON.stringify([file.path, type, namespace, name, version, qualifiers, subpath]);
    if (declared.links !== undefined) this.#link(file, key, declared.links);
    const known = this.#found.get(key);
    if (known !== undefined) this.#found.set(key, joined(known, declared));
    else if (this.#found.size < maxPackages) this.#found.set(key, foundOf(declared, file.path));
    else if (!this.#full) {
      this.#full = true;
      this.#lose(
        'archive/limit',
        file,
        `and the files before it declare more than ${maxPackages} packages; the rest is left out`,
      );
    }
  }

  #link(file: RawFile, key: string, { key: own, needs }: Links): void {
    const keys = this.#keys.get(file) ?? new Map<string, string>();
    this.#keys.set(file, keys.set(own, key));
    this.#links += needs.length;
    if (needs.length === 0 || this.#links > maxLinks) return;
    const known = this.#needs.get(key);
    if (known === undefined) this.#needs.set(key, [{ file, needs }]);
    else known.push({ file, needs });
  }

  /** The package with what it needs, where any of that is a package. */
  #linked(key: string, found: FoundPackage): FoundPackage {
    const needed = new Set<string>();
    for (const { file, needs } of this.#needs.get(key) ?? []) {
      const keys = this.#keys.get(file);
      for (const need of needs) {
        const target = keys?.get(need);
        if (target !== undefined && target !== key && this.#found.has(target)) needed.add(target);
      }
    }
    if (needed.size === 0) return found;
    const requires = [...needed].map((target) => barePurl(this.#found.get(target) as FoundPackage));
    return { ...found, requires: [...new Set(requires)].sort(compareText) };
  }

  /** Notes that `file` cannot be read whole: `PATH is not valid JSON.` The result is not complete. */
  unreadable(file: RawFile, saying: string): void {
    this.#lose('package/metadata-invalid', file, file.truncated ? 'is larger than the limit and was not read' : saying);
  }

  /** Notes a requirement without an exact version: which one would be installed is not known, so the result is not complete. */
  open(file: RawFile, requirement: string): void {
    const known = this.#open.get(file) ?? new Set();
    this.#open.set(file, known);
    if (known.size < maxPackages) known.add(requirement.slice(0, maxNameLength));
  }

  /** Notes that `file` names packages which cannot be listed: the result is not complete. */
  missing(file: RawFile, code: ErrorCode, saying: string): void {
    this.#lose(code, file, saying);
  }

  /** Notes something a person should know that takes nothing away from the result. */
  note(file: RawFile, saying: string, code: ErrorCode = 'package/metadata-invalid'): void {
    this.#tell(code, 'note', file, saying, true);
  }

  /** The result, packages sorted by path, name and version. */
  result(): CatalogResult {
    const files = [...this.#open].sort(by(([file]) => file.path));
    for (const [file, requirements] of files) {
      const names = [...requirements].sort(compareText);
      const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
      const shown = inert(names.slice(0, maxNamed).join(', '));
      this.#lose('package/version-open', file, `asks for packages without an exact version: ${shown}${more}`);
    }
    const diagnostics = this.#diagnostics;
    if (this.#hidden > 0) {
      const message = `${this.#hidden} more problems of such files are not listed.`;
      diagnostics.push({ code: 'package/metadata-invalid', level: 'warning', message });
    }
    const packages = [...this.#found].map(([key, found]) => this.#linked(key, found));
    return { packages: packages.sort(inOrder), diagnostics, complete: this.#complete };
  }

  #lose(code: ErrorCode, file: RawFile, saying: string): void {
    this.#tell(code, 'warning', file, saying);
  }

  #tell(code: ErrorCode, level: Diagnostic['level'], file: RawFile, saying: string, harmless = false): void {
    if (!harmless) this.#complete = false;
    const told = diagnose(code, level, file, saying);
    if (this.#diagnostics.some(({ code: other, message }) => other === code && message === told.message)) return;
    if (this.#diagnostics.length < maxDiagnostics) this.#diagnostics.push(told);
    else this.#hidden += 1;
  }
}

const inOrder = by<FoundPackage>(
  ({ paths }) => paths[0] as string,
  ({ namespace }) => namespace ?? '',
  ({ name }) => name,
  ({ version }) => version,
  ({ qualifiers, subpath }) => JSON.stringify([qualifiers, subpath]),
);

function isUsable(text: string, maxLength: number): boolean {
  // oxlint-disable-next-line no-control-regex -- Control characters are what is looked for.
  return text.length > 0 && text.length <= maxLength && !/[\u0000-\u0020\u007f]/.test(text);
}

function foundOf(declared: Declaration, path: string): FoundPackage {
  const { type, namespace, name, version, qualifiers, subpath, licences, weak, scope, direct, origin, facts } =
    declared;
  return {
    type,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    name,
    version,
    ...(qualifiers === undefined ? {} : { qualifiers }),
    ...(subpath === undefined ? {} : { subpath }),
    licences: declaredLicences(licences ?? []),
    paths: [path],
    ...(weak === true ? { weak } : {}),
    scope: scope ?? 'runtime',
    ...(direct === undefined ? {} : { direct }),
    ...(origin === undefined ? {} : { origin }),
    ...(facts === undefined || Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** Two entries of one file for the same package: the stronger scope, direct where one is, from elsewhere only where both are. */
function joined(known: FoundPackage, declared: Declaration): FoundPackage {
  const { origin, direct: knownDirect, ...rest } = known;
  const direct = knownDirect === true || declared.direct === true ? true : (knownDirect ?? declared.direct);
  return {
    ...rest,
    licences: known.licences.length > 0 ? known.licences : declaredLicences(declared.licences ?? []),
    scope: strongerScope(known.scope, declared.scope),
    ...(direct === undefined ? {} : { direct }),
    ...(origin !== undefined && declared.origin !== undefined ? { origin } : {}),
    ...(known.facts === undefined && declared.facts === undefined
      ? {}
      : { facts: { ...declared.facts, ...known.facts } }),
  };
}
