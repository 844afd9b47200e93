// Text as man reads it: groff_man(7).

/** Escapes a line of text, so that nothing in it is a request of roff. */
export function roffText(text: string): string {
  const escaped = text.replaceAll('\\', String.raw`\e`).replaceAll('-', String.raw`\-`);
  return /^[.']/.test(escaped) ? String.raw`\&${escaped}` : escaped;
}

/** Lines as they stand, such as examples. */
export function roffLines(text: string): readonly string[] {
  return ['.nf', ...text.split('\n').map(roffText), '.fi'];
}

/** The argument of a request: quotes are doubled. */
export function roffArgument(text: string): string {
  return `"${roffText(text).replaceAll('"', '""')}"`;
}
