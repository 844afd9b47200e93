// The numbers of the rpm tags that an inventory reads.

/** Tag name → number, as rpm's `rpmtag.h` has them. */
export const rpmTags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  licence: 1014,
  architecture: 1022,
  oldFileNames: 1027,
  sourceRpm: 1044,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  modularityLabel: 5096,
} as const;

export type RpmTag = (typeof rpmTags)[keyof typeof rpmTags];
