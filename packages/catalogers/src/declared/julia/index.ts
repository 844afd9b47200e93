// Packages of Julia as Manifest.toml declares them (pkgdocs.julialang.org, "Project.toml and Manifest.toml"), formats 1 and 2.
import { parseToml } from '@plombe/formats';
import { field, isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { beside, byBaseName, declaring, quietly } from '../declaring.ts';
import { reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { baseName, lockFile, manifestFile, tomlOf } from '../read.ts';

const projects: ReadonlyMap<string, string> = new Map([
  ['Manifest.toml', 'Project.toml'],
  ['JuliaManifest.toml', 'JuliaProject.toml'],
]);

/** Manifest.toml, with Project.toml for what is asked for. */
export const juliaManifestCataloger = declaring(
  'julia-manifest',
  byBaseName({
    'Manifest.toml': lockFile,
    'JuliaManifest.toml': lockFile,
    'Project.toml': manifestFile,
    'JuliaProject.toml': manifestFile,
  }),
  (files, into) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    for (const file of files) {
      const project = projects.get(baseName(file.path));
      if (project === undefined) continue;
      const manifest = tomlOf(file, into);
      if (manifest !== undefined)
        readManifest(file, manifest, quietly(byPath.get(beside(file.path, project)), parseToml), into);
    }
  },
);

const namePattern = /^[A-Za-z_]\w{0,127}$/;
const versionPattern = /^\d{1,18}\.\d{1,18}\.\d{1,18}[\w.+-]{0,64}$/;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readManifest(
  file: RawFile,
  manifest: JsonObject,
  project: JsonObject | undefined,
  into: DeclaredPackages,
): void {
  const table = objectField(manifest, 'deps') ?? (field(manifest, 'manifest_format') === undefined ? manifest : {});
  // Format 2 has its table however few packages there are; of format 1 there is at least a comment.
  const isNamed = ['manifest_format', 'julia_version'].some((key) => Object.hasOwn(manifest, key));
  if (file.content.length === 0 || (isNamed && objectField(manifest, 'deps') === undefined))
    into.unreadable(file, 'was cut off: it has no "deps"');
  const entries = new Map<string, readonly JsonObject[]>();
  for (const name of Object.keys(table)) entries.set(name, objectsField(table, name));
  const namesIn = (entry: JsonObject): readonly string[] => {
    const written = field(entry, 'deps');
    return isObject(written) ? Object.keys(written) : textsField(entry, 'deps');
  };
  const needsOf = (name: string): readonly Need[] =>
    (entries.get(name) ?? [])
      .flatMap(namesIn)
      .filter((key) => entries.has(key))
      .map((key): Need => ({ key, scope: 'runtime' }));
  const named = Object.keys(objectField(project ?? {}, 'deps') ?? {});
  const asked = named.filter((key) => entries.has(key));
  const needed = [...named, ...[...entries.values()].flat().flatMap(namesIn)];
  tellLost(
    file,
    needed.filter((key) => !entries.has(key)),
    into,
  );
  const reached = reach(
    asked.map((key): Need => ({ key, scope: 'runtime' })),
    needsOf,
    (key) => key,
  );
  for (const [name, list] of entries) {
    for (const entry of list) {
      const version = textField(entry, 'version');
      const uuid = (textField(entry, 'uuid') ?? '').toLowerCase();
      const tree = textField(entry, 'git-tree-sha1');
      const path = textField(entry, 'path');
      const repository = textField(entry, 'repo-url');
      const isStandard = tree === undefined && path === undefined && repository === undefined;
      // Until Julia 1.9 the standard library's parts had no version but Julia's.
      if (version === undefined && uuidPattern.test(uuid) && (isStandard || path !== undefined)) continue;
      if (!namePattern.test(name) || !versionPattern.test(version ?? '') || !uuidPattern.test(uuid)) {
        into.unreadable(file, 'has an entry without valid name, version and uuid');
        continue;
      }
      const origin: PackageOrigin | undefined =
        path !== undefined ? 'local' : repository === undefined ? undefined : 'vcs';
      const way = reached.get(name);
      into.add(file, {
        type: 'julia',
        name,
        version: version ?? '',
        qualifiers: { uuid },
        ...(project === undefined ? {} : { direct: way?.direct ?? false }),
        origin,
        facts: {
          ...(repository === undefined ? {} : { resolved: repository.slice(0, 1024) }),
          ...(isStandard ? { standardLibrary: 'true' } : {}),
          ...(way?.via === undefined ? {} : { via: way.via }),
        },
      });
    }
  }
}
