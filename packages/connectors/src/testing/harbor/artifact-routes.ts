// The double's artifacts: listing, copying with everything that hangs on them, tags, deletion, and what Harbor refuses.
import { guarded, missing, projectOf, refuse, type Answer, type Call, type Route } from './route.ts';
import type { DoubleArtifact, DoubleProject, DoubleState } from './state.ts';
import { accessoriesView, artifactView } from './views.ts';

interface Place {
  readonly project: DoubleProject;
  readonly repository: string;
}

/** The repository that a path names; its slashes are encoded twice. */
function placeOf(call: Call): Place | undefined {
  const project = projectOf(call);
  if (project === undefined) return undefined;
  return { project, repository: `${project.name}/${decodeURIComponent(call.values['repository_name'] ?? '')}` };
}

function find(state: DoubleState, repository: string, reference: string): DoubleArtifact | undefined {
  const artifacts = state.repositories.get(repository);
  return (
    artifacts?.get(reference) ?? [...(artifacts?.values() ?? [])].find((artifact) => artifact.tags.includes(reference))
  );
}

function isImmutable({ immutable }: DoubleProject, tag: string): boolean {
  return immutable.some(({ pattern, disabled }) => {
    const expression = new RegExp(`^${pattern.replaceAll('**', '*').replaceAll('*', '.*')}$`);
    return disabled !== true && expression.test(tag);
  });
}

function inPlace(resource: string, action: string, run: (call: Call, place: Place) => Answer): Route {
  return (call) => {
    const place = placeOf(call);
    if (place === undefined) return missing('project');
    return guarded(call, resource, action, place.project.name, () => run(call, place));
  };
}

function onArtifact(
  resource: string,
  action: string,
  run: (artifact: DoubleArtifact, call: Call, place: Place) => Answer,
): Route {
  return inPlace(resource, action, (call, place) => {
    const artifact = find(call.state, place.repository, call.values['reference'] ?? '');
    return artifact === undefined ? missing(`artifact ${call.values['reference'] ?? ''}`) : run(artifact, call, place);
  });
}

/** Moves a tag to an artifact, as a push does. */
export function tag(state: DoubleState, repository: string, artifact: DoubleArtifact, name: string): void {
  for (const other of state.repositories.get(repository)?.values() ?? []) {
    if (other !== artifact) other.tags = other.tags.filter((known) => known !== name);
  }
  if (!artifact.tags.includes(name)) artifact.tags.push(name);
}

function copy(call: Call, { project, repository }: Place): Answer {
  const { state, query } = call;
  const from = /^(.+?)(?:@(sha256:[0-9a-f]{64})|:([^/:]+))$/.exec(query.get('from') ?? '');
  const source = from === null ? undefined : find(state, from[1] ?? '', from[2] ?? from[3] ?? '');
  if (from === null || source === undefined) return missing('source artifact');
  const [sourceProject = ''] = (from[1] ?? '').split('/');
  if (project.registryId !== undefined) return refuse(405, 'METHOD_NOT_ALLOWED', 'proxy cache project');
  return guarded(call, 'artifact', 'read', sourceProject, () => {
    const held = source.tags.filter((name) => {
      const holder = find(state, repository, name);
      return holder !== undefined && holder.digest !== source.digest && isImmutable(project, name);
    });
    if (held.length > 0) return refuse(412, 'PRECONDITION', `tag ${held.join(', ')} is immutable`);
    const artifacts = state.repositories.get(repository) ?? new Map<string, DoubleArtifact>();
    state.repositories.set(repository, artifacts);
    let copied = artifacts.get(source.digest);
    if (copied === undefined) {
      for (const child of source.children) {
        const original = find(state, from[1] ?? '', child);
        if (original !== undefined && !artifacts.has(child)) artifacts.set(child, clone(state, original));
      }
      // Accessories come along only with an artifact that is not there yet.
      copied = { ...clone(state, source), accessories: [...source.accessories] };
      artifacts.set(source.digest, copied);
    }
    for (const name of source.tags) tag(state, repository, copied, name);
    return { status: 201 };
  });
}

function clone(state: DoubleState, artifact: DoubleArtifact): DoubleArtifact {
  return { ...artifact, id: state.nextId++, tags: [], labels: [], accessories: [] };
}

function remove(artifact: DoubleArtifact, { state }: Call, { project, repository }: Place): Answer {
  const artifacts = state.repositories.get(repository);
  const held = artifact.tags.find((name) => isImmutable(project, name));
  if (held !== undefined) return refuse(412, 'PRECONDITION', `tag ${held} is immutable`);
  const parents = [...(artifacts?.values() ?? [])].filter(({ children }) => children.includes(artifact.digest));
  if (parents.length > 0) {
    return refuse(412, 'VIOLATE_FOREIGN_KEY_CONSTRAINT', 'the deleting artifact is referenced by others');
  }
  artifacts?.delete(artifact.digest);
  for (const child of artifact.children) {
    const isNeeded = [...(artifacts?.values() ?? [])].some(({ children }) => children.includes(child));
    if (!isNeeded && artifacts?.get(child)?.tags.length === 0) artifacts.delete(child);
  }
  return { status: 200 };
}

/** Operation id → what it does. */
export const artifactRoutes: Readonly<Record<string, Route>> = {
  listArtifacts: inPlace('artifact', 'list', ({ state, query }, { project, repository }) => {
    const artifacts = state.repositories.get(repository);
    if (artifacts === undefined) return missing(`repository ${repository}`);
    const children = new Set([...artifacts.values()].flatMap((artifact) => artifact.children));
    const roots = [...artifacts.values()].filter(({ digest, tags }) => !children.has(digest) || tags.length > 0);
    return { list: roots.map((artifact) => artifactView(artifact, query, (name) => isImmutable(project, name))) };
  }),
  getArtifact: onArtifact('artifact', 'read', (artifact, { query }, { project }) => ({
    status: 200,
    body: artifactView(artifact, query, (name) => isImmutable(project, name)),
  })),
  CopyArtifact: inPlace('artifact', 'create', copy),
  deleteArtifact: onArtifact('artifact', 'delete', remove),
  createTag: onArtifact('tag', 'create', (artifact, { state, body }, { repository }) => {
    const { name } = body as { name: string };
    if (find(state, repository, name) !== undefined) return refuse(409, 'CONFLICT', `tag ${name} exists`);
    artifact.tags.push(name);
    return { status: 201 };
  }),
  deleteTag: onArtifact('tag', 'delete', (artifact, { values }, { project }) => {
    const name = values['tag_name'] ?? '';
    if (!artifact.tags.includes(name)) return missing(`tag ${name}`);
    if (isImmutable(project, name)) return refuse(412, 'PRECONDITION', `tag ${name} is immutable`);
    artifact.tags = artifact.tags.filter((known) => known !== name);
    return { status: 200 };
  }),
  listAccessories: onArtifact('accessory', 'list', (artifact) => ({ list: accessoriesView(artifact) })),
  deleteRepository: inPlace('repository', 'delete', ({ state }, { repository }) =>
    state.repositories.delete(repository) ? { status: 200 } : missing(`repository ${repository}`),
  ),
};
