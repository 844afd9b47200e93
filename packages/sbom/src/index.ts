// Software bills of materials: out of an inventory as CycloneDX 1.6 and SPDX 2.3, and into one from either.
export { renderCycloneDx } from './cyclonedx.ts';
export {
  indexKindProperty,
  openIndexBom,
  type IndexBom,
  type IndexMember,
  type SkippedMember,
} from './cyclonedx-index.ts';
export { renderSpdx } from './spdx.ts';
export type { SbomOptions } from './sbom.ts';
export { looksLikeSbom, readSbom } from './read/read-sbom.ts';
export { maxSbomBytes } from './read/json.ts';
export { packageOfPurl } from './read/purl-package.ts';
