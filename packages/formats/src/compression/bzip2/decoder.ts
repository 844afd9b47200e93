// bzip2 streams (https://sourceware.org/bzip2/manual/manual.html): any number of them in a row, every check sum looked at.
import { maxMembers, tooManyMembers, type Decoder, type Problem, type Progress } from '../decoder.ts';
import type { Input } from '../input.ts';
import { BitReader, Bzip2Error } from './bits.ts';
import { readBlock, type Bzip2Block } from './block.ts';

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Bytes of a block for each of the nine levels. */
const levelBytes = 100_000;

/** Opens a decoder of one bzip2 stream, or several in a row. Memory: 3.6 MB for the block, 2.4 MB for what is read ahead. */
export function openBzip2(): Decoder {
  return new Bzip2Decoder();
}

class Bzip2Decoder implements Decoder {
  readonly #reader = new BitReader();
  #links = new Uint32Array(0);
  #block: Bzip2Block | undefined;
  #position = 0;
  #left = 0;
  /** The last byte of the block and how often it came in a row; after four the next byte says how often more. */
  #last = -1;
  #same = 0;
  #repeat = 0;
  #crc = 0;
  #combined = 0;
  #streams = 0;
  #inStream = false;

  async fill(input: Input, output: Uint8Array, check: (written: number) => Problem | undefined): Promise<Progress> {
    let written = 0;
    for (;;) {
      if (this.#block !== undefined) {
        written = this.#write(output, written);
        if (this.#left === 0 && this.#repeat === 0) {
          const problem = this.#endBlock();
          if (problem !== undefined) return { written, outcome: problem };
        }
        const problem = check(written);
        if (problem !== undefined) return { written, outcome: problem };
        if (written === output.length) return { written, outcome: 'more' };
        continue;
      }
      await this.#reader.ensure(input);
      const outcome = this.#next();
      if (outcome !== undefined) return { written, outcome };
    }
  }

  close(): void {
    this.#links = new Uint32Array(0);
    this.#block = undefined;
  }

  /** Reads what comes between blocks, and the next block. */
  #next(): 'end' | Problem | undefined {
    try {
      return this.#inStream ? this.#readBlock() : this.#readHeader();
    } catch (error) {
      if (error instanceof Bzip2Error) return corrupt(error.message);
      throw error;
    }
  }

  #readHeader(): 'end' | Problem | undefined {
    const reader = this.#reader;
    if (this.#streams > 0 && reader.atEnd) return 'end';
    let level = 0;
    try {
      if (reader.bits(24) === 0x425a68) level = reader.bits(8) - 0x30;
    } catch (error) {
      if (!(error instanceof Bzip2Error)) throw error;
    }
    if (level < 1 || level > 9) return this.#streams === 0 ? corrupt('invalid header') : trailing();
    if (this.#streams >= maxMembers) return tooManyMembers('members');
    if (this.#links.length !== level * levelBytes) this.#links = new Uint32Array(level * levelBytes);
    this.#inStream = true;
    this.#combined = 0;
    return undefined;
  }

  #readBlock(): Problem | undefined {
    const reader = this.#reader;
    const magic = [reader.bits(24), reader.bits(24)];
    if (magic[0] === 0x177245 && magic[1] === 0x385090) {
      const crc = reader.word();
      reader.align();
      this.#inStream = false;
      this.#streams += 1;
      return crc === this.#combined ? undefined : corrupt('the check sum does not fit the data');
    }
    if (magic[0] !== 0x314159 || magic[1] !== 0x265359) return corrupt('a block has no valid mark');
    const block = readBlock(reader, this.#links);
    this.#block = block;
    this.#position = block.start;
    this.#left = block.size;
    this.#last = -1;
    this.#same = 0;
    this.#repeat = 0;
    this.#crc = 0xffffffff;
    return undefined;
  }

  #write(output: Uint8Array, from: number): number {
    const { links } = this.#block as Bzip2Block;
    let [written, position, left, last, same, crc] = [
      from,
      this.#position,
      this.#left,
      this.#last,
      this.#same,
      this.#crc,
    ];
    while (written < output.length) {
      if (this.#repeat > 0) {
        const count = Math.min(this.#repeat, output.length - written);
        output.fill(last, written, written + count);
        for (let i = 0; i < count; i++) crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ last) & 0xff] as number);
        written += count;
        this.#repeat -= count;
        continue;
      }
      if (left === 0) break;
      const link = links[position] as number;
      const byte = link & 0xff;
      position = link >>> 8;
      left -= 1;
      if (same === 4) {
        this.#repeat = byte;
        same = 0;
        continue;
      }
      same = byte === last ? same + 1 : 1;
      last = byte;
      output[written++] = byte;
      crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ byte) & 0xff] as number);
    }
    [this.#position, this.#left, this.#last, this.#same, this.#crc] = [position, left, last, same, crc];
    return written;
  }

  #endBlock(): Problem | undefined {
    const { crc } = this.#block as Bzip2Block;
    this.#block = undefined;
    if (~this.#crc >>> 0 !== crc) return corrupt('the check sum of a block does not fit the data');
    this.#combined = (((this.#combined << 1) | (this.#combined >>> 31)) ^ crc) >>> 0;
    return undefined;
  }
}

function corrupt(what: string): Problem {
  return { kind: 'corrupt', message: `is not valid bzip2: ${what}` };
}

function trailing(): Problem {
  return { kind: 'trailing', message: 'has bytes after its last bzip2 stream that are none; they were left out' };
}
