// The policies of a gate with the anchors they name, read anew where a file changed; a file that cannot be read keeps nothing in force by accident.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openAnchors, readPolicy, type Anchor, type AnchorSources } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import { anchorsOf, type Policy, type PolicyAnchor } from '@plombe/policy';

/** Policies that decide together. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  readonly anchors: ReadonlyMap<string, Anchor>;
  /** Changes with the text of a policy and with what lies in a file that it names. */
  readonly digest: string;
  /** `stampOf` the files that the policies name, from before they were read. */
  readonly stamp: string;
}

/** Reads policies and their anchors. Throws `policy/invalid`, `source/…`, and what anchors throw. */
export async function readPolicySet(paths: readonly string[], sources: AnchorSources): Promise<PolicySet> {
  const policies = paths.map(readPolicy);
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new PlombeError('policy/invalid', `Two of the policies are called ${inert(twice)}.`, {
      remedy: 'Give each its own metadata.name.',
    });
  // Before they are read: what changes meanwhile has to be read again.
  const stamp = stampOf(filesOf(policies));
  const anchors = await openAnchors(anchorsOf(policies), sources);
  const hash = createHash('sha256');
  for (const { name, digest } of policies) hash.update(`${digest} ${name}\n`);
  hash.update(stamp);
  return { policies, anchors, digest: `sha256:${hash.digest('hex')}`, stamp };
}

/** Every file of this machine that the policies name. */
function filesOf(policies: readonly Policy[]): readonly string[] {
  const needs = anchorsOf(policies);
  const named = [...needs.signatures, ...needs.attestations.map(({ anchor }) => anchor)].flatMap(filesOfAnchor);
  return [...new Set(named)].sort();
}

function filesOfAnchor(anchor: PolicyAnchor): readonly string[] {
  if (anchor.kind === 'notation') return [anchor.trustPolicy, anchor.trustStore];
  return [anchor.key, anchor.trustedRoot].filter((path) => path !== undefined && !path.includes('://')) as string[];
}

/** A trust store has certificates four folders down. */
const maxFolders = 5;

/** Says of each file, and of all that lie in a folder, when it was changed; another text means that something has to be read again. */
export function stampOf(paths: readonly string[]): string {
  return paths.map((path) => stampOfOne(path, maxFolders)).join('');
}

function stampOfOne(path: string, folders: number): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return `${path} -\n`;
  const stamp = `${path} ${found.mtimeMs} ${found.size} ${found.ino}\n`;
  if (!found.isDirectory() || folders === 0) return stamp;
  return (
    stamp +
    namesIn(path)
      .map((name) => stampOfOne(join(path, name), folders - 1))
      .join('')
  );
}

/** Of a folder that vanished, or may not be read, there is nothing to say: whoever reads it says that. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The files to look at for changes: the policies themselves and what they name. */
export function watchedFiles(paths: readonly string[], { policies }: Pick<PolicySet, 'policies'>): readonly string[] {
  return [...paths, ...filesOf(policies)];
}
