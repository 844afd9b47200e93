// Bytes and text: decoding that keeps distinct names distinct, and joining of chunks.

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a path: UTF-8 where valid, else every invalid byte becomes the lone surrogate U+DC80 + (byte - 0x80), so that
 * distinct byte strings stay distinct strings (T03). No Unicode normalisation.
 */
export function decodePath(bytes: Uint8Array): string {
  let ascii = true;
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) >= 0x80) {
      ascii = false;
      break;
    }
  }
  if (ascii) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  try {
    return strict.decode(bytes);
  } catch {
    return decodeEscaped(bytes);
  }
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[i] as number));
      i += 1;
    } else {
      text += strict.decode(bytes.subarray(i, i + length));
      i += length;
    }
  }
  return text;
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    strict.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

/** The inverse of `decodePath`: UTF-8, and each of U+DC80–U+DCFF as the single byte it stands for. */
export function encodePath(path: string): Uint8Array {
  if (path.isWellFormed()) return Buffer.from(path);
  const parts = path.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/);
  return Buffer.concat(
    parts.map((part) =>
      part.length === 1 && /[\udc80-\udcff]/.test(part)
        ? Buffer.from([part.charCodeAt(0) - 0xdc00])
        : Buffer.from(part),
    ),
  );
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes text that need not round-trip; invalid bytes become U+FFFD. A byte order mark is kept. */
export function decodeText(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** Returns lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Joins chunks into one array; a single chunk is returned as it is. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/** Reads a whole stream, at most `maxBytes`; answers undefined where it is longer. */
export async function readAll(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
