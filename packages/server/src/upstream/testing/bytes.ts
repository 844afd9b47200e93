// Bytes that compress badly and are the same each time.
import { createHash } from 'node:crypto';

/** Returns so many of them. */
export function deterministicBytes(sizeBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < sizeBytes; at += 64) pieces.push(createHash('sha512').update(String(at)).digest());
  return Buffer.concat(pieces).subarray(0, sizeBytes);
}
