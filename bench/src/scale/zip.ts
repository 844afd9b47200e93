// A zip archive written entry by entry, with the ZIP64 directory that 65,535 entries and more need (APPNOTE 6.3.10).
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

/** Writes deflated entries to a file; `close` writes the directory. */
export class ZipWriter {
  readonly #file: number;
  readonly #directory: Buffer[] = [];
  #at = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  add(name: string, text: string): void {
    const bytes = Buffer.from(text);
    const packed = deflateRawSync(bytes, { level: 6 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    const label = Buffer.from(name);
    fields.writeUInt16LE(label.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(this.#at, 10);
    this.#directory.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), fields, tail, label);
    this.#write(Buffer.from([0x50, 0x4b, 3, 4]), fields, label, packed);
  }

  close(): void {
    const [start, count] = [this.#at, this.#directory.length / 4];
    const directory = Buffer.concat(this.#directory);
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    end64.writeUInt16LE(45, 12);
    end64.writeUInt16LE(45, 14);
    for (const at of [24, 32]) end64.writeBigUInt64LE(BigInt(count), at);
    end64.writeBigUInt64LE(BigInt(directory.length), 40);
    end64.writeBigUInt64LE(BigInt(start), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
    locator.writeUInt32LE(1, 16);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    for (const at of [8, 10]) end.writeUInt16LE(0xffff, at);
    for (const at of [12, 16]) end.writeUInt32LE(0xffffffff, at);
    this.#write(directory, end64, locator, end);
    this.#flush();
    closeSync(this.#file);
  }

  #write(...parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.length;
      this.#at += part.length;
    }
    if (this.#pendingBytes > 4 * 1024 * 1024) this.#flush();
  }

  #flush(): void {
    writeSync(this.#file, Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
