// SPDX 2.3 JSON of the inventory; the standard has no place for findings.
import { renderSpdx } from '@plombe/sbom';
import type { ScanResult } from '@plombe/model';
import type { ReportFormat } from '../report.ts';

/** Packages with layer and path as annotations; the state is the document's comment. */
export const spdx: ReportFormat = {
  id: 'spdx',
  title: 'SPDX 2.3 JSON',
  mediaType: 'application/spdx+json',
  render: (result: ScanResult) =>
    renderSpdx(result.inventory, {
      tool: result.tool,
      timestamp: result.scannedAt,
      assessment: result.assessment,
      database: result.database,
    }),
};
