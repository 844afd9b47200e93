// Which files of a layer opkg's packages are read from, and what is kept of them.
import { kibibyte, mebibyte } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { Want } from '../cataloger.ts';
import { lineDistiller } from '../lines.ts';
import { isOwnable } from '../ownable.ts';

/** Where opkg keeps its state: OpenWrt; Yocto; opkg's own default; Entware. Symlinks between them are followed. */
export const folders: readonly string[] = ['usr/lib/opkg/', 'var/lib/opkg/', 'opt/lib/opkg/'];

/** A router has 200 packages and 100 KiB, a Yocto image for desktops 2,000. */
const status: Want = { kind: 'whole', maxBytes: 32 * mebibyte };
/** The longest of OpenWrt has 4 KiB, its dependencies and description. */
const control: Want = { kind: 'whole', maxBytes: 256 * kibibyte };
const list: Want = { kind: 'distill', create: () => lineDistiller(ownedPath) };
const link: Want = { kind: 'link' };

/** Answers what to keep of a file. */
export function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.startsWith('lib/opkg', 4)) return undefined;
  if (type === 'symlink')
    return folders.some((folder) => folder.startsWith(path) && folder.length === path.length + 1) ? link : undefined;
  if (type !== 'file' && type !== 'hardlink') return undefined;
  const folder = folders.find((one) => path.startsWith(one));
  if (folder === undefined) return undefined;
  if (path.length === folder.length + 'status'.length && path.endsWith('/status')) return status;
  if (!path.startsWith('info/', folder.length)) return undefined;
  if (path.endsWith('.control')) return control;
  return path.endsWith('.list') ? list : undefined;
}

/** A list of opkg has a path in each line; newer versions add the mode in octal behind a tab, and list folders too (`040755`). */
function ownedPath(line: string): string | undefined {
  const [listed = '', mode = ''] = line.split('\t', 2);
  const path = listed.replace(/^\/+/, '');
  return path !== '' && !/^04\d{4}$/.test(mode) && isOwnable(path) ? path : undefined;
}
