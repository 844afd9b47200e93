// A report by a template of the user's own; docs/reports.md describes the language, docs/adr says why it is this one.
import type { ScanResult } from '@plombe/model';
import type { ReportFormat } from '../report.ts';
import { templateData } from './data.ts';
import { escapeFor } from './escape.ts';
import { parseTemplate } from './parse.ts';
import { renderTemplate } from './render.ts';

/**
 * Returns the format that a template makes. `templatePath` and `outputPath` say how values are escaped. Throws `report/template` for a template that cannot be
 * read, before any work is done; its `render` throws it where the text would be too long.
 */
export function openTemplate(template: string, templatePath: string, outputPath?: string): ReportFormat {
  const nodes = parseTemplate(template.replace(/^\ufeff/, ''), templatePath);
  const escape = escapeFor(templatePath, outputPath);
  return {
    id: 'template',
    title: 'a template',
    mediaType: 'text/plain',
    render: (result: ScanResult) => renderTemplate(nodes, templateData(result), escape),
  };
}
