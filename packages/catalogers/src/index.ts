// Catalogers: files of an image → packages with evidence, one folder per ecosystem.
export type {
  Cataloger,
  CatalogContext,
  CatalogResult,
  Distiller,
  FileInterest,
  FileView,
  PathTerms,
  Want,
} from './cataloger.ts';
export { catalogers, declaredCatalogers } from './catalogers.ts';
export { detectDistribution, type DetectedDistribution } from './distribution/index.ts';
export { distributionInterest } from './distribution/interest.ts';
export { fileView } from './file-view.ts';
