// Licences that a package's machine-readable copyright file declares (DEP-5, Debian "copyright format" 1.0).
import { declaredLicences, decodeText, type OwnNames } from '@plombe/kit';
import type { Distiller, FileView } from '../cataloger.ts';
import { lineDistiller } from '../lines.ts';
import { docFolder } from './paths.ts';

/** Short names are words; `GPL-2+ with OpenSSL exception or LGPL-2.1+` is among the longer. Anything more is prose. */
const maxNameLength = 100;
/** The copyright file of a browser names 60 licences. */
const maxNames = 64;

/** Short names of the format and of Debian's common licences that mean something else elsewhere. */
const names: OwnNames = new Map([
  ['Artistic', 'Artistic-1.0-Perl'],
  ['GFDL-NIV-1.2', 'GFDL-1.2-no-invariants-only'],
  ['GFDL-NIV-1.2+', 'GFDL-1.2-no-invariants-or-later'],
  ['GFDL-NIV-1.3', 'GFDL-1.3-no-invariants-only'],
  ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
]);

/** Keeps the distinct short names of the licences; nothing of a copyright file in free text, which is left at its first line. */
export function licenceDistiller(): Distiller {
  const names = new Set<string>();
  let begun = false;
  return lineDistiller((line) => {
    if (!begun) {
      if (line.trim() === '' || line.startsWith('#')) return undefined;
      begun = /^(?:\u00ef\u00bb\u00bf)?format(?:-specification)?:/i.test(line);
      return begun ? undefined : false;
    }
    if (!/^licen[cs]e:/i.test(line) || names.size >= maxNames) return undefined;
    const name = line.slice(8).trim();
    if (name === '' || name.length > maxNameLength || names.has(name)) return undefined;
    names.add(name);
    return name;
  });
}

/** Returns the licences that the package's copyright file declares, sorted; empty where it has none that a program can read. */
export function packageLicences(view: FileView, name: string): readonly string[] {
  const file = view.get(`${docFolder}${name}/copyright`);
  return file === undefined ? [] : declaredLicences(decodeText(file.content).split('\n'), names);
}
