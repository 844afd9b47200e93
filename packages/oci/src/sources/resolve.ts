// From what a person writes to images: prefixes, and the order in which a text without one is tried.
import { statSync, type Stats } from 'node:fs';
import type { Context, Image } from '@plombe/model';
import { inert, isPlombeError, messageOf, PlombeError } from '@plombe/kit';
import { openArchive } from './archive/archive-members.ts';
import { directoryMembers } from './archive/members.ts';
import { dirSource } from './dir/index.ts';
import { openDockerArchive } from './docker-archive/open.ts';
import { dockerArchiveSource } from './docker-archive/index.ts';
import { ociSource } from './oci/index.ts';
import { openLayout } from './oci/layout.ts';
import { layoutSelector, splitSelector } from './selector.ts';
import type { ImageSource, SourceOptions } from './source.ts';
import { tarSource } from './tar/index.ts';

/** The sources that read this machine's files, in the order in which help lists them. */
export const localSources: readonly ImageSource[] = [ociSource, dockerArchiveSource, dirSource, tarSource];

export interface ResolveOptions extends Omit<SourceOptions, 'subject'> {
  /** The source of `registry:`, with its settings and credentials. */
  readonly registry: ImageSource;
}

/** Longest subject: Linux's PATH_MAX and a selector. */
const maxSubjectLength = 5000;

/**
 * Opens the images that a subject names, one per platform asked for. With a prefix only that source is asked and its error is thrown
 * as it is. Without one: a path that exists is read by what it holds and never looked up in a registry; else the registry is
 * asked. Throws `subject/unresolved`, which names every attempt and its cause. docs/sources.md has the order.
 */
export async function resolveSubject(text: string, options: ResolveOptions, ctx: Context): Promise<readonly Image[]> {
  if (text === '' || text.length > maxSubjectLength || text.includes('\0')) {
    throw new PlombeError('subject/unresolved', 'The subject is empty, too long or holds a NUL character.');
  }
  const sourceOptions: SourceOptions = { ...options, subject: text };
  const colon = text.indexOf(':');
  const prefixed = [options.registry, ...localSources].find((source) => source.id === text.slice(0, colon));
  if (prefixed !== undefined) return prefixed.open(text.slice(colon + 1), sourceOptions, ctx);

  const attempts: Attempt[] = localAttempts(text, sourceOptions, ctx);
  if (attempts.length === 0) {
    attempts.push({ what: 'as a path', open: () => missing(text) });
    attempts.push({ what: 'as an image in a registry', open: () => options.registry.open(text, sourceOptions, ctx) });
  }
  const failures: unknown[] = [];
  for (const attempt of attempts) {
    try {
      return await attempt.open();
    } catch (thrown) {
      // What is set wrongly is no property of the subject.
      if (ctx.signal.aborted || isPlombeError(thrown, 'config/invalid')) throw thrown;
      failures.push(thrown);
    }
  }
  const causes = failures.map((thrown, at) => `${attempts[at]?.what ?? ''}: ${messageOf(thrown).replace(/\.$/, '')}`);
  throw new PlombeError('subject/unresolved', `"${inert(text)}" could not be read. Tried ${causes.join('; ')}.`, {
    ...remedyOf(failures),
    cause: failures.length === 1 ? failures[0] : new AggregateError(failures, 'every attempt failed'),
    retryable: failures.some((thrown) => isPlombeError(thrown) && thrown.retryable),
  });
}

/** The remedy of the last attempt: a registry's failure says what to set. One that was no reference at all leaves the general one. */
function remedyOf(failures: readonly unknown[]): { remedy?: string } {
  const last = failures.at(-1);
  return isPlombeError(last) && last.code !== 'reference/invalid' ? { remedy: last.remedy } : {};
}

interface Attempt {
  readonly what: string;
  open(): Promise<readonly Image[]>;
}

/** The one attempt that fits what is at the path; none where nothing is there. */
function localAttempts(text: string, options: SourceOptions, ctx: Context): Attempt[] {
  // Only a text that is plainly a path may carry a selector: `alpine:3.17` is a reference, whatever folder `alpine` there is.
  const { path, selector } = /^\.{0,2}\//.test(text) ? splitSelector(text) : { path: text };
  const stats = statOf(path);
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [{ what: 'as an archive', open: () => openFile(path, selector, options, ctx) }];
  const members = directoryMembers(path);
  if (members.sizeOf('oci-layout') !== undefined) {
    return [{ what: 'as an OCI layout', open: () => openLayout(members, layoutSelector(selector), options, ctx) }];
  }
  if (selector !== undefined) return [{ what: 'as a path', open: () => missing(text) }];
  return [{ what: 'as a folder', open: () => dirSource.open(path, options, ctx) }];
}

/** Tells the kind of an archive by the names in it: layout, docker archive, else root file system. */
async function openFile(
  path: string,
  selector: string | undefined,
  options: SourceOptions,
  ctx: Context,
): Promise<readonly Image[]> {
  const { kind, members } = await openArchive(path, { signal: ctx.signal, anyKind: true });
  if (kind === 'oci') return openLayout(members, layoutSelector(selector), options, ctx);
  if (kind === 'docker-archive') return [await openDockerArchive(members, selector, options, ctx)];
  if (selector !== undefined)
    throw new PlombeError('source/not-found', `${inert(path)} holds one root file system, no names.`);
  return tarSource.open(path, options, ctx);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

async function missing(path: string): Promise<never> {
  throw new PlombeError('source/not-found', `there is no file or folder ${inert(path)}`);
}
