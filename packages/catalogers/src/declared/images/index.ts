// Images that the files of a tree name: listed, so that it is known what else to scan. What is in them is not looked at.
import { mebibyte } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { Distiller, Want } from '../../cataloger.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { declaring } from '../declaring.ts';
import { baseName, folderOf, manifestFile } from '../read.ts';
import { readDockerfile } from './dockerfile.ts';
import { readCompose, readKubernetes, readKustomization, readValues } from './manifests.ts';
import { NamedImages } from './reference.ts';
import { documentsOf } from './yaml.ts';

/** Names with an end of their own that are common: other ends than an extension's are told by no rule. */
const ends = [
  'dev',
  'development',
  'prod',
  'production',
  'release',
  'staging',
  'test',
  'tests',
  'ci',
  'build',
  'builder',
  'base',
  'local',
  'debug',
  'alpine',
  'debian',
  'ubuntu',
  'ubi',
  'slim',
  'linux',
  'windows',
  'amd64',
  'arm64',
  'gpu',
  'cpu',
];
const dockerfileNames: ReadonlySet<string> = new Set(
  ['Dockerfile', 'Containerfile'].flatMap((name) => [name, ...ends.map((end) => `${name}.${end}`)]),
);
const composeName = /^(?:docker-|podman-)?compose(?:[.-][\w.-]{1,100})?\.ya?ml$/;
const valuesName = /^values(?:[.-][\w.-]{1,100})?\.ya?ml$/;
const kustomizationName = /^kustomization\.ya?ml$/;

/** Dockerfiles, files of Compose, manifests of Kubernetes, values of Helm. */
export const imageNameCataloger = declaring(
  'image-name',
  { where: { names: [...dockerfileNames], extensions: ['dockerfile', 'containerfile', 'yml', 'yaml'] }, want },
  (files, into) => {
    const charts = new Set(
      files.filter(({ path }) => baseName(path) === 'Chart.yaml').map(({ path }) => folderOf(path)),
    );
    for (const file of files) read(file, charts, into);
  },
);

function isDockerfile(name: string): boolean {
  return dockerfileNames.has(name) || /\.(?:docker|container)file$/i.test(name);
}

function isYaml(name: string): boolean {
  return name.endsWith('.yaml') || name.endsWith('.yml');
}

function want(path: string): Want | undefined {
  const name = baseName(path);
  if (!isYaml(name)) return isDockerfile(name) ? manifestFile : undefined;
  return composeName.test(name) || valuesName.test(name) || kustomizationName.test(name) || name === 'Chart.yaml'
    ? manifestFile
    : manifest;
}

/** Manifests of a whole release in one file have 1 MiB. */
const maxManifestBytes = 2 * mebibyte;

/** Any file of YAML may be a manifest of Kubernetes: kept only where it has the words of one that names images. */
const manifest: Want = {
  kind: 'distill',
  create: (): Distiller => {
    const chunks: Buffer[] = [];
    let size = 0;
    return {
      write(chunk) {
        size += chunk.length;
        if (size <= maxManifestBytes) chunks.push(Buffer.from(chunk));
        return size <= maxManifestBytes;
      },
      finish() {
        const whole = Buffer.concat(chunks);
        const isManifest =
          size <= maxManifestBytes && ['apiVersion', 'kind', 'image'].every((word) => whole.includes(word));
        return isManifest ? whole : undefined;
      },
    };
  },
};

function read(file: RawFile, charts: ReadonlySet<string>, into: DeclaredPackages): void {
  const name = baseName(file.path);
  if (isDockerfile(name)) {
    if (file.truncated) into.note(file, 'is larger than the limit and was not read');
    else readDockerfile(file, into);
    return;
  }
  if (name === 'Chart.yaml' || (valuesName.test(name) && !charts.has(folderOf(file.path)))) return;
  const images = new NamedImages(file, into);
  const { documents, isWhole } = documentsOf(file);
  const readDocument = composeName.test(name)
    ? readCompose
    : valuesName.test(name)
      ? readValues
      : kustomizationName.test(name)
        ? readKustomization
        : readKubernetes;
  for (const document of documents) readDocument(document, images);
  images.tell();
  // Templates of Helm are no YAML before they are filled in.
  if (!isWhole && composeName.test(name))
    into.note(file, 'is not valid YAML in all parts; images in the others are not listed');
}
