// Files of Compose, Kubernetes, Kustomize and Helm that name images.
import { field, isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { interpolate, type NamedImages } from './reference.ts';
import { objectsOf } from './yaml.ts';

const noValue = (): undefined => undefined;

/** Compose: the image of each service; one that is built here is a part of the tree. The environment is not known, defaults count. */
export function readCompose(document: JsonObject, images: NamedImages): void {
  for (const [name, service] of Object.entries(objectField(document, 'services') ?? {})) {
    if (!isObject(service) || field(service, 'build') !== undefined) continue;
    const image = textField(service, 'image');
    if (image !== undefined) images.add(interpolate(image, noValue), `service ${name}`);
  }
}

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Kubernetes: containers of whatever kind holds a pod, and volumes that are images. */
export function readKubernetes(document: JsonObject, images: NamedImages): void {
  if (textField(document, 'apiVersion') === undefined || textField(document, 'kind') === undefined) return;
  for (const holder of objectsOf(document)) {
    for (const list of containerLists) {
      for (const container of objectsField(holder, list)) {
        const image = textField(container, 'image');
        if (image !== undefined) images.add(image, `${list} ${textField(container, 'name') ?? ''}`.trim());
      }
    }
    for (const volume of objectsField(holder, 'volumes')) {
      const image = textField(objectField(volume, 'image') ?? {}, 'reference');
      if (image !== undefined) images.add(image, 'volume');
    }
  }
}

/** Kustomize: images that are put in place of others. */
export function readKustomization(document: JsonObject, images: NamedImages): void {
  for (const image of objectsField(document, 'images')) {
    const name = textField(image, 'newName') ?? textField(image, 'name');
    const tag = scalar(image, 'newTag');
    const digest = textField(image, 'digest');
    if (name !== undefined && (tag ?? digest) !== undefined) images.add(join(name, tag, digest), 'images');
  }
}

/** Values of Helm: `image: REPOSITORY:TAG`, and `repository` with `tag` or `digest` beside. An empty tag is the chart's version: known to the template. */
export function readValues(document: JsonObject, images: NamedImages): void {
  for (const holder of objectsOf(document)) {
    const image = textField(holder, 'image');
    if (image !== undefined && /[:@]/.test(image)) images.add(image, 'image');
    const repository = textField(holder, 'repository');
    const tag = scalar(holder, 'tag');
    const digest = textField(holder, 'digest') || undefined;
    if (repository === undefined || repository === '' || (tag === undefined && digest === undefined)) continue;
    const registry = textField(holder, 'registry') || undefined;
    images.add(
      tag === '' && digest === undefined
        ? `${repository}:\${appVersion}`
        : join(registry === undefined ? repository : `${registry}/${repository}`, tag || undefined, digest),
      'repository',
    );
  }
}

function join(name: string, tag: string | undefined, digest: string | undefined): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function scalar(from: JsonObject, key: string): string | undefined {
  const value = field(from, key);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
