// Header blocks of mail messages (RFC 822, RFC 5322 section 2.2), the form of Python's core metadata.
import { decodeText } from '@plombe/kit';

/** Field names in lower case → values in order of appearance; folded lines are joined by `\n`, without their indent. */
export type MailHeaders = ReadonlyMap<string, readonly string[]>;

/**
 * Parses the headers up to the first empty line; the body is not looked at. Lines that are no field are skipped, as mail
 * readers do. A byte order mark and CR before LF are accepted. Linear, never throws.
 */
export function parseMailHeaders(content: Uint8Array): MailHeaders {
  const text = decodeText(content);
  const headers = new Map<string, string[]>();
  let open: { readonly values: string[]; readonly lines: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined) open.values.push(open.lines.join('\n').trim());
    open = undefined;
  };
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    let end = newline < 0 ? text.length : newline;
    const next = end + 1;
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end -= 1;
    if (end === at) break;
    const first = text.charCodeAt(at);
    if (first === 0x20 || first === 0x09) {
      open?.lines.push(text.slice(at, end).trim());
    } else {
      close();
      const line = text.slice(at, end);
      const colon = line.indexOf(':');
      if (colon > 0) open = field(headers, line.slice(0, colon), line.slice(colon + 1));
    }
    at = next;
  }
  close();
  return headers;
}

function field(headers: Map<string, string[]>, name: string, value: string) {
  const key = name.trim().toLowerCase();
  let values = headers.get(key);
  if (values === undefined) headers.set(key, (values = []));
  return { values, lines: [value.trim()] };
}
