// Which files of a layer Python's distributions are read from, and what is kept of them.
import { kibibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Distiller, Want } from '../cataloger.ts';
import { ApplicationDistiller, ArchiveDistiller } from './archives.ts';
import { isArchive, isMetadata, isProgram, maxHeaderBytes } from './paths.ts';

const headers: Want = { kind: 'distill', create: headerDistiller };
/** A URL and a few words. */
const small: Want = { kind: 'whole', maxBytes: 64 * kibibyte };
/** The finder of an editable install holds a mapping of its modules; only its name is looked at. */
const name: Want = { kind: 'head', maxBytes: 1 };

const archive: Want = { kind: 'distill', create: () => new ArchiveDistiller() };
const application: Want = { kind: 'distill', create: () => new ApplicationDistiller() };

/** Answers what to keep of a file. */
export function wants({ path, type, sizeBytes }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'hardlink') return undefined;
  if (isArchive(path)) return sizeBytes > 0 ? archive : undefined;
  if (isMetadata(path)) return headers;
  if (isProgram(path)) return sizeBytes > 0 ? application : undefined;
  if (path.endsWith('/direct_url.json') || path.endsWith('/INSTALLER')) {
    return path.endsWith('.dist-info', path.lastIndexOf('/')) ? small : undefined;
  }
  if (path.endsWith('.egg-link')) return small;
  if (!path.endsWith('.pth') && !path.endsWith('.py')) return undefined;
  return path.startsWith('__editable__', path.lastIndexOf('/') + 1) ? name : undefined;
}

/** Keeps the bytes up to the first empty line; the last three bytes of a chunk are seen again with the next. */
function headerDistiller(): Distiller {
  const chunks: Buffer[] = [];
  let size = 0;
  let tail = '';
  return {
    write(chunk) {
      const text = tail + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
      const end = /\n\r?\n/.exec(text);
      const take = Math.min(end === null ? chunk.length : end.index + 1 - tail.length, maxHeaderBytes - size);
      if (take > 0) chunks.push(Buffer.from(chunk.subarray(0, take)));
      size += Math.max(0, take);
      tail = text.slice(-2);
      return end === null && size < maxHeaderBytes;
    },
    finish: () => Buffer.concat(chunks),
  };
}
