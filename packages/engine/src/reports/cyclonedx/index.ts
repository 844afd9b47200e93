// CycloneDX 1.6 JSON with the vulnerabilities of the scan.
import { renderCycloneDx } from '@plombe/sbom';
import type { ScanResult } from '@plombe/model';
import type { RenderOptions, ReportFormat } from '../report.ts';

/** Packages, layers, evidence and `vulnerabilities`; the state is in `metadata.properties`. */
export const cyclonedx: ReportFormat = {
  id: 'cyclonedx',
  title: 'CycloneDX 1.6 JSON with vulnerabilities',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',
  render: (result: ScanResult, { suppressed = false }: RenderOptions) =>
    renderCycloneDx(result.inventory, {
      tool: result.tool,
      timestamp: result.scannedAt,
      match: result.match,
      assessment: result.assessment,
      database: result.database,
      suppressed,
    }),
};
