// os-release: assignments quoted as a shell quotes them.

/** Characters of one value that is kept: the longest in use, CPE names and URLs, have under 120. */
const maxValueLength = 512;

/**
 * Parses os-release(5): key → value of the last assignment, as a shell would read it. Quotes, escapes, comments, CRLF and a byte
 * order mark are understood; text that is no assignment is passed over; blanks inside an unquoted value stay, as systemd has it.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)) {
    const assignment = line.trimStart();
    const equals = assignment.indexOf('=');
    const key = assignment.slice(0, Math.max(equals, 0));
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(key)) continue;
    values.set(key, unquote(assignment.slice(equals + 1)).slice(0, maxValueLength));
  }
  return values;
}

function unquote(text: string): string {
  let value = '';
  let quote = '';
  /** Length of the value without the unquoted blanks at its end. */
  let solid = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    const next = text[i + 1];
    if (c === '\\' && quote !== "'" && next !== undefined && (quote === '' || '"\\$`'.includes(next))) {
      value += next;
      i += 1;
    } else if (c === quote) {
      quote = '';
    } else if (quote === '' && (c === '"' || c === "'")) {
      quote = c;
    } else if (quote === '' && (c === ' ' || c === '\t')) {
      if (next === '#' || value === '') break;
      value += c;
      continue;
    } else {
      value += c;
    }
    solid = value.length;
  }
  return value.slice(0, solid);
}
