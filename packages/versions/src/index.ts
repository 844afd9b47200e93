// Version schemes: one order per ecosystem, and ranges over them.
export type { VersionScheme } from './scheme.ts';
export { compareVersions, schemeById, schemes } from './schemes.ts';
export { fixedAbove, isInRange, type RangeVerdict } from './range.ts';
export type { Bound, Interval } from './interval.ts';
