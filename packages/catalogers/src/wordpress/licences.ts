// Licences as headers of plugins and themes declare them, in free text that mostly means some version of the GPL.
import { licenceNames } from '../java/licences.ts';

const gnu =
  /^(?:GNU )?(?:General Public Licen[cs]e|GPL)(?: \(GPL\))?[ ,-]*(?:v(?:ersion)?)?[ .-]*([23])(?:\.0)?(\+|,? (?:or|and) (?:later|newer|above|any later version)|-or-later)?\.?$/i;

/** Returns the SPDX identifier where the text is unmistakable, else the text. */
export function gnuLicence(declared: string): readonly string[] {
  const [whole, version, later] = gnu.exec(declared.trim()) ?? [];
  if (whole === undefined) return licenceNames([declared]);
  return [`GPL-${version}.0-${later === undefined ? 'only' : 'or-later'}`];
}
