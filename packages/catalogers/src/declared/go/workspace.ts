// Workspaces of Go: which go.work holds for a go.mod, and what stands in for modules in it (go.dev/ref/mod, "Workspaces").
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { tellUnended } from '../lost.ts';
import { baseName, folderOf, pathWithin, textOf } from '../read.ts';
import { byPath, parseGoMod, parseGoWork, sumsOf, type GoMod, type GoWork, type Replacements } from './go-mod.ts';

/** A go.work with the modules that it uses, as far as they are in the tree. */
export interface Workspace {
  readonly file: RawFile;
  readonly work: GoWork;
  /** Paths of the go.mod files that it uses. */
  readonly members: ReadonlySet<string>;
  /** Names of these modules: a requirement of one is of the tree itself. */
  readonly modules: ReadonlySet<string>;
  /** Paths of modules that go.work.sum has sums of. */
  readonly summed: ReadonlySet<string>;
  /** Those of go.work, which take the place of those of its modules for the same path, and those of all its modules. */
  readonly replacements: Replacements;
}

/** Modules of all workspaces of a tree together: Kubernetes has 33. The same module may be used by many go.work. (T25) */
const maxUses = 20_000;

/** Returns the workspaces of a tree by the path of their go.work. Uses that lead out of the tree or to no go.mod make the result incomplete. */
export function workspacesOf(
  files: ReadonlyMap<string, RawFile>,
  into: DeclaredPackages,
): ReadonlyMap<string, Workspace> {
  const found = new Map<string, Workspace>();
  const known = new Map<string, GoMod>();
  let uses = 0;
  for (const [path, file] of files) {
    if (baseName(path) !== 'go.work' || file.truncated) continue;
    const { odd, ...work } = parseGoWork(textOf(file));
    tellUnended(file, into);
    if (odd > 0) into.unreadable(file, 'is no go.work that can be read whole');
    uses += work.uses.length;
    if (uses > maxUses) {
      into.missing(file, 'archive/limit', `and those before it use more than ${maxUses} modules; the rest is left out`);
      break;
    }
    found.set(path, workspaceOf(path, file, work, { files, known, into }));
  }
  return found;
}

/** Returns the workspace that go works in at a go.mod: the nearest go.work above decides, and only where it uses the module. */
export function workspaceAt(path: string, workspaces: ReadonlyMap<string, Workspace>): Workspace | undefined {
  if (workspaces.size === 0) return undefined;
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const workspace = workspaces.get(folder === '' ? 'go.work' : `${folder}/go.work`);
    if (workspace !== undefined) return workspace.members.has(path) ? workspace : undefined;
    if (folder === '') return undefined;
  }
}

interface Tree {
  readonly files: ReadonlyMap<string, RawFile>;
  /** Those that were parsed before, by their path. */
  readonly known: Map<string, GoMod>;
  readonly into: DeclaredPackages;
}

function workspaceOf(path: string, file: RawFile, work: GoWork, { files, known, into }: Tree): Workspace {
  const mods = new Map<string, GoMod>();
  let lost = 0;
  for (const use of work.uses) {
    const folder = pathWithin(folderOf(path), use);
    const at = folder === '' ? 'go.mod' : `${folder ?? ''}/go.mod`;
    const mod = folder === undefined ? undefined : files.get(at);
    if (mod === undefined) lost += 1;
    else if (!mod.truncated) {
      const parsed = known.get(at) ?? parseGoMod(textOf(mod));
      known.set(at, parsed);
      mods.set(at, parsed);
    }
  }
  if (lost > 0) into.unreadable(file, `uses modules that are not in this tree (${lost})`);
  const sum = files.get(`${path}.sum`);
  const replaced = new Set(work.replacements.map((one) => one.path));
  const others = [...mods.values()].flatMap(({ replacements }) =>
    replacements.filter((one) => !replaced.has(one.path)),
  );
  return {
    file,
    work,
    members: new Set(mods.keys()),
    modules: new Set([...mods.values()].flatMap(({ module }) => (module === undefined ? [] : [module]))),
    summed: sum === undefined || sum.truncated ? new Set() : sumsOf(textOf(sum)).paths,
    replacements: byPath([...work.replacements, ...others]),
  };
}
