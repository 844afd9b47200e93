// Packages of NuGet as lock files and project files declare them.
import type { RawFile } from '@plombe/model';
import type { Want } from '../../cataloger.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { declaring } from '../declaring.ts';
import { baseName, folderOf, jsonOf, lockFile, manifestFile } from '../read.ts';
import { readAssets, readPackagesConfig, readPackagesLock } from './lock-files.ts';
import { readPaketLock } from './paket-lock.ts';
import { Projects } from './projects.ts';

const byName: ReadonlyMap<string, Want> = new Map([
  ['packages.lock.json', lockFile],
  ['project.assets.json', lockFile],
  ['packages.config', manifestFile],
  ['paket.lock', lockFile],
  ['Directory.Packages.props', manifestFile],
  ['Directory.Build.props', manifestFile],
]);
const projectExtensions: readonly string[] = ['csproj', 'fsproj', 'vbproj'];

/** packages.lock.json, project.assets.json, packages.config, paket.lock and project files. */
export const nugetLockCataloger = declaring(
  'nuget-lock',
  {
    where: { names: [...byName.keys()], extensions: projectExtensions },
    want: (path) => byName.get(baseName(path)) ?? (isProject(path) ? manifestFile : undefined),
  },
  read,
);

function isProject(path: string): boolean {
  return (
    projectExtensions.includes(path.slice(path.lastIndexOf('.') + 1).toLowerCase()) && baseName(path).includes('.')
  );
}

function read(files: readonly RawFile[], into: DeclaredPackages): void {
  const projects = new Projects();
  for (const file of files) if (file.path.endsWith('.props') || isProject(file.path)) projects.read(file, into);
  const locked = new Set<string>();
  for (const file of files) {
    const folder = folderOf(file.path);
    switch (baseName(file.path)) {
      case 'packages.lock.json': {
        locked.add(folder);
        const lock = jsonOf(file, into);
        if (lock !== undefined) readPackagesLock(file, lock, projects.developmentIn(folder), into);
        break;
      }
      case 'project.assets.json': {
        // It lies in the folder `obj` of a project.
        locked.add(folderOf(folder));
        const assets = jsonOf(file, into);
        if (assets !== undefined) readAssets(file, assets, into);
        break;
      }
      case 'packages.config':
        locked.add(folder);
        try {
          if (file.truncated) into.unreadable(file, '');
          else readPackagesConfig(file, into);
        } catch {
          into.unreadable(file, 'is not valid XML');
        }
        break;
      case 'paket.lock':
        readPaketLock(file, into);
    }
  }
  projects.add((folder) => locked.has(folder), into);
}
