// Which paths are metadata of Python's distributions, and which are archives with them inside.
import { kibibyte } from '@plombe/kit';

/** Bytes: headers of real metadata have under 40 KiB, the licence text in them included; the description behind them is dropped. */
export const maxHeaderBytes = 256 * kibibyte;

/** True for wheels, eggs that are one file, and applications that are: `zipapp`, pex, shiv. */
export function isArchive(path: string): boolean {
  switch (path.charCodeAt(path.length - 1)) {
    case 0x6c:
      return path.endsWith('.whl');
    case 0x67:
      return path.endsWith('.egg');
    case 0x7a:
      return path.endsWith('.pyz');
    case 0x78:
      return path.endsWith('.pex');
  }
  return false;
}

/** True for programs by their place: a file without an ending in a folder `bin` or `sbin`. An application in one file often is one. */
export function isProgram(path: string): boolean {
  const slash = path.lastIndexOf('/');
  if (path.indexOf('.', slash + 1) >= 0) return false;
  return path.endsWith('bin', slash) && /(?:^|\/)s?bin\//.test(path.slice(Math.max(0, slash - 5), slash + 1));
}

/** True for `*.dist-info/METADATA`, `*.egg-info`, `*.egg-info/PKG-INFO` and `EGG-INFO/PKG-INFO`. */
export function isMetadata(path: string): boolean {
  if (path.endsWith('.egg-info')) return true;
  if (path.endsWith('.dist-info/METADATA')) return true;
  return path.endsWith('.egg-info/PKG-INFO') || path.endsWith('EGG-INFO/PKG-INFO');
}

/**
 * True for metadata in a folder or file that pip renamed to `~…` before it removed it and did not get to the end: pip ignores such with a
 * warning, "Ignoring invalid distribution".
 */
export function isLeftover(path: string): boolean {
  return /(?:^|\/)~[^/]*\.(?:dist-info\/METADATA|egg-info|egg-info\/PKG-INFO|egg\/EGG-INFO\/PKG-INFO)$/.test(path);
}
