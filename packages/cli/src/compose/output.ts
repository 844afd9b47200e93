// One result, as text for people or as one JSON document, where `-o` says.
import type { LoadedSettings } from '../settings/load.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';
import { ownOutputs, wantsColour } from './reports.ts';

/** How text is laid out. */
export interface TextOptions {
  readonly colour: boolean;
  readonly width: number;
}

/**
 * Renders JSON whose text changes no terminal: statements and annotations are what somebody else wrote, and JSON itself leaves C1 controls and
 * marks of direction as they are (T68). Any reader of JSON gets the same text.
 */
export function jsonText(value: unknown): string {
  return escaped(JSON.stringify(value, null, 2));
}

/** Renders JSON as `jsonText` does, as one line of JSON Lines, with its LF. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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
      writeReport(target, [target.format === 'json' ? `${jsonText(result.json)}\n` : result.text(options)]);
    }
  };
}
