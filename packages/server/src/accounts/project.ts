// Projects: globs over repositories, as grants and robots name them.
import { inert, PlombeError } from '@plombe/kit';
import { compileGlobs } from '@plombe/policy';

/** Distribution specification, "Pulling manifests": the grammar of `<name>`. */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryName = new RegExp(`^${component}(?:/${component})*$`);
/** Docker's limit for a name. */
const maxNameLength = 255;

/** True for a repository name in the one form that is ever compared: what looks alike is not alike. */
export function isRepositoryName(name: string): boolean {
  return name.length <= maxNameLength && repositoryName.test(name);
}

/** True where the glob covers every repository. */
export function isEverything(project: string): boolean {
  return project === '*' || project === '**';
}

/** Checks a glob: `team/app`, `team/*` (one segment), `team/**` (everything below), `*` (everything). Throws `config/invalid`. */
export function parseProject(text: string): string {
  const segments = text.split('/');
  const sample = segments.map((segment) => (segment === '**' ? 'a' : segment.replaceAll('*', 'a'))).join('/');
  const fine = isRepositoryName(sample) && !segments.some((segment) => segment !== '**' && segment.includes('**'));
  if (fine) return text;
  throw new PlombeError('config/invalid', `${inert(JSON.stringify(text.slice(0, 300)))} names no repositories.`, {
    remedy:
      'Write a repository (team/app), one with * for a part of a segment, team/** for all below team, or * for all.',
  });
}

/** Returns what tells whether a repository belongs to the project; false for what is no repository name. */
export function projectMatcher(project: string): (repository: string) => boolean {
  if (isEverything(project)) return isRepositoryName;
  const matches = compileGlobs([project]);
  return (repository) => isRepositoryName(repository) && matches(repository);
}

/** True where surely every repository of `inner` belongs to `outer`; used for who may grant what, so in doubt false. */
export function projectCovers(outer: string, inner: string): boolean {
  if (isEverything(outer) || outer === inner) return true;
  const prefix = outer.endsWith('/**') ? outer.slice(0, -2) : undefined;
  return prefix !== undefined && !prefix.includes('*') && inner.startsWith(prefix);
}
