// Packages of Swift as Package.resolved declares them (docs.swift.org, "Package.resolved"), versions 1 to 3.
import { field, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import { repositoryPlace, swiftVersionPattern } from '../../swift/index.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { jsonOf, lockFile } from '../read.ts';

/** Package.resolved, beside Package.swift or in a project of Xcode. */
export const swiftResolvedCataloger = declaring(
  'swift-resolved',
  byBaseName({ 'Package.resolved': lockFile }),
  (files, into) => {
    for (const file of files) {
      const value = jsonOf(file, into);
      if (value === undefined) continue;
      const object = objectField(value, 'object') ?? value;
      if (!Array.isArray(field(object, 'pins'))) into.unreadable(file, 'is no list of pins');
      else for (const pin of objectsField(object, 'pins')) addPin(file, pin, into);
    }
  },
);

function addPin(file: RawFile, pin: JsonObject, into: DeclaredPackages): void {
  const state = objectField(pin, 'state') ?? {};
  const kind = textField(pin, 'kind') ?? '';
  const version = textField(state, 'version') ?? '';
  const commit = /^[0-9a-f]{40,64}$/.exec(textField(state, 'revision') ?? '')?.[0];
  const location = textField(pin, 'location') ?? textField(pin, 'repositoryURL') ?? '';
  if (kind === 'registry') {
    const identity = textField(pin, 'identity') ?? '';
    const [, namespace, name] = /^([\w-]{1,39})\.([\w-]{1,100})$/.exec(identity) ?? [];
    if (name === undefined || !swiftVersionPattern.test(version))
      return into.unreadable(file, 'has a pin without valid identity and version');
    // Advisories name repositories, and a registry's identity says none.
    return into.add(file, {
      type: 'swift',
      namespace,
      name,
      version,
      origin: 'archive',
      facts: { registry: identity },
    });
  }
  const branch = textField(state, 'branch');
  const facts = {
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch: branch.slice(0, 200) }),
  };
  const isLocal = kind === 'localSourceControl' || kind === 'fileSystem';
  const place = isLocal ? localPlace(location) : repositoryPlace(location);
  const pinned = swiftVersionPattern.test(version) ? version : commit;
  if (place === undefined || pinned === undefined)
    return into.unreadable(file, 'has a pin without valid location and version');
  const origin = isLocal ? 'local' : pinned === version ? undefined : 'vcs';
  into.add(file, { type: 'swift', ...place, version: pinned, origin, facts });
}

function localPlace(location: string): { readonly name: string } | undefined {
  const name = /([\w.+-]{1,128})\/*$/.exec(location.slice(-1024))?.[1];
  return name === undefined ? undefined : { name };
}
