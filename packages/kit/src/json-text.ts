// JSON that a terminal, an editor or a log may show as it stands.

/**
 * Returns the JSON of a value in ASCII where it matters: DEL, C1 controls, line and paragraph separators, marks and overrides of direction and byte order marks are
 * `\uXXXX` escapes, which JSON itself leaves as they are. Every reader gets the same text. (T21, T68)
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
