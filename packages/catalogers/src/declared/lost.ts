// What a lock file names and does not hold: it was cut off or edited, and what is lost is not known to be harmless.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from './declared-packages.ts';

/** Names that are told one by one. */
const maxNamed = 3;
const maxNameLength = 120;

/** Tells, once for a file, which packages other entries need that have no entry themselves. Nothing is told of none. */
export function tellLost(file: RawFile, names: Iterable<string>, into: DeclaredPackages): void {
  const lost = [...new Set(names)].sort();
  if (lost.length === 0) return;
  const some = lost.slice(0, maxNamed).map((name) => name.slice(0, maxNameLength));
  const rest = lost.length > maxNamed ? ` and ${lost.length - maxNamed} more` : '';
  into.unreadable(file, `names packages and does not hold them, as if it were cut off: ${some.join(', ')}${rest}`);
}

/**
 * Tells of a file whose tool always writes a line end at its end, and that has none: it was cut off within its last line, whose last word may be
 * another (`1.0` of `1.0.73`). An empty file is told too: no tool writes one. For lines of bare words only; in TOML and JSON a value has an end.
 */
export function tellUnended(file: RawFile, into: DeclaredPackages): void {
  const { content, truncated } = file;
  if (truncated || content.at(-1) === 0x0a) return;
  const saying = content.length === 0 ? 'is empty' : 'does not end with a line end, as its tool writes it';
  into.unreadable(file, `${saying}: it was cut off, or changed by hand`);
}
