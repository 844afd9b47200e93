// Harbor's names: a repository is `project/name`, of which the API wants the parts apart.
import { PlombeError, inert } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { pathPart } from './api.ts';

export interface HarborRepository {
  readonly project: string;
  readonly name: string;
}

/** One part of a name (distribution specification, "Pulling manifests"). */
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** Splits at the first slash. Throws `reference/invalid` where a part is missing, or is `.` or `..`, which a URL would swallow. */
export function splitRepository(repository: string): HarborRepository {
  const slash = repository.indexOf('/');
  const project = repository.slice(0, Math.max(slash, 0));
  const name = repository.slice(slash + 1);
  if (!component.test(project) || !name.split('/').every((part) => component.test(part))) {
    throw new PlombeError('reference/invalid', `"${inert(repository.slice(0, 300))}" is no repository of Harbor.`, {
      remedy: 'Write project/repository.',
    });
  }
  return { project, name };
}

/** `/projects/P`. Throws `reference/invalid` for what is no name of a project. */
export function projectPath(project: string): string {
  if (component.test(project)) return `/projects/${pathPart(project)}`;
  throw new PlombeError('reference/invalid', `"${inert(project.slice(0, 300))}" is no project of Harbor.`);
}

/** `/projects/P/repositories/R`, encoded. */
export function repositoryPath(repository: string): string {
  const { project, name } = splitRepository(repository);
  return `/projects/${pathPart(project)}/repositories/${pathPart(name)}`;
}

/** `/projects/P/repositories/R/artifacts/REFERENCE`, encoded. */
export function artifactPath(repository: string, reference: Digest | string): string {
  return `${repositoryPath(repository)}/artifacts/${encodeURIComponent(reference.toWellFormed())}`;
}
