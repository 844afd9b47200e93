// Feeds that are one file per record, in an archive of a repository or unpacked: each file becomes items.
import { decodeText } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { FeedDocument, FeedItem } from '../feed.ts';
import { archiveFiles } from './archive.ts';
import { malformed, readBytes } from './json.ts';

export interface RecordFiles {
  /** What the records are, for the sentence that a document holds none of them. */
  readonly what: string;
  /** Says by name which files are records; names begin with whatever folder the archive was made of. */
  readonly wants: (name: string) => boolean;
  readonly maxFileBytes: number;
  /** A record to items, or why it is none. Throws where the text cannot be parsed. */
  parse(name: string, text: string): readonly FeedItem[];
}

function isArchive(name: string): boolean {
  return /\.(?:zip|tar|tar\.gz|tgz|tar\.zst)$/i.test(name);
}

/** True for the name of an archive of a repository directly below a folder of that name, or of a record that `wants` takes below it. */
export function isBelow(folder: string, path: string, wants: (name: string) => boolean): boolean {
  const at = `/${path}`.lastIndexOf(`/${folder}/`);
  if (at < 0) return false;
  const rest = path.slice(at + folder.length + 1);
  return (isArchive(rest) && !rest.includes('/')) || wants(rest);
}

function itemsOf(files: RecordFiles, name: string, bytes: Uint8Array): readonly FeedItem[] {
  try {
    return files.parse(name, decodeText(bytes));
  } catch {
    return [{ kind: 'problem', record: name.slice(-100), cause: 'cannot be parsed' }];
  }
}

/** Yields what the records of a document say. Throws `feed/malformed` where it is damaged or holds no record. */
export async function* recordItems(
  document: FeedDocument,
  files: RecordFiles,
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  signal.throwIfAborted();
  if (!isArchive(document.name)) {
    const items = itemsOf(files, document.name, await readBytes(document, files.maxFileBytes, signal));
    const problem = items.find((item) => item.kind === 'problem');
    if (problem !== undefined) throw malformed(document, problem.cause);
    yield* items;
    return;
  }
  let records = 0;
  const wants = (name: string): boolean => files.wants(name);
  for await (const file of archiveFiles(document, { wants, maxFileBytes: files.maxFileBytes, signal })) {
    if ('cause' in file) {
      yield { kind: 'problem', record: file.name.slice(-100), cause: file.cause };
      continue;
    }
    const items = itemsOf(files, file.name, file.bytes);
    records += items.filter(({ kind }) => kind === 'advisory').length;
    yield* items;
  }
  if (records === 0) throw malformed(document, `holds no ${files.what}`);
}
