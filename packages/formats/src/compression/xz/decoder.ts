// xz streams (https://tukaani.org/xz/xz-file-format.txt, 1.2.1): any number in a row, padding between them, every check and size looked at.
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { mebibyte } from '@plombe/kit';
import { maxMembers, tooManyMembers, type Decoder, type Problem, type Progress } from '../decoder.ts';
import type { Input } from '../input.ts';
import { openCheck, type Check } from './check.ts';
import { filtered, type BlockData } from './filters.ts';
import { Lzma2 } from './lzma2.ts';
import { take, XzError } from './source.ts';

/** `xz -9` takes 64 MiB. The same as what zstd's windows may have. */
const maxDictionaryBytes = 128 * mebibyte;
const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);
const lzma2Filter = 0x21;

interface Block {
  readonly data: BlockData;
  readonly headerBytes: number;
  readonly check: Check;
  readonly storedBytes: number | undefined;
  readonly outBytes: number | undefined;
  written: number;
}

/** Opens a decoder of one xz stream, or several in a row. Memory: the dictionary, as far as it fills, and 100 KiB. */
export function openXz(): Decoder {
  return new XzDecoder();
}

class XzDecoder implements Decoder {
  #streams = 0;
  #blocks = 0;
  #flags: Uint8Array | undefined;
  #block: Block | undefined;
  /** Of the sizes of the blocks: the index has to have the same. */
  #sizes: Hash = createHash('sha256');
  #count = 0;

  async fill(input: Input, output: Uint8Array, check: (written: number) => Problem | undefined): Promise<Progress> {
    let written = 0;
    try {
      for (;;) {
        const block = this.#block;
        if (block === undefined) {
          const outcome = await this.#advance(input);
          if (outcome !== undefined) return { written, outcome };
        } else if (block.data.left > 0) {
          const count = block.data.write(output, written, output.length - written);
          block.check.update(output.subarray(written, written + count));
          block.written += count;
          written += count;
          const problem = check(written);
          if (problem !== undefined) return { written, outcome: problem };
          if (written === output.length) return { written, outcome: 'more' };
        } else if (!(await block.data.next(input))) await this.#endBlock(input, block);
      }
    } catch (error) {
      if (error instanceof XzError) return { written, outcome: { kind: error.kind, message: messageOf(error) } };
      throw error;
    }
  }

  close(): void {
    this.#block = undefined;
  }

  /** Reads what comes where no block is open. */
  async #advance(input: Input): Promise<'end' | Problem | undefined> {
    if (this.#flags === undefined) return this.#readStreamHeader(input);
    const [size = 0] = await take(input, 1);
    if (size === 0) await this.#readIndex(input, this.#flags);
    else await this.#readBlockHeader(input, size, this.#flags);
    return undefined;
  }

  async #readStreamHeader(input: Input): Promise<'end' | Problem | undefined> {
    if (this.#streams > 0) {
      // Padding comes in fours; what is neither padding nor a stream belongs to something else.
      for (;;) {
        if (input.left === 0 && !(await input.more())) return 'end';
        if (input.bytes[input.at] !== 0) break;
        const padding = await take(input, 4);
        if (padding.some((byte) => byte !== 0)) return trailing();
      }
      if (input.bytes[input.at] !== magic[0]) return trailing();
    }
    if (this.#streams >= maxMembers) return tooManyMembers('members');
    const head = Buffer.from(await take(input, 12));
    if (!head.subarray(0, 6).equals(magic))
      return this.#streams > 0 ? trailing() : { kind: 'corrupt', message: 'is not valid xz: invalid header' };
    const flags = head.subarray(6, 8);
    if (head.readUInt32LE(8) !== crc32(flags)) throw new XzError('a header has a wrong check sum');
    if (flags[0] !== 0 || ((flags[1] as number) & 0xf0) !== 0) throw new XzError('a header has unknown flags');
    if (openCheck(flags[1] as number) === undefined)
      throw new XzError('a check sum is of an unknown kind', 'unsupported');
    this.#flags = Uint8Array.from(flags);
    this.#streams += 1;
    this.#count = 0;
    this.#sizes = createHash('sha256');
    return undefined;
  }

  async #readBlockHeader(input: Input, sizeByte: number, flags: Uint8Array): Promise<void> {
    this.#blocks += 1;
    if (this.#blocks > maxMembers) throw new XzError('has too many blocks', 'limit');
    const headerBytes = (sizeByte + 1) * 4;
    const header = Buffer.concat([Uint8Array.of(sizeByte), await take(input, headerBytes - 1)]);
    if (header.readUInt32LE(headerBytes - 4) !== crc32(header.subarray(0, -4)))
      throw new XzError('the header of a block has a wrong check sum');
    const fields = new Fields(header.subarray(1, -4));
    const own = fields.byte();
    if ((own & 0x3c) !== 0) throw new XzError('the header of a block has unknown flags');
    const storedBytes = (own & 0x40) === 0 ? undefined : fields.number();
    const outBytes = (own & 0x80) === 0 ? undefined : fields.number();
    const filters = Array.from({ length: own & 3 }, () => fields.filter());
    const packing = fields.filter();
    if (packing.id !== lzma2Filter) throw new XzError('needs a filter that is not known', 'unsupported');
    if (packing.properties.length !== 1) throw new XzError('a filter has no valid properties');
    const dictionaryBytes = dictionarySize(packing.properties[0] as number);
    if (dictionaryBytes > maxDictionaryBytes) throw new XzError('needs a dictionary of more than 128 MiB', 'limit');
    fields.end();
    const check = openCheck(flags[1] as number) as Check;
    // The first filter was the first to pack, so it is the last to unpack.
    const data = filters.reduceRight<BlockData>(
      (inner, { id, properties }) => filtered(id, properties, inner),
      new Lzma2(dictionaryBytes),
    );
    this.#block = { data, headerBytes, check, storedBytes, outBytes, written: 0 };
  }

