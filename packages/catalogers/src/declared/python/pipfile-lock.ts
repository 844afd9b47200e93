// Pipfile.lock: packages by category (pipenv.pypa.io, "Pipfile & Pipfile.lock").
import { field, isObject, textField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import { normalName } from '../../python/metadata.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import type { PythonProject } from './names.ts';

/** Reads one lock file. A category that is not pipenv's own may be anything, so what is in it counts as what runs. */
export function readPipfileLock(
  file: RawFile,
  lock: JsonObject,
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  for (const [category, packages] of Object.entries(lock)) {
    if (category === '_meta' || !isObject(packages)) continue;
    for (const [written, entry] of Object.entries(packages)) {
      if (!isObject(entry)) continue;
      const name = normalName(written);
      const git = textField(entry, 'git') ?? textField(entry, 'hg') ?? textField(entry, 'svn');
      const archive = textField(entry, 'file');
      const origin =
        git !== undefined
          ? 'vcs'
          : archive !== undefined
            ? 'archive'
            : field(entry, 'path') === undefined
              ? undefined
              : 'local';
      const version = (textField(entry, 'version') ?? '').replace(/^===?\s*/, '') || textField(entry, 'ref') || '';
      if (!/^\d|^[vV]\d/.test(version) && origin === undefined) {
        into.open(file, `${name}${version === '' ? '' : ` ${version}`}`);
        continue;
      }
      if (version === '') {
        if (origin !== 'local')
          into.missing(
            file,
            'package/not-from-registry',
            `has ${JSON.stringify(name)} by address and without a version`,
          );
        continue;
      }
      const markers = textField(entry, 'markers');
      into.add(file, {
        type: 'pypi',
        name,
        version,
        scope: category === 'develop' ? 'development' : 'runtime',
        ...(project === undefined ? {} : { direct: project.direct.has(name) }),
        origin,
        facts: {
          ...(markers === undefined ? {} : { marker: markers }),
          ...(category === 'default' || category === 'develop' ? {} : { group: category }),
          ...(git === undefined && archive === undefined ? {} : { resolved: git ?? archive ?? '' }),
        },
      });
    }
  }
}
