// Debian's releases: codenames and numbers.
import type { JsonObject } from '@plombe/kit';
import { isObject, objectField } from '@plombe/kit';

/** Codename → number, from the Debian reference; testing and what follows have their future number. */
export const debianReleases: ReadonlyMap<string, string> = new Map([
  ['potato', '2.2'],
  ['woody', '3.0'],
  ['sarge', '3.1'],
  ['etch', '4.0'],
  ['lenny', '5.0'],
  ['squeeze', '6.0'],
  ['wheezy', '7'],
  ['jessie', '8'],
  ['stretch', '9'],
  ['buster', '10'],
  ['bullseye', '11'],
  ['bookworm', '12'],
  ['trixie', '13'],
  ['forky', '14'],
  ['duke', '15'],
  ['sid', 'sid'],
]);

/** Returns `Debian:12` for `bookworm`, `Debian:sid` for unstable; undefined for experimental and unknown suites. */
export function debianEcosystem(codename: string): string | undefined {
  const number = debianReleases.get(codename);
  return number === undefined ? undefined : `Debian:${number}`;
}

/** Releases that a line without a release speaks of, unless config.json names more. */
const currentReleases: readonly string[] = ['bullseye', 'bookworm', 'trixie', 'forky', 'sid'];

/**
 * Returns the codenames a line about unstable holds for: the current ones, and those of the tracker's config.json (`distributions`)
 * that have repositories, from jessie on. Earlier ones left no images behind.
 */
export function releasesOfConfig(config: JsonObject | undefined): readonly string[] {
  const distributions = config === undefined ? undefined : objectField(config, 'distributions');
  const named = Object.entries(distributions ?? {})
    .filter(
      ([name, entry]) => Number(debianReleases.get(name)) >= 8 && isObject(entry) && objectField(entry, 'members'),
    )
    .map(([name]) => name);
  return [...new Set([...named, ...currentReleases])];
}
