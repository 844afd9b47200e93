// Tasks, repositories and containers that pipelines of Azure DevOps use (learn.microsoft.com, "YAML schema reference for Azure Pipelines").
import { objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { declaring } from '../declaring.ts';
import { NamedImages } from '../images/reference.ts';
import { documentsOf, objectsOf } from '../images/yaml.ts';
import { baseName, folderOf, manifestFile } from '../read.ts';

const folders: ReadonlySet<string> = new Set([
  '.azure-pipelines',
  'azure-pipelines',
  '.azuredevops',
  '.azure-devops',
  '.pipelines',
]);
const name = /^\.?azure-pipelines?[\w.-]{0,100}\.ya?ml$/;

/** azure-pipelines*.yml, and YAML in folders of that name. */
export const azurePipelinesCataloger = declaring(
  'azure-pipelines',
  {
    where: { extensions: ['yml', 'yaml'] },
    want: (path) => (isPipeline(path) ? manifestFile : undefined),
  },
  (files, into) => {
    for (const file of files) read(file, into);
  },
);

function isPipeline(path: string): boolean {
  const base = baseName(path);
  return (
    name.test(base) || ((base.endsWith('.yml') || base.endsWith('.yaml')) && folders.has(baseName(folderOf(path))))
  );
}

function read(file: RawFile, into: DeclaredPackages): void {
  const { documents, isWhole } = documentsOf(file);
  if (!isWhole) into.unreadable(file, 'is not valid YAML, or has too many aliases');
  const images = new NamedImages(file, into);
  for (const document of documents) {
    const resources = objectField(document, 'resources') ?? {};
    const named = new Set(objectsField(resources, 'containers').map((one) => textField(one, 'container')));
    for (const container of objectsField(resources, 'containers')) {
      const image = textField(container, 'image');
      if (image !== undefined) images.add(image, 'container', 'development');
    }
    for (const repository of objectsField(resources, 'repositories')) addRepository(file, repository, into);
    for (const one of objectsOf(document)) {
      const task = textField(one, 'task');
      if (task !== undefined) addTask(file, task, into);
      if (one === resources) continue;
      const container = textField(one, 'container') ?? textField(objectField(one, 'container') ?? {}, 'image');
      // The name of a container of the resources, or an image.
      if (container !== undefined && !named.has(container) && /[:/@.]/.test(container))
        images.add(container, 'job', 'development');
    }
  }
  images.tell();
}

const taskPattern = /^([\w.-]{1,200})@(\d{1,9}(?:\.\d{1,9}){0,2})$/;

/** A task says its major version, and runs the newest of it; there are no advisories of tasks. */
function addTask(file: RawFile, written: string, into: DeclaredPackages): void {
  const [, task, version] = taskPattern.exec(written.trim()) ?? [];
  if (task !== undefined && version !== undefined)
    into.add(file, {
      type: 'generic',
      namespace: 'azure-pipelines-task',
      name: task,
      version,
      scope: 'development',
      direct: true,
    });
  else into.open(file, written);
}

/** Templates and sources from another repository, at a branch or tag; the default branch where none is said. */
function addRepository(file: RawFile, repository: JsonObject, into: DeclaredPackages): void {
  const [, namespace, project] = /^([\w .-]{1,100})\/([\w .-]{1,100})$/.exec(textField(repository, 'name') ?? '') ?? [];
  const written = textField(repository, 'name') ?? textField(repository, 'repository') ?? '';
  const ref = textField(repository, 'ref')?.replace(/^refs\/(?:heads|tags)\//, '');
  if (namespace === undefined || project === undefined || ref === undefined || ref === '')
    return into.open(file, written);
  const type = textField(repository, 'type') === 'github' ? 'github' : 'generic';
  const facts = { repository: (textField(repository, 'repository') ?? '').slice(0, 200) };
  into.add(file, {
    type,
    namespace,
    name: project.replaceAll(' ', '-'),
    version: ref,
    scope: 'development',
    direct: true,
    origin: 'vcs',
    facts,
  });
}
