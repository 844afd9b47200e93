// Names, ranges and places as the lock files of Node.js write them.
import { field, isObject, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import type { DeclaredPackages, Declaration } from '../declared-packages.ts';

/** Returns scope as namespace, and name: `@babel/core`. */
export function npmName(full: string): Pick<Declaration, 'namespace' | 'name'> {
  const slash = full.indexOf('/');
  return full.startsWith('@') && slash > 0
    ? { namespace: full.slice(0, slash), name: full.slice(slash + 1) }
    : { name: full };
}

/** Splits `name@rest` at the first `@` behind the scope's. Undefined where there is none. */
export function splitAt(text: string): { readonly name: string; readonly rest: string } | undefined {
  const at = text.indexOf('@', 1);
  return at < 0 ? undefined : { name: text.slice(0, at), rest: text.slice(at + 1) };
}

/** Returns where a package is from by what a lock file or manifest says of it; undefined for a registry. */
export function originOf(place: string): PackageOrigin | undefined {
  if (/^(?:git[+:@]|github:|gitlab:|bitbucket:|gist:|ssh:)/.test(place)) return 'vcs';
  if (/^https?:\/\/codeload\.github\.com\//.test(place)) return 'vcs';
  if (/^(?:(?:link|portal|workspace|root):|\.{1,2}\/|~\/)/.test(place)) return 'local';
  if (place.startsWith('file:')) return /\.(?:tgz|tar\.gz|tar)$/.test(place) ? 'archive' : 'local';
  if (/^https?:\/\/[^#]*\.git(?:#|$)/.test(place) || /^https?:\/\/[^#]*#commit=/.test(place)) return 'vcs';
  return undefined;
}

/** True for a range that is an address: what it leads to is no registry's package. */
export function isAddress(range: string): boolean {
  return /^https?:/.test(range);
}

/** The members of a manifest that name dependencies, with what those are for. */
export const dependencyFields: readonly (readonly [string, PackageScope])[] = [
  ['dependencies', 'runtime'],
  ['peerDependencies', 'runtime'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'development'],
];

/** Those of what a project gets, come what may: peers are others', and optional ones may be missing. */
export const installedFields: typeof dependencyFields = [
  ['dependencies', 'runtime'],
  ['devDependencies', 'development'],
];

/** Returns what a manifest, or an entry like one, asks for: name, range, scope. An optional one listed among others too is optional. */
export function rangesOf(
  manifest: JsonObject,
  fields: readonly (readonly [string, PackageScope])[] = dependencyFields,
): readonly { readonly name: string; readonly range: string; readonly scope: PackageScope }[] {
  const found = new Map<string, { name: string; range: string; scope: PackageScope }>();
  for (const [member, scope] of fields) {
    const listed = field(manifest, member);
    if (!isObject(listed)) continue;
    for (const [name, value] of Object.entries(listed)) {
      const range = typeof value === 'string' ? value : isObject(value) ? (textField(value, 'version') ?? '') : '';
      if (scope === 'development' && found.has(name)) continue;
      if (scope === 'runtime' && found.has(name)) continue;
      found.set(name, { name, range, scope });
    }
  }
  return [...found.values()];
}

/** Returns what stands for the version of a place: its commit where it names one, else the place itself. */
export function versionAt(place: string): string {
  return /#(?:commit=)?([0-9a-f]{7,64})$/.exec(place)?.[1] ?? place;
}

/** The project itself: a part of the tree, which its own package.json would else make a package of the registry. */
export function addProject(file: RawFile, manifest: JsonObject | undefined, into: DeclaredPackages): void {
  if (manifest === undefined) return;
  const name = textField(manifest, 'name') ?? '';
  const version = textField(manifest, 'version') ?? '';
  if (/^(?:@[\w.~-]+\/)?[\w.~-]+$/.test(name) && /^\d[\w.+-]*$/.test(version))
    into.add(file, { type: 'npm', ...npmName(name), version, scope: 'runtime', origin: 'local' });
}
