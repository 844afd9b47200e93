// ECDSA signatures from DER to the fixed width that JWS and COSE want (RFC 7518 section 3.4, RFC 9053 section 2.1).
import { isPlombeError } from '@plombe/kit';
import { parseDer, readIntegerBytes, tag } from '@plombe/pki';

const widths: Readonly<Record<string, number>> = { 'EC-256': 32, 'EC-384': 48, 'EC-521': 66 };

/** Returns r and s side by side, or undefined where the signature is not DER of numbers that fit, or the key is not ECDSA. */
export function fixedWidthSignature(keySpec: string, signature: Uint8Array): Uint8Array | undefined {
  const width = widths[keySpec];
  if (width === undefined) return undefined;
  try {
    const node = parseDer(signature);
    if (node.tag !== tag.sequence || node.children.length !== 2) return undefined;
    const out = new Uint8Array(2 * width);
    for (const [index, child] of node.children.entries()) {
      const bytes = readIntegerBytes(child);
      const number = bytes[0] === 0 ? bytes.subarray(1) : bytes;
      if (number.length > width) return undefined;
      out.set(number, (index + 1) * width - number.length);
    }
    return out;
  } catch (thrown) {
    if (isPlombeError(thrown)) return undefined;
    throw thrown;
  }
}
