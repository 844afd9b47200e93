// The use cases that combine the parts: inventory, scan, and the reports of their results.
export { buildInventory, inventoryOf, type InventoryOptions } from './inventory/inventory.ts';
export { inventoryAssessment, renderSbom, sbomFormats, type SbomOptions } from './inventory/sbom.ts';
export { parsePurlList } from './purls/parse.ts';
export { scanImage, scanInventory, type MatchOptions, type ScanOptions } from './scan/scan.ts';
export { exitCodeOf, type ExitOptions } from './scan/exit.ts';
export { reportFormats } from './reports/reports.ts';
export type { RenderOptions, ReportFormat } from './reports/report.ts';
export { layoutTable, wrap, type Column } from './reports/table/layout.ts';
export { paletteFor } from './reports/table/palette.ts';
export { renderAssessment } from './reports/table/summary.ts';
