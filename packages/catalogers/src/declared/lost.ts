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
