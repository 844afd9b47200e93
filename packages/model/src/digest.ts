// Digests: the name by which everything in Plombe is known.

/** `sha256:<64 lower-case hex>` or `sha512:<128 lower-case hex>`, OCI image specification, descriptor.md "Digests". */
export type Digest = string & { readonly __digest: unique symbol };

const hexLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Returns the text as a digest, or undefined where the algorithm is not sha256 or sha512 or the hex is not exact. */
export function parseDigest(text: string): Digest | undefined {
  const colon = text.indexOf(':');
  const length = hexLengths[text.slice(0, colon)];
  if (length === undefined || text.length !== colon + 1 + length) return undefined;
  return /^[0-9a-f]+$/.test(text.slice(colon + 1)) ? (text as Digest) : undefined;
}

/** Returns the algorithm of a digest, `sha256` or `sha512`. */
export function digestAlgorithm(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}
