// Writes one result to every output that was asked for; with several platforms each file carries its platform's name.
import { readFileSync, statSync } from 'node:fs';
import { openReportFormat, openTemplate, reportFormats, type Language, type ReportFormat } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import { formatPlatform, type Inventory, type ScanResult } from '@plombe/model';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { parseOutputs, writeReport, type OutputTarget } from '../terminal/output.ts';

/** An output with the format that makes it. */
export interface ReportTarget extends OutputTarget {
  readonly report: ReportFormat;
}

/** A larger template is refused by its reader too; nothing more of a file is read. */
const maxTemplateBytes = mebibyte;

/**
 * Parses the `-o` values and loads the formats before any work is done: those of `reportFormats`, and `template=TEMPLATE[=FILE]`. Throws `config/invalid` and
 * `report/template`.
 */
export async function reportTargets(values: Settings, fallback: string): Promise<readonly ReportTarget[]> {
  const templates: string[] = [];
  const given = (values.output ?? []).map((value) => {
    if (!value.startsWith('template=')) return value;
    const [, path = '', file] = /^template=([^=]*)(?:=(.*))?$/s.exec(value) ?? [];
    templates.push(path);
    return file === undefined ? 'template' : `template=${file}`;
  });
  const targets = parseOutputs(given, [...reportFormats.map(({ id }) => id), 'template'], fallback);
  return Promise.all(
    targets.map(async (target) => {
      if (target.format !== 'template') return { ...target, report: await openReportFormat(target.format) };
      const path = templates.shift() ?? '';
      return { ...target, report: openTemplate(readTemplate(path), path, target.path) };
    }),
  );
}

function readTemplate(path: string): string {
  if (path === '') {
    throw new PlombeError(
      'config/invalid',
      '-o template names no template: -o template=TEMPLATE or -o template=TEMPLATE=FILE.',
    );
  }
  try {
    if (statSync(path).size > maxTemplateBytes) throw new Error('it is larger than 1 MiB');
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new PlombeError('config/invalid', `The template ${inert(path)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/**
 * The outputs of a command with formats of its own: those of the flag, else those of the settings that it has, since plombe.yaml speaks of scans
 * first.
 */
export function ownOutputs({ values, origins }: LoadedSettings, allowed: readonly string[]): readonly string[] {
  const wanted = values.output ?? [];
  const byFlag = origins.some(({ key, origin }) => key === 'output' && origin.startsWith('flag '));
  return byFlag ? wanted : wanted.filter((text) => allowed.includes(text.replace(/=.*$/s, '')));
}

/** Writes the result. Throws `report/write`. */
export function writeReports(
  result: ScanResult,
  targets: readonly ReportTarget[],
  values: Settings,
  language: Language = 'en',
): void {
  const { stdout } = process;
  const terminal = stdout.isTTY;
  for (const target of targets) {
    const onTerminal = terminal && target.path === undefined;
    const pieces = target.report.render(result, {
      colour: onTerminal && wantsColour(process.env),
      evidence: values.evidence ?? false,
      suppressed: values.showSuppressed ?? false,
      origins: values.dependencyTree ?? false,
      language,
      ...(onTerminal ? { width: stdout.columns } : {}),
    });
    writeReport(values.allPlatforms === true ? platformTarget(target, result.inventory) : target, pieces);
  }
}

/** NO_COLOR with any text in it turns colours off (no-color.org), and so does a terminal that has none. */
export function wantsColour({ NO_COLOR = '', TERM }: Readonly<Record<string, string | undefined>>): boolean {
  return NO_COLOR === '' && TERM !== 'dumb';
}

/** With several platforms each file carries its own: `out.json` → `out.linux-amd64.json`. */
export function platformTarget(target: OutputTarget, { subject: { platform } }: Inventory): OutputTarget {
  if (target.path === undefined || platform === undefined) return target;
  const name = formatPlatform(platform)
    .replaceAll('/', '-')
    .replace(/[^A-Za-z0-9.-]/g, '_');
  return { ...target, path: target.path.replace(/(\.[^./]+)?$/, (extension) => `.${name}${extension}`) };
}
