// Which files of a layer dpkg's packages are read from, and what is kept of them.
import { mebibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Want } from '../cataloger.ts';
import { isOwnable } from '../ownable.ts';
import { lineDistiller } from '../lines.ts';
import { licenceDistiller } from './licences.ts';
import { diversionsPath, docFolder, listFolder, statusFolder, statusPath } from './paths.ts';

/** The status of a workstation with 5,000 packages has 8 MiB. */
const status: Want = { kind: 'whole', maxBytes: 64 * mebibyte };
/** One package's control file; the longest in Debian 12 has 27 KiB. */
const control: Want = { kind: 'whole', maxBytes: mebibyte };
/** Three lines per diverted file; a workstation has 10 KiB. */
const diversions: Want = { kind: 'whole', maxBytes: 4 * mebibyte };
const list: Want = { kind: 'distill', create: () => pathDistiller((line) => line.slice(line.startsWith('/') ? 1 : 0)) };
/** `md5  path`, path without leading slash. */
const sums: Want = { kind: 'distill', create: () => pathDistiller((line) => line.slice(34).replace(/^\.?\/+/, '')) };
const licences: Want = { kind: 'distill', create: licenceDistiller };
const link: Want = { kind: 'link' };

/** Answers what to keep of a file. */
export function wants({ path, type }: FileHeader): Want | undefined {
  if (type !== 'file' && type !== 'symlink' && type !== 'hardlink') return undefined;
  if (path.startsWith(docFolder)) return wantsDoc(path, type === 'symlink');
  if (!path.startsWith('var/lib/dpkg')) return undefined;
  if (path === statusPath) return status;
  if (path === diversionsPath) return diversions;
  if (path.startsWith(listFolder)) return path.endsWith('.list') ? list : undefined;
  if (path.startsWith(statusFolder)) return path.endsWith('.md5sums') ? sums : control;
  return path === 'var/lib/dpkg' && type === 'symlink' ? link : undefined;
}

/** `usr/share/doc/NAME/copyright`, and `usr/share/doc/NAME` where that leads to another package's folder. */
function wantsDoc(path: string, symlink: boolean): Want | undefined {
  const slash = path.indexOf('/', docFolder.length);
  if (slash < 0) return symlink ? link : undefined;
  return path.length === slash + '/copyright'.length && path.endsWith('/copyright') ? licences : undefined;
}

/** Keeps the paths that can be evidence of a language package. A list names a directory before what is in it. */
function pathDistiller(pathOf: (line: string) => string) {
  let before = '';
  const distiller = lineDistiller((line) => {
    const path = pathOf(line);
    const previous = before;
    before = isOwnable(path) ? path : '';
    return previous === '' || path.startsWith(`${previous}/`) ? undefined : previous;
  });
  return {
    write: (chunk: Uint8Array) => distiller.write(chunk),
    finish: () => {
      distiller.write(Buffer.from('\n\n'));
      return distiller.finish();
    },
  };
}
