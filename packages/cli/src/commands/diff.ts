// `plombe diff`: packages and findings that came, went or changed between two images or saved reports.
import { diffResults, isAllowed, isDifferent, newFindingsAt, renderDiff } from '@plombe/engine';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { openResult } from '../compose/results.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/**
 * Prints the difference. Returns 3 where one side was not fully assessed and `--allow` does not name its state; else with `--fail-on` 1 where a finding of that severity or
 * worse came or became so, without it 1 where anything differs; else 0.
 */
export async function diffCommand(before: string, after: string, loaded: LoadedSettings): Promise<number> {
  const { values } = loaded;
  const write = textOrJson(loaded);
  const { ctx, progress } = openSession(values);
  try {
    const a = await openResult(before, values, ctx);
    const b = await openResult(after, values, ctx);
    progress.clear();
    const diff = diffResults(a, b);
    write({ json: { schemaVersion: 1, ...diff }, text: (options) => renderDiff(diff, options) });
    const { failOn, allow = [] } = values;
    if (![a, b].every(({ assessment }) => isAllowed(assessment, allow))) return exitCodes.notAssessed;
    const differs = failOn === undefined ? isDifferent(diff) : newFindingsAt(diff, failOn).length > 0;
    return differs ? exitCodes.findings : exitCodes.fine;
  } finally {
    progress.clear();
  }
}
