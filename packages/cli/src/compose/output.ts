// One result, as text for people or as one JSON document, where `-o` says.
import type { LoadedSettings } from '../settings/load.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';
import { ownOutputs, wantsColour } from './reports.ts';

/** How text is laid out. */
export interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
}

/** Checks `-o` before any work is done; the answer writes the result. Throws `config/invalid`. */
export function textOrJson(
  loaded: LoadedSettings,
): (result: { readonly json: unknown; text(options: TextOptions): string }) => void {
  const formats = ['text', 'json'];
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'text');
  return (result) => {
    for (const target of targets) {
      const { stdout } = process;
      const onTerminal = stdout.isTTY && target.path === undefined;
      const options = {
        colour: onTerminal && wantsColour(process.env),
        // A log has no width of its own; tables are laid out for the same.
        width: onTerminal ? stdout.columns : 120,
      };
      writeReport(target, [
        target.format === 'json' ? `${JSON.stringify(result.json, null, 2)}\n` : result.text(options),
      ]);
    }
  };
}
