// Hostile text within HTML and XML: nothing in it opens an element, ends an attribute or is invisible.
import { inert } from '@plombe/kit';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and XML 1.0, also within quotes: entities for markup, visible escapes for control characters (T21, T68). */
export function escapeMarkup(text: string): string {
  return inert(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (letter) => entities[letter] ?? '');
}

/** The address where it is http or https and well formed, else undefined: no `javascript:`, no `data:`, no relative ones. */
export function safeAddress(address: string): string | undefined {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const { href, username, password } = new URL(address);
  return username === '' && password === '' ? href : undefined;
}
