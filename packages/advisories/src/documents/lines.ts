// Streams the lines of a text document.
import { decodeText } from '@plombe/kit';

/** Longest line kept, 1 MiB; the longest in the feeds have under 20 KiB. A longer one is cut, so that memory stays bounded. */
const maxLineBytes = 1024 * 1024;

/** Yields the lines without their ends (LF or CR LF), in batches of one chunk each. Invalid UTF-8 becomes U+FFFD. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a);
    if (end < 0) {
      rest = bytes.slice(0, maxLineBytes);
      continue;
    }
    rest = bytes.slice(end + 1).subarray(0, maxLineBytes);
    yield splitLines(bytes.subarray(0, end));
  }
  if (rest.length > 0) yield splitLines(rest);
}

function splitLines(bytes: Uint8Array): string[] {
  return decodeText(bytes)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
