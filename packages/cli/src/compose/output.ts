// One result, as text for people or as one JSON document, where `-o` says.
import { jsonText } from '@plombe/kit';
import type { LoadedSettings } from '../settings/load.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';
import { ownOutputs, wantsColour } from './reports.ts';

/** How text is laid out. */
export interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
}

/** Renders JSON as one line of JSON Lines, with its LF. */
export function jsonLine(value: unknown): string {
  return `${jsonText(value)}\n`;
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
      writeReport(target, [target.format === 'json' ? `${jsonText(result.json, 2)}\n` : result.text(options)]);
    }
  };
}
