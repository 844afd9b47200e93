// Hostile text within GitHub-flavoured Markdown: shown as written, without links, images, mentions, references or HTML.
import { inert } from '@plombe/kit';

/**
 * Text for a line or a cell of a table. Every character that Markdown gives a meaning becomes a character reference, which it takes for text;
 * `@`, `#` and what makes an address are among them, so that nobody is mentioned and nothing is linked (T68).
 */
export function escapeMarkdown(text: string): string {
  return inert(text).replace(/[\\`*_{}[\]()<>#+!|~&@$"'=]|:(?=\/\/)|(?<=\bwww)\.|^[-.]|(?<=^\d+)[.]/gi, (letter) => {
    return `&#${letter.codePointAt(0) ?? 0};`;
  });
}

/** An id or version as code: nothing within it is Markdown but backticks and the bar of a table, which become others. */
export function markdownCode(text: string): string {
  const shown = inert(text).replaceAll('`', 'ˋ').replaceAll('|', '¦');
  return shown.trim() === '' ? '–' : `\`${shown}\``;
}
