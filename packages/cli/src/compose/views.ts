// Reports in a table, as JSON or as a page: where `-o` says, each made only when it is wanted.
import { jsonText } from '@plombe/kit';
import type { LoadedSettings } from '../settings/load.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';
import type { TextOptions } from './output.ts';
import { ownOutputs, wantsColour } from './reports.ts';

/** What a command can show; without `html` there is no page. */
export interface View {
  readonly json: () => unknown;
  readonly table: (options: TextOptions) => string;
  readonly html?: () => string;
}

/** Checks `-o` before any work is done; the answer writes the view. Throws `config/invalid`. */
export function viewOutputs(
  loaded: LoadedSettings,
  formats: readonly ('table' | 'json' | 'html')[],
): (view: View) => void {
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'table');
  return (view) => {
    for (const target of targets) {
      if (target.format === 'json') writeReport(target, [`${jsonText(view.json(), 2)}\n`]);
      else if (target.format === 'html') writeReport(target, [view.html?.() ?? '']);
      else {
        const { stdout } = process;
        const onTerminal = stdout.isTTY && target.path === undefined;
        const colour = onTerminal && wantsColour(process.env);
        writeReport(target, [view.table({ colour, width: onTerminal ? stdout.columns : 120 })]);
      }
    }
  };
}
