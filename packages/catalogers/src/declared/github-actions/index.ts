// Actions and reusable workflows that workflows of GitHub use (docs.github.com, "Workflow syntax", "Metadata syntax").
import { isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { declaring } from '../declaring.ts';
import { NamedImages } from '../images/reference.ts';
import { documentsOf } from '../images/yaml.ts';
import { baseName, manifestFile, textOf } from '../read.ts';

const actionNames: ReadonlySet<string> = new Set(['action.yml', 'action.yaml']);

/** Workflows below `.github/workflows`, and the metadata of actions. */
export const githubActionsCataloger = declaring(
  'github-actions',
  {
    where: { names: [...actionNames], folders: ['workflows'] },
    want: (path) => (actionNames.has(baseName(path)) || isWorkflow(path) ? manifestFile : undefined),
  },
  (files, into) => {
    for (const file of files) read(file, into);
  },
);

function isWorkflow(path: string): boolean {
  return /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path);
}

function read(file: RawFile, into: DeclaredPackages): void {
  const { documents, isWhole } = documentsOf(file);
  const images = new NamedImages(file, into);
  // Others name files so too: an action says how it runs.
  const isOurs = isWorkflow(file.path) || /^runs:/m.test(textOf(file));
  if (isOurs && !isWhole) into.unreadable(file, 'is not valid YAML, or has too many aliases');
  const comments = file.truncated ? new Map<string, string>() : commentsIn(textOf(file));
  for (const document of documents) {
    for (const step of stepsOf(document)) {
      const uses = textField(step, 'uses');
      if (uses !== undefined) addUse(file, uses.trim(), comments, images, into);
    }
    addImages(document, images);
  }
  images.tell();
}

function jobsOf(document: JsonObject): readonly JsonObject[] {
  return Object.values(objectField(document, 'jobs') ?? {}).filter(isObject);
}

/** Steps of jobs and of composite actions, and jobs themselves, which may use a workflow. */
function* stepsOf(document: JsonObject): Generator<JsonObject> {
  for (const job of jobsOf(document)) {
    yield job;
    yield* objectsField(job, 'steps');
  }
  yield* objectsField(objectField(document, 'runs') ?? {}, 'steps');
}

function addImages(document: JsonObject, images: NamedImages): void {
  const action = textField(objectField(document, 'runs') ?? {}, 'image') ?? '';
  if (action.startsWith('docker://')) images.add(action.slice(9), 'action', 'development');
  for (const job of jobsOf(document)) {
    const container = textField(job, 'container') ?? textField(objectField(job, 'container') ?? {}, 'image');
    if (container !== undefined) images.add(container, 'container', 'development');
    for (const service of Object.values(objectField(job, 'services') ?? {})) {
      const image = isObject(service) ? textField(service, 'image') : undefined;
      if (image !== undefined) images.add(image, 'service', 'development');
    }
  }
}

const usePattern = /^([\w-]{1,100})\/([\w.-]{1,100})((?:\/[\w.@-]{1,200}){0,16})@([^\s@]{1,250})$/;
const released = /^v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][\w.+-]{1,100})?$/;

/** A tag of three numbers is a version. `v4` and branches move, so which version runs is open; a commit is what its comment says, weakly. */
function addUse(
  file: RawFile,
  uses: string,
  comments: ReadonlyMap<string, string>,
  images: NamedImages,
  into: DeclaredPackages,
): void {
  // What lies in the tree is read where it lies.
  if (uses.startsWith('./') || uses.startsWith('../')) return;
  if (uses.startsWith('docker://')) return images.add(uses.slice(9), 'uses', 'development');
  const [, namespace, name = '', path = '', ref = ''] = usePattern.exec(uses) ?? [];
  if (namespace === undefined || name === '.' || name === '..')
    return into.unreadable(file, 'uses what is no action with a version');
  const isCommit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(ref);
  const told = isCommit ? comments.get(uses) : undefined;
  const isVersion = told !== undefined || released.test(ref);
  if (!isVersion && !isCommit) into.open(file, uses);
  into.add(file, {
    type: 'github',
    namespace,
    name,
    version: told ?? ref,
    subpath: path === '' ? undefined : path.slice(1),
    scope: 'development',
    direct: true,
    weak: told !== undefined,
    origin: isVersion ? undefined : 'vcs',
    facts: isCommit ? { commit: ref } : {},
  });
}

const commented = /^[ \t-]*["']?uses["']?:[ \t]+["']?([^\s"'#]{1,600})["']?[ \t]+#([^\n]{1,300})/gm;

/** What is used by commit, with the version that the comment behind it says: `# v4.1.1`, `# tag=v4.1.1`, `# ratchet:actions/checkout@v4.1.1`. */
function commentsIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, uses = '', comment = ''] of text.matchAll(commented)) {
    const version = /(?:^|[\s=@])(v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][\w.+-]{1,100})?)(?=$|[\s,;)])/.exec(comment)?.[1];
    const known = found.get(uses);
    if (version !== undefined && known === undefined) found.set(uses, version);
    // Two comments that do not agree say nothing.
    else if (known !== undefined && known !== version) found.set(uses, '');
  }
  return new Map([...found].filter(([, version]) => version !== ''));
}
