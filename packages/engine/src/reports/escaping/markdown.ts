// Hostile text within GitHub-flavoured Markdown: shown as written, without links, images, mentions, references or HTML.
import { inert } from '@plombe/kit';

/**
 * Text for a line or a cell of a table. Every character that Markdown gives a meaning becomes a character reference, which it takes for text. GitHub and GitLab
 * look for mentions and references in what Markdown made of it, where a reference is the character again: a word joiner, which has no width, keeps their sign from the name (T68).
 */
export function escapeMarkdown(text: string): string {
  return inert(text).replace(
    /([@#!~$%&])(?=\w)|[\\`*_{}[\]()<>#+!|~&@$"'=]|:(?=\/\/)|(?<=\bwww)\.|^-|(?<=^\d+)\.(?=\s|$)/gi,
    (letter, sign: string | undefined) => `&#${letter.codePointAt(0) ?? 0};${sign === undefined ? '' : '&#8288;'}`,
  );
}

/** An id or version as code: nothing within it is Markdown but backticks and the bar of a table, which become others. */
export function markdownCode(text: string): string {
  const shown = inert(text).replaceAll('`', 'ˋ').replaceAll('|', '¦');
  return shown.trim() === '' ? '–' : `\`${shown}\``;
}
