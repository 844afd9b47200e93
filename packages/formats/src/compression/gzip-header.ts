// The header of a gzip member, read byte by byte because it may be split anywhere (RFC 1952, 2.3).
import { kibibyte } from '@plombe/kit';
import type { Input } from './input.ts';

const flagHeaderCrc = 2;
const flagExtra = 4;
const flagName = 8;
const flagComment = 16;
const flagsReserved = 0xe0;

/** Name and comment together; the extra field has 64 KiB by its nature. pigz and gzip write a file name, 255 bytes at most. */
const maxTextBytes = 64 * kibibyte;

/** Skips one header; call `read` until it answers something else than `more`. */
export class GzipHeader {
  #position = 0;
  #flags = 0;
  #extraSize = 0;
  #skip = 0;
  #text = 0;
  #step: 'fixed' | 'extra-size' | 'skip' | 'name' | 'comment' | 'crc' = 'fixed';

  reset(): void {
    this.#position = 0;
    this.#text = 0;
    this.#step = 'fixed';
  }

  read(input: Pick<Input, 'bytes' | 'at' | 'left'>): 'more' | 'done' | 'invalid' {
    while (input.left > 0) {
      const verdict = this.#byte(input.bytes[input.at++] as number);
      if (verdict !== 'more') return verdict;
    }
    return 'more';
  }

  #byte(byte: number): 'more' | 'done' | 'invalid' {
    switch (this.#step) {
      case 'fixed':
        return this.#fixed(byte);
      case 'extra-size':
        this.#extraSize += byte * 256 ** this.#position++;
        if (this.#position < 2) return 'more';
        this.#skip = this.#extraSize;
        this.#step = 'skip';
        return this.#skip === 0 ? this.#next(flagName) : 'more';
      case 'skip':
        this.#skip -= 1;
        return this.#skip === 0 ? this.#next(flagName) : 'more';
      case 'name':
      case 'comment':
        this.#text += 1;
        if (this.#text > maxTextBytes) return 'invalid';
        return byte !== 0 ? 'more' : this.#next(this.#step === 'name' ? flagComment : flagHeaderCrc);
      default:
        this.#position += 1;
        return this.#position === 2 ? 'done' : 'more';
    }
  }

  #fixed(byte: number): 'more' | 'done' | 'invalid' {
    const at = this.#position++;
    if (at === 0 && byte !== 0x1f) return 'invalid';
    if (at === 1 && byte !== 0x8b) return 'invalid';
    if (at === 2 && byte !== 8) return 'invalid';
    if (at === 3) {
      this.#flags = byte;
      if ((byte & flagsReserved) !== 0) return 'invalid';
    }
    return at < 9 ? 'more' : this.#next(flagExtra);
  }

  /** Goes on with the first optional field from `flag` on that is present. */
  #next(flag: number): 'more' | 'done' {
    this.#position = 0;
    if (flag === flagExtra && (this.#flags & flagExtra) !== 0) {
      this.#extraSize = 0;
      this.#step = 'extra-size';
    } else if (flag !== flagComment && flag !== flagHeaderCrc && (this.#flags & flagName) !== 0) this.#step = 'name';
    else if (flag !== flagHeaderCrc && (this.#flags & flagComment) !== 0) this.#step = 'comment';
    else if ((this.#flags & flagHeaderCrc) !== 0) this.#step = 'crc';
    else return 'done';
    return 'more';
  }
}
