// Software bills of materials out of an inventory: CycloneDX 1.6 and SPDX 2.3.
export { renderCycloneDx } from './cyclonedx.ts';
export { renderSpdx } from './spdx.ts';
export type { SbomOptions } from './sbom.ts';