  async #endBlock(input: Input, { data, headerBytes, check, storedBytes, outBytes, written }: Block): Promise<void> {
    this.#block = undefined;
    const padding = await take(input, (4 - (data.storedBytes % 4)) % 4);
    if (padding.some((byte) => byte !== 0)) throw new XzError('the padding of a block is not empty');
    if (!check.fits(await take(input, check.sizeBytes)))
      throw new XzError('the check sum of a block does not fit the data');
    if ((storedBytes ?? data.storedBytes) !== data.storedBytes || (outBytes ?? written) !== written) {
      throw new XzError('a block has another size than it says');
    }
    this.#sizes.update(`${headerBytes + data.storedBytes + check.sizeBytes} ${written}\n`);
    this.#count += 1;
  }

  async #readIndex(input: Input, flags: Uint8Array): Promise<void> {
    const fields = new IndexFields(input);
    const count = await fields.number();
    if (count !== this.#count) throw new XzError('its index does not fit its blocks');
    const sizes = createHash('sha256');
    for (let i = 0; i < count; i++) sizes.update(`${await fields.number()} ${await fields.number()}\n`);
    const indexBytes = await fields.end();
    if (!sizes.digest().equals(this.#sizes.digest())) throw new XzError('its index does not fit its blocks');
    const footer = Buffer.from(await take(input, 12));
    const sound =
      footer.readUInt32LE(0) === crc32(footer.subarray(4, 10)) &&
      (footer.readUInt32LE(4) + 1) * 4 === indexBytes &&
      footer.subarray(8, 10).equals(flags) &&
      footer.toString('latin1', 10) === 'YZ';
    if (!sound) throw new XzError('its footer is not valid');
    this.#flags = undefined;
  }
}

/** The fields of a block's header, which has been read whole. */
class Fields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new XzError('a header is cut off');
    return byte;
  }

  number(): number {
    let value = 0;
    for (let i = 0; ; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return checked(value, byte, i);
      if (i === 8) throw new XzError('a number is too long');
    }
  }

  filter(): { readonly id: number; readonly properties: Uint8Array } {
    const id = this.number();
    const size = this.number();
    if (size > this.#bytes.length - this.#at) throw new XzError('a header is cut off');
    const properties = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return { id, properties };
  }

  end(): void {
    if (this.#bytes.subarray(this.#at).some((byte) => byte !== 0))
      throw new XzError('the padding of a header is not empty');
  }
}

/** The numbers of an index, which may be long, while its check sum is made. */
class IndexFields {
  readonly #input: Input;
  #size = 1;
  #crc = crc32(Uint8Array.of(0));

  constructor(input: Input) {
    this.#input = input;
  }

  async number(): Promise<number> {
    let value = 0;
    for (let i = 0; ; i++) {
      const byte = await this.#byte();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return checked(value, byte, i);
      if (i === 8) throw new XzError('a number is too long');
    }
  }

  /** Reads padding and check sum; returns the size of the index. */
  async end(): Promise<number> {
    while (this.#size % 4 !== 0)
      if ((await this.#byte()) !== 0) throw new XzError('the padding of the index is not empty');
    const crc = this.#crc;
    if (Buffer.from(await take(this.#input, 4)).readUInt32LE() !== crc)
      throw new XzError('its index has a wrong check sum');
    return this.#size + 4;
  }

  async #byte(): Promise<number> {
    const bytes = await take(this.#input, 1);
    this.#crc = crc32(bytes, this.#crc);
    this.#size += 1;
    return bytes[0] as number;
  }
}

/** A number has no more bytes than it needs, and here none beyond 2^53. */
function checked(value: number, lastByte: number, index: number): number {
  if ((index > 0 && lastByte === 0) || !Number.isSafeInteger(value)) throw new XzError('a number is not valid');
  return value;
}

function dictionarySize(bits: number): number {
  if (bits > 40) throw new XzError('a filter has no valid properties');
  return bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
}

function messageOf({ kind, message }: XzError): string {
  return kind === 'corrupt' ? `is not valid xz: ${message}` : message;
}

function trailing(): Problem {
  return { kind: 'trailing', message: 'has bytes after its last xz stream that are none; they were left out' };
}
