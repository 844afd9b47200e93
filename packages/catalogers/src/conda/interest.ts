// Which files of a layer conda's packages are read from, and what is kept of them.
import { decodeText, field, isObject, mebibyte, textsField } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Distiller, Want } from '../cataloger.ts';
import { isOwnable } from '../ownable.ts';

export const metaFolder = 'conda-meta/';

/** The record of a package with 60,000 files has 20 MiB. */
const maxRecordBytes = 64 * mebibyte;

const record: Want = { kind: 'distill', create: recordDistiller };

/** What is looked at; a record also has every file twice, with checksums. */
const wantedKeys: readonly string[] = ['name', 'version', 'build', 'channel', 'subdir', 'fn', 'license', 'noarch'];

/** Answers what to keep of a file: `conda-meta/NAME-VERSION-BUILD.json` in any folder. */
export function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.endsWith('.json') || (type !== 'file' && type !== 'hardlink')) return undefined;
  const slash = path.lastIndexOf('/');
  if (slash < 10 || path.charCodeAt(slash - 1) !== 0x61 || !path.startsWith('conda-meta', slash - 10)) return undefined;
  const before = slash - 10;
  return before === 0 || path.charCodeAt(before - 1) === 0x2f ? record : undefined;
}

/** Reduces a record to what is looked at. What is no JSON or too large is kept as an empty record, which is then reported. */
function recordDistiller(): Distiller {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    write(chunk) {
      size += chunk.length;
      if (size <= maxRecordBytes) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
      return size <= maxRecordBytes;
    },
    finish: () => Buffer.from(JSON.stringify(reduced(Buffer.concat(chunks)))),
  };
}

function reduced(content: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(content));
  } catch {
    return {};
  }
  if (!isObject(value)) return {};
  const entries = wantedKeys.map((key) => [key, field(value as Record<string, unknown>, key)] as const);
  const texts = entries.filter(([, text]) => typeof text === 'string' && text.length <= 4096);
  return { ...Object.fromEntries(texts), files: textsField(value, 'files').filter(isOwned) };
}

/** Relative to the environment, and within it. */
function isOwned(path: string): boolean {
  return isOwnable(path) && !path.startsWith('/') && !path.split('/').includes('..');
}
