// Reads what a .NET assembly calls itself while the file streams by: its assembly name and its version resource.
import { kibibyte, mebibyte } from '@plombe/kit';
import { ByteRun } from '../executable/window.ts';
import { type AssemblyName, parseAssemblyName } from './cli-metadata.ts';
import { parsePeHeaders, type PeHeaders, type PeRange } from './headers.ts';
import { parseVersionResource } from './version-info.ts';

/** Section tables end before 4 KiB. */
const headBytes = 16 * kibibyte;
/** Of an assembly without icons 2 KiB; icons may stand before the version. */
const maxResourceBytes = 2 * mebibyte;
/** The compiler's own, among the largest, has 4 MiB. */
const maxMetadataBytes = 16 * mebibyte;
const cliHeaderBytes = 16;

/** Texts of the version resource that tell of which product and version a file is. */
const versionKeys = ['CompanyName', 'FileVersion', 'OriginalFilename', 'ProductName', 'ProductVersion'] as const;

/** What an assembly says of itself. */
export interface AssemblyFacts {
  readonly assembly?: AssemblyName;
  /** By key of the version resource. */
  readonly texts: Readonly<Partial<Record<(typeof versionKeys)[number], string>>>;
}

/**
 * Reads one file, whose parts come in the order linkers write them: headers, CLI header, metadata; resources anywhere. What comes in another
 * order is not read. `write` answers false when no more is needed, at once for a file that is no PE or has no CLI header.
 */
export class AssemblyReader {
  #head: Buffer | undefined = Buffer.alloc(0);
  #offset = 0;
  #headers: PeHeaders | undefined;
  #cli: Part | undefined;
  #metadata: Part | undefined;
  #resources: Part | undefined;
  #done = false;

  write(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#done) return false;
    if (this.#head === undefined) this.#visit(bytes);
    else {
      this.#head = Buffer.concat([this.#head, bytes]);
      if (this.#head.length >= headBytes || (this.#head.length >= 2 && this.#head.readUInt16BE(0) !== 0x4d5a))
        this.#begin();
    }
    return !this.#done;
  }

  /** Undefined for a file that is no assembly. */
  finish(): AssemblyFacts | undefined {
    if (!this.#done && this.#head !== undefined) this.#begin();
    if (this.#headers?.cli === undefined) return undefined;
    const assembly = this.#metadata === undefined ? undefined : parseAssemblyName(this.#metadata.bytes());
    const found = this.#resources && parseVersionResource(this.#resources.bytes(), this.#headers.resources?.rva ?? 0);
    const texts: Record<string, string> = {};
    for (const key of versionKeys) {
      const text = found?.get(key);
      if (text !== undefined) texts[key] = text;
    }
    return { ...(assembly && { assembly }), texts };
  }

  #begin(): void {
    const head = this.#head as Buffer;
    this.#head = undefined;
    this.#headers = parsePeHeaders(head);
    const { cli, resources } = this.#headers ?? {};
    if (cli === undefined) {
      this.#done = true;
      return;
    }
    this.#cli = new Part({ ...cli, sizeBytes: cliHeaderBytes });
    if (resources !== undefined) this.#resources = new Part(limited(resources, maxResourceBytes));
    this.#visit(head);
  }

  #visit(bytes: Buffer): void {
    this.#cli?.feed(bytes, this.#offset);
    if (this.#metadata === undefined && this.#cli?.isWhole === true) {
      const header = this.#cli.bytes();
      const offset = this.#headers?.offsetOf(header.readUInt32LE(8));
      const range = { offset: offset ?? 0, sizeBytes: header.readUInt32LE(12), rva: 0 };
      this.#metadata = new Part(limited(range, maxMetadataBytes));
    }
    this.#metadata?.feed(bytes, this.#offset);
    this.#resources?.feed(bytes, this.#offset);
    this.#offset += bytes.length;
    const parts = [this.#cli, this.#metadata, this.#resources];
    this.#done = parts.every((part, index) =>
      part === undefined ? index === 2 : part.isWhole || part.isLost(this.#offset),
    );
  }
}

function limited(range: PeRange, maxBytes: number): PeRange {
  return { ...range, sizeBytes: Math.min(range.sizeBytes, maxBytes) };
}

/** A part of the file that is collected as it comes. */
class Part {
  readonly #range: PeRange;
  readonly #run: ByteRun;

  constructor(range: PeRange) {
    this.#range = range;
    this.#run = new ByteRun(range.offset);
  }

  get isWhole(): boolean {
    return this.#run.sizeBytes >= this.#range.sizeBytes;
  }

  /** True where its first byte has gone by. */
  isLost(offset: number): boolean {
    return this.#run.sizeBytes === 0 && this.#range.offset < offset;
  }

  feed(bytes: Buffer, offset: number): void {
    const end = this.#range.offset + this.#range.sizeBytes - offset;
    if (!this.isWhole && end > 0) this.#run.feed(bytes.subarray(0, end), offset);
  }

  bytes(): Buffer {
    return this.#run.bytes();
  }
}
