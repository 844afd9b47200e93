// The list of all report formats. Adding one is one line here and a folder beside.
import { cyclonedx } from './cyclonedx/index.ts';
import { json } from './json/index.ts';
import type { ReportFormat } from './report.ts';
import { sarif } from './sarif/index.ts';
import { spdx } from './spdx/index.ts';
import { table } from './table/index.ts';

/** Every report format, in the order help shows them. */
export const reportFormats: readonly ReportFormat[] = [table, json, cyclonedx, spdx, sarif];
