// Bytes of an xz stream, taken one by one where they are at hand, counted and followed by check sums.
import type { Input } from '../input.ts';

/** Thrown where the bytes make no sense, or are beyond a limit; the decoder turns it into its problem. */
export class XzError extends Error {
  readonly kind: 'corrupt' | 'limit' | 'unsupported';

  constructor(message: string, kind: XzError['kind'] = 'corrupt') {
    super(message);
    this.kind = kind;
  }
}

/** Exactly so many bytes of the input. Throws XzError where it ends before. */
export async function take(input: Input, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    if (input.left === 0 && !(await input.more())) throw new XzError('it is cut off');
    const piece = input.bytes.subarray(input.at, input.at + size - at);
    bytes.set(piece, at);
    at += piece.length;
    input.at += piece.length;
  }
  return bytes;
}
