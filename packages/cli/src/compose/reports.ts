// Writes one result to every output that was asked for; with several platforms each file carries its platform's name.
import { reportFormats } from '@plombe/engine';
import { formatPlatform, type Inventory, type ScanResult } from '@plombe/model';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { parseOutputs, writeReport, type OutputTarget } from '../terminal/output.ts';

/** Parses the `-o` values before any work is done. Throws `config/invalid`. */
export function reportTargets(values: Settings, allowed: readonly string[], fallback: string): readonly OutputTarget[] {
  return parseOutputs(values.output ?? [], allowed, fallback);
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
export function writeReports(result: ScanResult, targets: readonly OutputTarget[], values: Settings): void {
  const { stdout } = process;
  const terminal = stdout.isTTY;
  for (const target of targets) {
    const format = reportFormats.find(({ id }) => id === target.format);
    if (format === undefined) continue;
    const onTerminal = terminal && target.path === undefined;
    const pieces = format.render(result, {
      colour: onTerminal && wantsColour(process.env),
      evidence: values.evidence ?? false,
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
