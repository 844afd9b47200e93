// How values are escaped in a template's output: by the extension of the file that it makes.
import { inert } from '@plombe/kit';
import { csvCell } from '../escaping/csv.ts';
import { escapeMarkdown } from '../escaping/markdown.ts';
import { escapeMarkup } from '../escaping/markup.ts';

/** Makes a value's text harmless in the place of a template where it stands. */
export type Escape = (text: string) => string;

/** The inside of a JSON or YAML double-quoted string; control characters and marks of direction stay escaped in it. */
function quotedText(text: string): string {
  return JSON.stringify(text.toWellFormed())
    .slice(1, -1)
    .replace(
      /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

const byExtension: Readonly<Record<string, Escape>> = {
  html: escapeMarkup,
  htm: escapeMarkup,
  xhtml: escapeMarkup,
  xml: escapeMarkup,
  svg: escapeMarkup,
  md: escapeMarkdown,
  markdown: escapeMarkdown,
  csv: csvCell,
  json: quotedText,
  jsonl: quotedText,
  yaml: quotedText,
  yml: quotedText,
};

/** Endings that say only that a file is a template. */
const templateEnding = /\.(?:tmpl|tpl|mustache|template)$/i;

/** Returns the escaping for the file made, or where that is none, for the template itself without `.tmpl`, `.tpl` or `.mustache`. */
export function escapeFor(templatePath: string, outputPath?: string): Escape {
  const name = outputPath ?? templatePath.replace(templateEnding, '');
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(byExtension, extension) ? (byExtension[extension] ?? inert) : inert;
}
