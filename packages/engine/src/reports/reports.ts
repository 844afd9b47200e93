// The list of all report formats. Adding one is one line here and a folder beside.
import { PlombeError } from '@plombe/kit';
import type { ReportEntry, ReportFormat } from './report.ts';

/** Every report format, in the order help shows them. */
export const reportFormats: readonly ReportEntry[] = [
  { id: 'table', load: async () => (await import('./table/index.ts')).table },
  { id: 'json', load: async () => (await import('./json/index.ts')).json },
  { id: 'cyclonedx', load: async () => (await import('./cyclonedx/index.ts')).cyclonedx },
  { id: 'spdx', load: async () => (await import('./spdx/index.ts')).spdx },
  { id: 'sarif', load: async () => (await import('./sarif/index.ts')).sarif },
  { id: 'html', load: async () => (await import('./html/index.ts')).html },
  { id: 'markdown', load: async () => (await import('./markdown/index.ts')).markdown },
  { id: 'csv', load: async () => (await import('./csv/index.ts')).csv },
  { id: 'junit', load: async () => (await import('./junit/index.ts')).junit },
  { id: 'github', load: async () => (await import('./github/index.ts')).github },
  { id: 'azure-devops', load: async () => (await import('./azure-devops/index.ts')).azureDevops },
  { id: 'gitlab', load: async () => (await import('./gitlab/index.ts')).gitlab },
];

/** Loads the format. Throws `config/invalid` for an id that is not in the list. */
export async function openReportFormat(id: string): Promise<ReportFormat> {
  const entry = reportFormats.find((candidate) => candidate.id === id);
  if (entry === undefined) throw new PlombeError('config/invalid', `There is no report format ${id}.`);
  return entry.load();
}
