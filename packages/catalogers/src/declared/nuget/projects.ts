// Project files of a tree together with the central files above them: what is asked for, in which version.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { folderOf, textOf } from '../read.ts';
import { addPackage, singleVersion } from './package.ts';
import { parseProjectFile, type PackageReference, type ProjectFile } from './project-file.ts';

interface Placed {
  readonly file: RawFile;
  readonly project: ProjectFile;
}

/** Folders above a file that are looked into. */
const maxFolders = 64;
/** Properties in properties. */
const maxExpansions = 16;

/** The project files of a tree, and the files that hold for those below their folder. */
export class Projects {
  readonly #projects: Placed[] = [];
  readonly #byFolder = new Map<string, Placed[]>();
  readonly #above = new Map<string, ProjectFile>();

  /** Reads one; what cannot be read is told. */
  read(file: RawFile, into: DeclaredPackages): void {
    let project: ProjectFile | undefined;
    try {
      project = file.truncated ? undefined : parseProjectFile(textOf(file));
    } catch {
      into.unreadable(file, 'is not valid XML');
      return;
    }
    if (project === undefined) into.unreadable(file, 'is no project file');
    else if (file.path.endsWith('.props')) this.#above.set(file.path, project);
    else {
      const placed = { file, project };
      this.#projects.push(placed);
      const folder = folderOf(file.path);
      const same = this.#byFolder.get(folder);
      if (same === undefined) this.#byFolder.set(folder, [placed]);
      else same.push(placed);
    }
  }

  /** Names in lower case that the projects of a folder ask for their build only. */
  developmentIn(folder: string): ReadonlySet<string> {
    const asked = (this.#byFolder.get(folder) ?? []).flatMap((placed) => this.#references(placed));
    const running = new Set(asked.filter(({ isPrivate }) => !isPrivate).map(({ name }) => name.toLowerCase()));
    return new Set(asked.map(({ name }) => name.toLowerCase()).filter((name) => !running.has(name)));
  }

  /** Adds what projects ask for that have no lock file; `locked` says whether a folder has one. */
  add(locked: (folder: string) => boolean, into: DeclaredPackages): void {
    for (const placed of this.#projects) {
      const { file } = placed;
      const references = locked(folderOf(file.path)) ? [] : this.#references(placed);
      if (references.length === 0) continue;
      const central = this.#nearest(folderOf(file.path), 'Directory.Packages.props')?.central;
      const properties = this.#properties(placed);
      for (const { name: written, version, isPrivate } of references) {
        const name = expand(written, properties);
        const asked = expand(version === '' ? (central?.get(name.toLowerCase()) ?? '') : version, properties).trim();
        const single = singleVersion(asked);
        if (single === undefined) into.open(file, asked === '' ? name : `${name} ${asked}`);
        // A version alone is the lowest that will do: what others need can raise it.
        else
          addPackage(file, into, name, single, {
            scope: isPrivate ? 'development' : 'runtime',
            direct: true,
            weak: !asked.startsWith('['),
          });
      }
      into.missing(
        file,
        'package/dependencies-open',
        'says what the project asks for, but not what that needs; packages.lock.json would (RestorePackagesWithLockFile)',
      );
    }
  }

  /** What a project asks for by itself, and what files above it add. */
  #references({ file, project }: Placed): readonly PackageReference[] {
    const build = this.#nearest(folderOf(file.path), 'Directory.Build.props');
    const central = this.#nearest(folderOf(file.path), 'Directory.Packages.props');
    return [...project.references, ...(build?.references ?? []), ...project.global, ...(central?.global ?? [])];
  }

  #properties({ file, project }: Placed): ReadonlyMap<string, string> {
    const build = this.#nearest(folderOf(file.path), 'Directory.Build.props');
    const central = this.#nearest(folderOf(file.path), 'Directory.Packages.props');
    return new Map([...(build?.properties ?? []), ...(central?.properties ?? []), ...project.properties]);
  }

  #nearest(folder: string, name: string): ProjectFile | undefined {
    for (let at = folder, steps = 0; steps < maxFolders; steps++) {
      const found = this.#above.get(at === '' ? name : `${at}/${name}`);
      if (found !== undefined || at === '') return found;
      at = folderOf(at);
    }
    return undefined;
  }
}

/** Replaces `$(Name)`; what no file says stays as written, and is then no version. */
function expand(text: string, properties: ReadonlyMap<string, string>): string {
  let expanded = text;
  for (let step = 0; step < maxExpansions && expanded.includes('$(') && expanded.length < 1024; step++)
    expanded = expanded.replaceAll(
      /\$\(([\w.-]{1,100})\)/g,
      (all, name: string) => properties.get(name.toLowerCase()) ?? all,
    );
  return expanded;
}
