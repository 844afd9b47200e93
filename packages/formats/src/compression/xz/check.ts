// The check sums that xz puts behind each block (xz file format 1.2.1, 2.1.1.2): none, CRC-32, CRC-64 and SHA-256.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Check {
  readonly sizeBytes: number;
  update(bytes: Uint8Array): void;
  fits(stored: Uint8Array): boolean;
}

/** Opens the check of a stream by its number; undefined for one that nobody has defined. */
export function openCheck(id: number): Check | undefined {
  switch (id) {
    case 0:
      return { sizeBytes: 0, update: () => undefined, fits: () => true };
    case 1:
      return new Crc32();
    case 4:
      return new Crc64();
    case 10:
      return new Sha256();
    default:
      return undefined;
  }
}

class Crc32 implements Check {
  readonly sizeBytes = 4;
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  fits(stored: Uint8Array): boolean {
    return Buffer.from(stored).readUInt32LE() === this.#value;
  }
}

class Sha256 implements Check {
  readonly sizeBytes = 32;
  readonly #hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  fits(stored: Uint8Array): boolean {
    return this.#hash.digest().equals(stored);
  }
}

/** ECMA-182, reflected, as two halves: numbers of JavaScript have 53 bits. */
const [lowTable, highTable] = crc64Tables();

function crc64Tables(): readonly [Uint32Array, Uint32Array] {
  const [lows, highs] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [low, high] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = (low & 1) === 1;
      low = ((low >>> 1) | (high << 31)) >>> 0;
      high >>>= 1;
      if (odd) [low, high] = [(low ^ 0xd7870f42) >>> 0, (high ^ 0xc96c5795) >>> 0];
    }
    [lows[byte], highs[byte]] = [low, high];
  }
  return [lows, highs];
}

class Crc64 implements Check {
  readonly sizeBytes = 8;
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] as number);
      high = (high >>> 8) ^ (highTable[index] as number);
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }

  fits(stored: Uint8Array): boolean {
    const bytes = Buffer.from(stored);
    return bytes.readUInt32LE(0) === ~this.#low >>> 0 && bytes.readUInt32LE(4) === ~this.#high >>> 0;
  }
}
