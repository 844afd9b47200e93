// Ubuntu's releases: codenames and numbers, and the pockets of extended support.

/** Codename → number, from trusty on: images of earlier releases are not made any more. */
const ubuntuReleases: ReadonlyMap<string, string> = new Map([
  ['trusty', '14.04'],
  ['utopic', '14.10'],
  ['vivid', '15.04'],
  ['wily', '15.10'],
  ['xenial', '16.04'],
  ['yakkety', '16.10'],
  ['zesty', '17.04'],
  ['artful', '17.10'],
  ['bionic', '18.04'],
  ['cosmic', '18.10'],
  ['disco', '19.04'],
  ['eoan', '19.10'],
  ['focal', '20.04'],
  ['groovy', '20.10'],
  ['hirsute', '21.04'],
  ['impish', '21.10'],
  ['jammy', '22.04'],
  ['kinetic', '22.10'],
  ['lunar', '23.04'],
  ['mantic', '23.10'],
  ['noble', '24.04'],
  ['oracular', '24.10'],
  ['plucky', '25.04'],
  ['questing', '25.10'],
  ['resolute', '26.04'],
]);

/** A release, and the pocket where the statement counts only for images that have it. */
export interface UbuntuRelease {
  readonly ecosystem: string;
  readonly pocket?: string;
}

/**
 * Returns the release a line of the tracker is about: `jammy`, `esm-infra/xenial`, `trusty/esm` (ESM's first spelling), `fips-updates/bionic`.
 * Undefined for upstream, the release in development, snaps and releases before 14.04.
 */
export function parseRelease(text: string): UbuntuRelease | undefined {
  const plain = ubuntuReleases.get(text);
  if (plain !== undefined) return { ecosystem: `Ubuntu:${plain}` };
  const [, first = '', second = ''] = /^([a-z-]+)\/([a-z]+)$/.exec(text) ?? [];
  const before = ubuntuReleases.get(first);
  if (before !== undefined && second === 'esm') return { ecosystem: `Ubuntu:${before}`, pocket: 'esm-infra' };
  const after = ubuntuReleases.get(second);
  return after === undefined ? undefined : { ecosystem: `Ubuntu:${after}`, pocket: first };
}
