// What the manifests of a project name and its Cargo.lock must hold: its members, and what they depend on (doc.rust-lang.org/cargo, "Workspaces").
import { field, isObject, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import { pathWithin } from '../read.ts';

/** Manifests of the tree by the name of the crate, names by their folder, and those folders by the one they lie in. */
export interface Crates {
  readonly manifests: ReadonlyMap<string, JsonObject>;
  readonly projects: ReadonlyMap<string, string>;
  readonly foldersIn: ReadonlyMap<string, readonly string[]>;
}

/** Yields the names that the lock file of a folder must hold: of its crate, of the members of its workspace, and of all that those depend on. */
export function* namesAsked(
  folder: string,
  workspace: JsonObject | undefined,
  { manifests, projects, foldersIn }: Crates,
): Generator<string> {
  const inherited = objectField(workspace ?? {}, 'dependencies') ?? {};
  for (const place of membersOf(folder, workspace, foldersIn)) {
    const name = projects.get(place);
    if (name === undefined) continue;
    yield name;
    yield* dependenciesOf(manifests.get(name) ?? {}, inherited);
  }
}

function membersOf(
  folder: string,
  workspace: JsonObject | undefined,
  foldersIn: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const excluded = textsField(workspace ?? {}, 'exclude').map((path) => pathWithin(folder, path));
  const found = new Set([folder]);
  for (const written of textsField(workspace ?? {}, 'members')) {
    const isPattern = written.endsWith('/*');
    const place = pathWithin(folder, isPattern ? written.slice(0, -2) : written);
    if (place === undefined || /[*?[]/.test(place)) continue;
    for (const member of isPattern ? (foldersIn.get(place) ?? []) : [place]) found.add(member);
  }
  for (const place of excluded) found.delete(place ?? '');
  return found;
}

const tables = ['dependencies', 'dev-dependencies', 'dev_dependencies', 'build-dependencies', 'build_dependencies'];

/** Optional ones and those of other platforms have entries too. One that the workspace renames where that is not known is left out. */
function* dependenciesOf(manifest: JsonObject, inherited: JsonObject): Generator<string> {
  const targets = Object.values(objectField(manifest, 'target') ?? {}).filter(isObject);
  for (const holder of [manifest, ...targets]) {
    for (const table of tables) {
      for (const [written, value] of Object.entries(objectField(holder, table) ?? {})) {
        const isInherited = isObject(value) && field(value, 'workspace') === true;
        const said = isInherited ? field(inherited, written) : value;
        if (said !== undefined) yield (isObject(said) ? textField(said, 'package') : undefined) ?? written;
      }
    }
  }
}
